"""An order that looks for people: reserves first, up the office tree when late, and given up kindly."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.dispatching import bans, needs
from app.dispatching.judging import conflicts, fit
from app.dispatching.offers import live_offers, make_offer, settle, withdraw_live_offers
from app.kernel import errors, locks, timers
from app.kernel.access import SYSTEM, Actor, require
from app.kernel.clock import now
from app.kernel.idempotency import repeatable
from app.kernel.journal import record
from app.kernel.lifecycle import can, move
from app.kernel.settings import order_setting
from app.kernel.transaction import command
from app.notices.service import tell_desk, tell_resident
from models import Assignment, Event, Offer, Office, Order, Reserve, db
from models.kinds import EventKind, NoticeKind, OfferOrigin
from models.states import ASSIGNMENT_BUSY, ORDER_SEEKING, OrderMove, OrderStatus

SEEKS_SINCE = (EventKind.ORDER_APPROVE, EventKind.ORDER_UNSTAFF, EventKind.ORDER_RETRY)


def order_freed(order: Order, *, actor: Actor = SYSTEM) -> None:
    """After a no, an end or a return: the order is open again by the tables, and reserves are asked first.

    Call it inside a command that holds the order's lock; the dispatch wakes by itself when that is committed.
    """
    db.session.flush()
    if order.status == OrderStatus.STAFFED and needs.free_positions([order.id]).get(order.id):
        move(order, OrderMove.UNSTAFF, actor=actor)
    settle(order, actor=actor)
    ask_reserves(order.id, actor=actor)


@command
def ask_reserves(order_id: str, *, actor: Actor = SYSTEM) -> list[Offer]:
    """Put free places to those whose yes came late, in the order in which they came; only those who can still."""
    order = locks.locked_order(order_id)
    waiting = select(Reserve).filter_by(order_id=order_id, left_at=None).order_by(Reserve.kept_at, Reserve.id)
    made: list[Offer] = []
    for reserve in db.session.scalars(waiting).all() if order.status in ORDER_SEEKING else ():
        if not needs.seats([order])[order.id]:
            break
        offer = _ask(reserve, order)
        if offer is not None:
            made.append(offer)
    return made


def _ask(reserve: Reserve, order: Order) -> Offer | None:
    (volunteer,) = locks.locked_volunteers(reserve.volunteer_id)
    place = fit(order, volunteer)
    if place is None or conflicts(order, volunteer) or volunteer.id in {o.volunteer_id for o in live_offers(order)}:
        return None
    reserve.left_at = now()
    return make_offer(
        order.id, volunteer.id, actor=SYSTEM, origin=OfferOrigin.RESERVE, starts_at=place.starts_at,
        ends_at=place.ends_at, distance_m=place.distance_m, travel_minutes=place.travel_minutes, terms=place.terms,
    )  # fmt: skip


@command
@repeatable(Order)
def redispatch(order_id: str, *, actor: Actor, key: str | None = None) -> Order:
    """A coordinator has an order dispatched afresh: whoever let it pass may be asked once more."""
    order = locks.locked_order(order_id)
    require(actor, "dispatch.steer", order)
    if not needs.fits(order, now()):
        raise errors.WrongState(_l("服务时间已经过了，请先和居民约一个新时间。"), state=order.status)
    if order.status == OrderStatus.UNFILLED:
        move(order, OrderMove.RETRY, actor=actor)
    elif order.status in ORDER_SEEKING:
        record(order, EventKind.ORDER_NOTE, actor=actor, code=bans.REDISPATCH, words=_("重新派单"))
        order.asking = None
        timers.reset(order)
    else:
        raise errors.WrongState(state=order.status)
    return order


@command
@repeatable(Order)
def escalate(order_id: str, *, actor: Actor = SYSTEM, key: str | None = None) -> Order:
    """Press a late order on the office above: station → institute → centre → city. It never changes hands by that."""
    order = locks.locked_order(order_id)
    require(actor, "order.escalate", order)
    above = office_above(order)
    if above is None or order.status not in ORDER_SEEKING | {OrderStatus.UNFILLED, OrderStatus.SUBMITTED}:
        raise errors.WrongState(_l("已经在最上一级，或现在不用督办。"), state=order.status)
    order.escalated_to = above
    record(order, EventKind.ORDER_ESCALATE, actor=actor, office_id=above.id, level=above.level)
    timers.reset(order)
    tell_desk(above, NoticeKind.ESCALATED, order=order)
    return order


def office_above(order: Order) -> Office | None:
    """Where the order would be escalated to next; None at the root."""
    return (order.escalated_to or order.office).parent


def escalation_due(order: Order) -> datetime | None:
    """When the order, still unfilled, goes one office up by itself: one limit a level; None at the root."""
    if office_above(order) is None:
        return None
    levels = len((order.escalated_to or order.office).lineage)
    steps = len(order.office.lineage) - levels + 1
    return _seeks_since(order) + steps * timedelta(minutes=order_setting(order, "escalate_minutes"))


def _seeks_since(order: Order) -> datetime:
    rows = select(func.max(Event.at)).where(Event.order_id == order.id, Event.kind.in_(SEEKS_SINCE))
    found: datetime | None = db.session.scalar(rows)
    return found or order.opened_at or order.created_at


def can_still_be_served(order: Order) -> bool:
    """Whether the window leaves time for the service, were somebody there at this moment."""
    return needs.fits(order, now())


@command
def give_up(order_id: str, *, actor: Actor = SYSTEM) -> Order:
    """The window is over and places are open: say so kindly, with counted reasons for the office.

    An order that found some of its people goes ahead with them.
    """
    order = locks.locked_order(order_id)
    if not can(order, OrderMove.GIVE_UP) or can_still_be_served(order):
        return order
    withdraw_live_offers(order, actor=actor, why="window_over")
    if _somebody_comes(order):
        free = needs.free_positions([order.id]).get(order.id, 0)
        move(order, OrderMove.STAFF, actor=actor, partly=True, open_positions=free)
        order.staffed_at = now()
        return order
    order.reason = _("这段时间没有找到合适的志愿者")
    move(order, OrderMove.GIVE_UP, actor=actor, offers=_ended_offers(order), reasons=order.unplaced)
    tell_resident(order, NoticeKind.ORDER_UNFILLED)
    tell_desk(order.office, NoticeKind.ORDER_UNFILLED, order=order)
    return order


def _somebody_comes(order: Order) -> bool:
    """Not those who served before the order was opened again: they hold their places for good and come no more."""
    coming = select(Assignment.id).where(Assignment.order_id == order.id, Assignment.status.in_(ASSIGNMENT_BUSY))
    return db.session.scalar(coming.limit(1)) is not None


def _ended_offers(order: Order) -> dict[str, int]:
    """How many were asked, by what became of it."""
    rows = select(Offer.status, func.count().label("number")).where(Offer.order_id == order.id).group_by(Offer.status)
    return {row.status: row.number for row in db.session.execute(rows)}


def note_unplaced(order: Order, found: dict[str, Any] | None, *, actor: Actor = SYSTEM) -> None:
    """Keep the last run's counted reasons with the order; journalled only when what they say has changed."""
    before, order.unplaced = order.unplaced, found
    if found is not None and _gist(found) != _gist(before or {}):
        record(order, EventKind.ORDER_UNPLACED, actor=actor, verdict=found["verdict"], eligible=found["eligible"])


def _gist(unplaced: dict[str, Any]) -> tuple[Any, ...]:
    """Which reasons, not how many at each: the counts move with every minute."""
    lost = sorted(rule for rule, count in unplaced.get("lost", {}).items() if count)
    return unplaced.get("verdict"), unplaced.get("open_positions"), lost, sorted(unplaced.get("bans", {}))
