"""Alarms of the clock: nobody has arrived, nobody has left. A person looks into it; the clock decides nothing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from app.kernel import locks, timers
from app.kernel.access import SYSTEM, Actor
from app.kernel.clock import now
from app.kernel.journal import record
from app.kernel.transaction import command
from app.notices.service import tell_desk
from models import Event, Order, db
from models.kinds import EventKind, NoticeKind
from models.states import OrderStatus

LONGEST_GAP = timedelta(days=1)
MOST_DOUBLINGS = 10


@command
def late(order_id: str, *, actor: Actor = SYSTEM) -> None:
    """The start has passed and nobody has checked in."""
    _alarm(order_id, OrderStatus.STAFFED, "check_in", actor)


@command
def overdue(order_id: str, *, actor: Actor = SYSTEM) -> None:
    """The end has passed and somebody has not checked out."""
    _alarm(order_id, OrderStatus.SERVING, "check_out", actor)


def _alarm(order_id: str, status: OrderStatus, missing: str, actor: Actor) -> None:
    """Tell the desk, then again at growing intervals; harmless when the order has moved on or is not due."""
    order = locks.locked_order(order_id)
    if order.status != status or _time_left(order) > timedelta():
        return
    before = _alarms(order)
    record(order, EventKind.ORDER_LATE, actor=actor, missing=missing, times=before + 1)
    tell_desk(order.office, NoticeKind.ORDER_LATE, order=order, missing=missing)
    timers.reset(order)
    gap = _time_left(order)
    order.next_action_at = now() + min(gap * 2 ** min(before, MOST_DOUBLINGS), max(gap, LONGEST_GAP))


def _time_left(order: Order) -> timedelta:
    """Until the order's timer is due."""
    return (order.next_action_at or now()) - now()


def _alarms(order: Order) -> int:
    found = select(func.count()).where(Event.order_id == order.id, Event.kind == EventKind.ORDER_LATE)
    return int(db.session.scalar(found) or 0)
