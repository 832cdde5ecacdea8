"""Reserves: a late yes is never lost. Whoever came too late is asked first if the place frees up."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.kernel import locks
from app.kernel.access import Actor, require
from app.kernel.clock import now
from app.kernel.errors import NotFound, WrongState
from app.kernel.journal import record
from app.kernel.transaction import command
from app.serving import places
from models import Order, Reserve, Volunteer, db
from models.kinds import EventKind
from models.states import ORDER_CLAIMABLE, OrderStatus

MAY_FREE_UP = ORDER_CLAIMABLE | {OrderStatus.STAFFED}


def reserve_of(order_id: str, volunteer_id: str | None) -> Reserve | None:
    """The volunteer's standing reserve on an order."""
    found = select(Reserve).filter_by(order_id=order_id, volunteer_id=volunteer_id, left_at=None)
    return db.session.scalar(found)


@command
def keep_reserve(order_id: str, *, actor: Actor) -> Reserve:
    """Put the volunteer on the list of those asked first; twice is as good as once."""
    require(actor, "order.claim")
    order = locks.locked_order(order_id)
    if actor.volunteer_id is None:
        raise NotFound()
    kept = reserve_of(order_id, actor.volunteer_id)
    if kept is not None:
        return kept
    if order.status not in MAY_FREE_UP:
        raise WrongState(_l("这个单子已经结束，不需要候补了，谢谢您。"))
    if places.holding(order_id, actor.volunteer_id) is not None:
        raise WrongState(_l("这个单子您已经接过了，请到“我的任务”里看。"))
    kept = Reserve(order=order, volunteer_id=actor.volunteer_id, kept_at=now())
    db.session.add(kept)
    db.session.flush()
    record(kept, EventKind.RESERVE_KEEP, actor=actor)
    return kept


@command
def leave_reserve(order_id: str, *, actor: Actor) -> None:
    """Take the volunteer off the list again; harmless when not on it."""
    require(actor, "order.claim")
    locks.locked_order(order_id)
    kept = reserve_of(order_id, actor.volunteer_id)
    if kept is not None:
        kept.left_at = now()
        record(kept, EventKind.RESERVE_LEAVE, actor=actor)


def answered(order: Order, volunteer: Volunteer) -> None:
    """The reserve has got a place after all: the list needs them no longer. Call it inside a command."""
    kept = reserve_of(order.id, volunteer.id)
    if kept is not None:
        kept.left_at = now()
