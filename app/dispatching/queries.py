"""What others may ask of 派单. Judging a pair: judging.py; choices for the desk: ranking.py; the past: history.py."""

from __future__ import annotations

from app.dispatching.history import expected_wait, run, runs
from app.dispatching.judging import Conflict, Fit, conflicts, fit, fit_anyhow, objections
from app.dispatching.ranking import Choice, Choices, candidates
from app.dispatching.wording import offer_words, unplaced_words

__all__ = [
    "Choice",
    "Choices",
    "Conflict",
    "Fit",
    "candidates",
    "conflicts",
    "expected_wait",
    "fit",
    "fit_anyhow",
    "objections",
    "offer_words",
    "run",
    "runs",
    "unplaced_words",
]
