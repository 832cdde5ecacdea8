"""The verbs of 派单. Offers stand in offers.py, those made by hand in hand.py, an order's search in seeking.py, the
engine's runs in runs.py, a day's plan in planning.py and publishing.py,
what would have been different in supposing.py."""

from __future__ import annotations

from app.dispatching.hand import AGREED, ask, move_offer, not_fitting, offer_by_hand, seconds_to_undo, undo_offer
from app.dispatching.offers import (
    answer_by,
    expire_offer,
    make_offer,
    settle,
    withdraw_live_offers,
    withdraw_offer,
)
from app.dispatching.planning import plan_day
from app.dispatching.proposing import publish_picks, set_automatic
from app.dispatching.publishing import discard, publish, undo
from app.dispatching.runs import run_all, run_once
from app.dispatching.seeking import (
    ask_reserves,
    escalate,
    give_up,
    note_unplaced,
    order_freed,
    redispatch,
)
from app.dispatching.supposing import suppose

__all__ = [
    "AGREED",
    "answer_by",
    "ask",
    "ask_reserves",
    "discard",
    "escalate",
    "expire_offer",
    "give_up",
    "make_offer",
    "move_offer",
    "not_fitting",
    "note_unplaced",
    "offer_by_hand",
    "order_freed",
    "plan_day",
    "publish",
    "publish_picks",
    "redispatch",
    "run_all",
    "run_once",
    "seconds_to_undo",
    "set_automatic",
    "settle",
    "suppose",
    "undo",
    "undo_offer",
    "withdraw_live_offers",
    "withdraw_offer",
]
