"""What others may ask of 派单."""

from __future__ import annotations

from app.dispatching.judging import Conflict, Fit, conflicts, fit, fit_anyhow, objections

__all__ = ["Conflict", "Fit", "conflicts", "fit", "fit_anyhow", "objections"]
