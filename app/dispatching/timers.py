"""The ticking: rows whose time has come, one command each. Running it twice, late, or after a crash is harmless."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, null, select, update

from app.connections.spreading import forget_letters
from app.dispatching import evening, hand, planning, publishing, stuck
from app.dispatching.offers import expire_offer
from app.dispatching.seeking import can_still_be_served, escalate, escalation_due, give_up
from app.kernel import locks, timers
from app.kernel.access import SYSTEM
from app.kernel.clock import now
from app.kernel.errors import DomainError
from app.kernel.transaction import command
from app.ordering import service as ordering
from app.people import sessions
from app.people.service import forget_old
from app.rating import service as rating
from app.serving import service as serving
from models import DispatchRun, IdempotencyKey, Offer, Order, db
from models.states import OFFER_LIVE, ORDER_SEEKING, OrderStatus

log = logging.getLogger(__name__)
AT_ONCE = 500
"""Rows one tick takes; the next one, a second later, goes on."""
PATIENCE = timedelta(minutes=1)
"""How long a row is left alone that stays due after its verb, or failed."""
KEYS_KEPT = timedelta(days=7)
QUESTIONS_KEPT = timedelta(days=30)


def tick() -> bool:
    """Do all that is due. Gives whether an order should be tried again by a dispatch."""
    stuck.free()
    for offer_id in _due(select(Offer.id).where(Offer.status.in_(OFFER_LIVE), Offer.expires_at <= now()), Offer):
        _attempt(expire_offer, offer_id)
    _send_held()
    due = select(Order.id, Order.status).where(Order.next_action_at <= now()).order_by(Order.next_action_at)
    rows = db.session.execute(due.limit(AT_ONCE)).all()
    db.session.rollback()
    for order_id, status in rows:
        verb = VERBS.get(status)
        if verb is None or not _attempt(verb, order_id) or _still_due(order_id):
            _attempt(leave_alone, order_id)
    return any(status in ORDER_SEEKING for _, status in rows)


def _send_held() -> None:
    held = hand.to_send()
    db.session.rollback()
    for offer_id in held:
        _attempt(hand.send, offer_id)


def _due(rows: Any, table: type[Offer]) -> list[str]:
    found = list(db.session.scalars(rows.order_by(table.expires_at).limit(AT_ONCE)))
    db.session.rollback()
    return found


def _attempt(verb: Callable[[str], Any], key: str) -> bool:
    """One row. What goes wrong with it is its own trouble; the others are done all the same."""
    try:
        verb(key)
    except DomainError as refused:
        log.info("%s %s: %s", verb.__name__, key, refused.code)
        return False
    except Exception:
        db.session.rollback()
        log.exception("%s failed on %s", verb.__name__, key)
        return False
    return True


def _still_due(order_id: str) -> bool:
    due = select(Order.id).where(Order.id == order_id, Order.next_action_at <= now())
    found = db.session.scalar(due)
    db.session.rollback()
    return found is not None


@command
def leave_alone(order_id: str) -> None:
    """Look again in a while: this row keeps being due, and must not keep every tick busy."""
    still = (Order.id == order_id, Order.next_action_at <= now())
    db.session.execute(update(Order).where(*still).values(next_action_at=now() + PATIENCE))


@command
def seek_on(order_id: str) -> None:
    """A waiting order's minute is over: give it up when its window is, press it upwards when late, else go on."""
    order = locks.locked_order(order_id)
    if order.status not in ORDER_SEEKING or order.next_action_at is None or order.next_action_at > now():
        return
    if not can_still_be_served(order):
        give_up(order_id)
        return
    escalates = escalation_due(order)
    if escalates is not None and escalates <= now():
        escalate(order_id, actor=SYSTEM)
    timers.reset(order)


VERBS: dict[str, Callable[[str], Any]] = {
    OrderStatus.SUBMITTED: ordering.review_overdue,
    OrderStatus.TRANSFERRED: ordering.review_overdue,
    OrderStatus.REOPENED: ordering.review_overdue,
    OrderStatus.RETURNED: ordering.drop_returned,
    OrderStatus.OPEN: seek_on,
    OrderStatus.OFFERING: seek_on,
    OrderStatus.STAFFED: serving.late,
    OrderStatus.SERVING: serving.overdue,
    OrderStatus.SERVED: rating.ask,
    OrderStatus.RATED: rating.close_if_settled,
}
"""What is due when an order's timer runs out, by the status it is in."""


def plan_tomorrow() -> None:
    """The evening's plans that are due, one after the other; one that fails is tried again by a later tick."""
    for office_id, day in evening.due():
        try:
            run = planning.ask(office_id, day, actor=SYSTEM, cause=evening.CAUSE)
            planning.work_out(run.id, run.fence, SYSTEM)
            publishing.publish_by_rule(run.id)
        except DomainError as refused:
            log.info("no plan for %s: %s", office_id, refused.code)
        except Exception:
            db.session.rollback()
            log.exception("the evening's plan of %s failed", office_id)


def sweep() -> None:
    """Hourly: forget sessions that ran out, keys nobody will repeat, questions of old runs, letters that arrived."""
    for forget in (sessions.sweep, forget_old, _forget_keys, _forget_questions, forget_letters):
        try:
            forget()
        except Exception:
            db.session.rollback()
            log.exception("the sweep failed")


@command
def _forget_keys() -> None:
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now() - KEYS_KEPT))


@command
def _forget_questions() -> None:
    """The frozen city of an old run, and who was how likely to answer; what was decided and why stays."""
    old = DispatchRun.started_at < now() - QUESTIONS_KEPT
    db.session.execute(
        update(DispatchRun).where(old, DispatchRun.problem.is_not(None)).values(problem=null(), waves=null())
    )
