"""Places on an order: which are free, who holds them, and what follows when one is filled or an answer came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.dispatching import service as dispatching
from app.kernel.access import SYSTEM, Actor
from app.kernel.clock import now
from app.kernel.lifecycle import can, move
from app.notices.service import tell_resident
from models import Assignment, Order, Position, db
from models.kinds import NoticeKind
from models.states import ASSIGNMENT_BUSY, ASSIGNMENT_HOLDING, OrderMove, OrderStatus


def holding(order_id: str, volunteer_id: str) -> Assignment | None:
    """The assignment by which this volunteer fills, or has filled, a place on the order."""
    return db.session.scalar(
        select(Assignment).where(
            Assignment.order_id == order_id,
            Assignment.volunteer_id == volunteer_id,
            Assignment.status.in_(ASSIGNMENT_HOLDING),
        )
    )


def busy(order_id: str) -> list[Assignment]:
    """Who has still to come or to finish, the earliest first."""
    found = select(Assignment).where(Assignment.order_id == order_id, Assignment.status.in_(ASSIGNMENT_BUSY))
    return list(db.session.scalars(found.order_by(Assignment.starts_at, Assignment.id)))


def free_position(order: Order) -> Position | None:
    """The lowest place that nobody holds."""
    held = select(Assignment.position_id).where(
        Assignment.order_id == order.id, Assignment.status.in_(ASSIGNMENT_HOLDING)
    )
    free = select(Position).where(Position.order_id == order.id, Position.id.not_in(held))
    return db.session.scalar(free.order_by(Position.number).limit(1))


def overlapping(volunteer_id: str, starts_at: datetime, ends_at: datetime) -> Assignment | None:
    """Work of the volunteer that takes any of this time; back-to-back work does not."""
    return db.session.scalar(
        select(Assignment)
        .where(
            Assignment.volunteer_id == volunteer_id,
            Assignment.status.in_(ASSIGNMENT_BUSY),
            Assignment.starts_at < ends_at,
            Assignment.ends_at > starts_at,
        )
        .limit(1)
    )


def settle(order: Order, *, actor: Actor) -> None:
    """After an answer: staffed when every place is held, waiting again when nobody is left who could answer."""
    db.session.flush()
    if free_position(order) is None and can(order, OrderMove.STAFF):
        order.staffed_at = now()
        move(order, OrderMove.STAFF, actor=actor)
        dispatching.withdraw_live_offers(order, actor=SYSTEM, why="taken")
        tell_resident(order, NoticeKind.ORDER_STAFFED)
    elif order.status == OrderStatus.UNFILLED and busy(order.id):
        move(order, OrderMove.RETRY, actor=SYSTEM)  # somebody comes after all: the rest is looked for, the timer runs
    else:
        dispatching.settle(order, actor=SYSTEM)
