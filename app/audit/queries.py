"""What others ask the audit: whether the journal is as it was written."""

from __future__ import annotations

from app.audit.service import check
from app.audit.verifying import Report

__all__ = ["Report", "check"]
