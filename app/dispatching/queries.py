"""What others may ask of 派单. Judging a pair: judging.py; choices for the desk: ranking.py; the past: history.py."""

from __future__ import annotations

from app.dispatching.answering import ASSUMED, answer_models
from app.dispatching.asking import Asking, asking_of, askings_of
from app.dispatching.comparing import Difference, changes, changes_since
from app.dispatching.daily import orders_of
from app.dispatching.explaining import Help, Reasons, helps_for_resident, reasons, why_not_me, why_offered
from app.dispatching.hand import seconds_to_undo
from app.dispatching.history import expected_wait, run, runs
from app.dispatching.judging import Conflict, Fit, cautions, conflicts, fit, fit_anyhow, objections
from app.dispatching.proposing import Preview, is_automatic, preview
from app.dispatching.publishing import is_old, open_offers
from app.dispatching.ranking import Choice, Choices, candidates
from app.dispatching.supposing import LEAST_ORDERS, size_of
from app.dispatching.wording import offer_words, proof_words, set_aside_words, stale_words, unplaced_words

__all__ = [
    "ASSUMED",
    "LEAST_ORDERS",
    "Asking",
    "Choice",
    "Choices",
    "Conflict",
    "Difference",
    "Fit",
    "Help",
    "Preview",
    "Reasons",
    "answer_models",
    "asking_of",
    "askings_of",
    "candidates",
    "cautions",
    "changes",
    "changes_since",
    "conflicts",
    "expected_wait",
    "fit",
    "fit_anyhow",
    "helps_for_resident",
    "is_automatic",
    "is_old",
    "objections",
    "offer_words",
    "open_offers",
    "orders_of",
    "preview",
    "proof_words",
    "reasons",
    "run",
    "runs",
    "seconds_to_undo",
    "set_aside_words",
    "size_of",
    "stale_words",
    "unplaced_words",
    "why_not_me",
    "why_offered",
]
