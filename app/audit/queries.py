"""What others ask the audit: whether the journal is as it was written, and when that was last sealed."""

from __future__ import annotations

from app.audit.service import check
from app.audit.verifying import Fault, Report

__all__ = ["Fault", "Report", "broken", "check"]


def broken() -> list[str]:
    """Every fault as one short text; empty when the chains verify and agree with the anchors."""
    return [f"{fault.code} chain={fault.chain or '-'} seq={fault.seq} row={fault.number}" for fault in check().faults]
