"""move(): the only writer of `.status`, by the tables in models/states.py."""

from __future__ import annotations

from typing import Any

from app.kernel import timers
from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.errors import WrongState
from app.kernel.journal import record
from models import Assignment, Offer, Order
from models.kinds import event_of
from models.states import (
    ASSIGNMENT_MOVES,
    OFFER_MOVES,
    ORDER_MOVES,
    AssignmentMove,
    IllegalMove,
    OfferMove,
    OrderMove,
    moves_from,
    next_status,
)

_TABLES = {Order: ORDER_MOVES, Offer: OFFER_MOVES, Assignment: ASSIGNMENT_MOVES}


def move(
    subject: Order | Offer | Assignment,
    what: OrderMove | OfferMove | AssignmentMove,
    *,
    actor: Actor,
    **particulars: Any,
) -> None:
    """Take one step of the state machine and write it down; raises WrongState where the table has no such step."""
    before = subject.status
    try:
        after = next_status(_TABLES[type(subject)], before, what)
    except IllegalMove as error:
        raise WrongState(state=str(before), move=str(what)) from error
    if isinstance(subject, Order):
        subject.next_action_at = now()  # winding the timer may flush, and a live order is never without one
    subject.status = after
    if isinstance(subject, Order):
        timers.reset(subject)
    record(subject, event_of(what), actor=actor, before=before, after=after, **particulars)


def can(subject: Order | Offer | Assignment, what: OrderMove | OfferMove | AssignmentMove) -> bool:
    """Whether the table allows this move now: pages ask it before they draw a button."""
    return what in moves_from(_TABLES[type(subject)], subject.status)
