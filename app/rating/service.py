"""评单: the verbs of ratings, the hours ledger, follow-ups and closing. Each is written in the module of its noun."""

from app.rating.additions import add_words
from app.rating.closing import ask, auto_close, close_if_settled, dispute, reopen, resolve
from app.rating.follow_ups import Cause, open_follow_up, resolve_follow_up
from app.rating.ledger import approve_hours, correct_hours, credit, enter_hours, may_decide, refuse_hours
from app.rating.ratings import question, rate, speak

__all__ = [
    "Cause",
    "add_words",
    "approve_hours",
    "ask",
    "auto_close",
    "close_if_settled",
    "correct_hours",
    "credit",
    "dispute",
    "enter_hours",
    "may_decide",
    "open_follow_up",
    "question",
    "rate",
    "refuse_hours",
    "reopen",
    "resolve",
    "resolve_follow_up",
    "speak",
]
