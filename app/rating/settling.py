"""Settling an order: assignments confirmed, and closed when it has been rated and nothing about it is open."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.lifecycle import move
from app.kernel.settings import order_setting
from models import Assignment, FollowUp, Order, db
from models.kinds import Side
from models.rating import Rating
from models.states import AssignmentMove, AssignmentStatus, OrderMove, OrderStatus


def unconfirmed(order_id: str) -> list[Assignment]:
    """Visits of this round that are done and not yet confirmed by a rating or by the close."""
    found = select(Assignment).filter_by(order_id=order_id, status=AssignmentStatus.CHECKED_OUT)
    return list(db.session.scalars(found.order_by(Assignment.id)))


def confirm_all(order: Order, actor: Actor) -> None:
    for assignment in unconfirmed(order.id):
        move(assignment, AssignmentMove.CONFIRM, actor=actor)


def close(order: Order, actor: Actor, **particulars: object) -> None:
    """Confirm what was done and close. Call it inside a command that holds the order."""
    confirm_all(order, actor)
    order.closed_at = now()
    move(order, OrderMove.CLOSE, actor=actor, **particulars)


def close_if_nothing_is_open(order: Order, actor: Actor) -> bool:
    """Close a rated order that has no open follow-up; one that has is looked at again later."""
    if order.status != OrderStatus.RATED:
        return False
    open_ones = select(FollowUp.id).where(FollowUp.order_id == order.id, FollowUp.resolved_at.is_(None))
    if db.session.scalar(open_ones.limit(1)) is not None:
        order.next_action_at = now() + timedelta(minutes=order_setting(order, "review_minutes"))
        return False
    close(order, actor)
    return True


def rated(assignment_id: str, side: Side) -> Rating | None:
    """What this side has said about a visit."""
    return db.session.scalar(select(Rating).filter_by(assignment_id=assignment_id, side=side))
