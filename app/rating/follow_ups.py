"""Follow-ups: what a coordinator must look into before an order can be closed with a good conscience."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select

from app.kernel import locks
from app.kernel.access import Actor, require
from app.kernel.clock import now
from app.kernel.errors import WrongState
from app.kernel.idempotency import repeatable
from app.kernel.journal import record
from app.kernel.transaction import command
from app.notices.service import tell_desk
from app.rating import settling
from models import FollowUp, Order, db
from models.kinds import EventKind, NoticeKind


class Cause(StrEnum):
    """Why somebody must look into it."""

    BAD_MARK = "bad_mark"
    NOT_DONE = "not_done"
    HALF_DONE = "half_done"
    VOLUNTEER_WORD = "volunteer_word"
    SAFETY = "safety"
    RECORD_QUESTIONED = "record_questioned"
    REOPENED = "reopened"
    DISPUTED = "disputed"


def open_follow_up(order: Order, cause: str, words: str, actor: Actor, *, tells: bool = True) -> FollowUp:
    """Ask the order's office to look into it. Call it inside a command that holds the order.

    Without `tells` the caller lets the desk know in its own way.
    """
    row = FollowUp(order=order, office_id=order.office_id, cause=cause, words=words, created_at=now())
    db.session.add(row)
    db.session.flush()
    record(row, EventKind.FOLLOW_UP_OPEN, actor=actor, cause=str(cause))
    if tells:
        tell_desk(order.office, NoticeKind.FOLLOW_UP, order=order, cause=str(cause))
    return row


@command
@repeatable(FollowUp)
def resolve_follow_up(follow_up_id: str, resolution: str, *, actor: Actor, key: str | None = None) -> FollowUp:
    """Write down what was done about it; the last one resolved lets a rated order close."""
    order = locks.locked_order(locks.order_of(FollowUp, follow_up_id))
    row = locks.locked(FollowUp, follow_up_id)
    require(actor, "follow_up.resolve", row.order)
    if row.resolved_at is not None:
        raise WrongState()
    row.resolved_at, row.resolved_by_id, row.resolution = now(), actor.account_id, resolution
    record(row, EventKind.FOLLOW_UP_RESOLVE, actor=actor, cause=row.cause)
    db.session.flush()
    settling.close_if_nothing_is_open(order, actor)
    return row


def unresolved(order_id: str) -> list[FollowUp]:
    found = select(FollowUp).where(FollowUp.order_id == order_id, FollowUp.resolved_at.is_(None))
    return list(db.session.scalars(found.order_by(FollowUp.created_at)))
