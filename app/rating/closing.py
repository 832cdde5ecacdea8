"""Closing and opening again: asking for a rating, closing what nobody rates, reopening, disputes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from app.kernel import locks, timers
from app.kernel.access import SYSTEM, Actor, require
from app.kernel.clock import now
from app.kernel.idempotency import repeatable
from app.kernel.journal import record
from app.kernel.lifecycle import move
from app.kernel.settings import order_setting
from app.kernel.transaction import command
from app.notices.service import tell_desk, tell_resident
from app.ordering import service as ordering
from app.rating import settling
from app.rating.follow_ups import Cause, open_follow_up
from models import Assignment, Event, Order, Position, db
from models.ids import new_start_code
from models.kinds import BY_OFFICE, EventKind, NoticeKind
from models.states import ASSIGNMENT_HOLDING, OrderMove, OrderStatus


@command
def ask(order_id: str, *, actor: Actor = SYSTEM) -> None:
    """Ask for a rating (timer). Who ordered by phone and has no account is rung up by desk or whoever took the call."""
    order = locks.locked_order(order_id)
    if order.status != OrderStatus.SERVED or not _due(order):
        return
    if order.rating_asks >= len(order_setting(order, "rating_ask_minutes")):
        auto_close(order_id, actor=actor)
        return
    order.rating_asks += 1
    record(order, EventKind.RATING_ASK, actor=actor, times=order.rating_asks)
    if order.resident.account_id or (order.requester_id and order.channel not in BY_OFFICE):
        tell_resident(order, NoticeKind.RATING_ASKED)
    else:
        tell_desk(order.office, NoticeKind.RATING_ASKED, order=order, also=order.requester_id, code="by_phone")
    timers.reset(order)


@command
def auto_close(order_id: str, *, actor: Actor = SYSTEM) -> None:
    """Close what nobody has rated within the limit (timer); harmless before it."""
    order = locks.locked_order(order_id)
    limit = timedelta(minutes=order_setting(order, "auto_close_minutes"))
    if order.status == OrderStatus.SERVED and now() >= (order.served_at or order.created_at) + limit:
        settling.close(order, actor, unrated=True)


@command
def close_if_settled(order_id: str, *, actor: Actor = SYSTEM) -> bool:
    """Close a rated order with no open follow-up (timer, and after each resolution)."""
    return settling.close_if_nothing_is_open(locks.locked_order(order_id), actor)


def _due(order: Order) -> bool:
    return order.next_action_at is None or order.next_action_at <= now()


@command
@repeatable(Order)
def reopen(order_id: str, reason: str, *, actor: Actor, key: str | None = None) -> Order:
    """It was not really done: the same need again, with fresh places. The office looks at it, or the rule does.

    Who served keeps the visit and the hours; each place they filled is asked for once more.
    """
    order = locks.locked_order(order_id)
    require(actor, "order.reopen", order)
    filled = _filled_last(order)
    settling.confirm_all(order, actor)
    move(order, OrderMove.REOPEN, actor=actor, reason=reason)
    order.reason = reason
    order.staffed_at = order.served_at = order.closed_at = None
    order.rating_asks = 0
    order.start_code = new_start_code()  # the first one is known to whoever came
    _add_places(order, filled)
    if _may_go_on_by_rule(order):
        ordering.approve(order_id, actor=SYSTEM)
    else:
        open_follow_up(order, Cause.REOPENED, reason, actor)
    return order


def _filled_last(order: Order) -> int:
    """How many places were filled since the order was opened, the last time if it was opened again before."""
    opened = select(func.max(Event.at)).where(Event.order_id == order.id, Event.kind == EventKind.ORDER_REOPEN)
    since = db.session.scalar(opened) or order.created_at
    held = select(func.count()).where(
        Assignment.order_id == order.id, Assignment.status.in_(ASSIGNMENT_HOLDING), Assignment.accepted_at >= since
    )
    return db.session.scalar(held) or 0


def _add_places(order: Order, filled: int) -> None:
    """As many new places as were filled: past work holds its place for good."""
    last = select(func.max(Position.number)).where(Position.order_id == order.id)
    first_new = (db.session.scalar(last) or 0) + 1
    wanted = min(filled, 50 - order.positions_wanted)
    for number in range(first_new, first_new + wanted):
        db.session.add(Position(order_id=order.id, number=number))
    order.positions_wanted += wanted
    db.session.flush()
    db.session.expire(order, ["positions"])


def _may_go_on_by_rule(order: Order) -> bool:
    """Low-risk items go on at once while their window still has time; a new time needs somebody to agree on it."""
    by_rule = order.item is not None and order.item.approves_at_once
    in_time = now() + order.duration <= order.window_until
    return bool(by_rule and in_time and order_setting(order, "low_risk_approved_at_once"))


@command
@repeatable(Order)
def dispute(order_id: str, words: str, *, actor: Actor, key: str | None = None) -> Order:
    """Either side objects to what was found (申诉): the order waits until the office has decided."""
    order = locks.locked_order(order_id)
    if not _served(order_id, actor.volunteer_id):
        require(actor, "order.reopen", order)
    move(order, OrderMove.DISPUTE, actor=actor)
    open_follow_up(order, Cause.DISPUTED, words, actor)
    return order


def _served(order_id: str, volunteer_id: str | None) -> bool:
    found = select(Assignment.id).filter_by(order_id=order_id, volunteer_id=volunteer_id)
    return volunteer_id is not None and db.session.scalar(found.limit(1)) is not None


@command
@repeatable(Order)
def resolve(order_id: str, resolution: str, *, actor: Actor, key: str | None = None) -> Order:
    """The office has decided the dispute; the order is closed with its words."""
    order = locks.locked_order(order_id)
    require(actor, "follow_up.resolve", order)
    settling.confirm_all(order, actor)
    order.closed_at = now()
    move(order, OrderMove.RESOLVE, actor=actor, resolution=resolution)
    return order
