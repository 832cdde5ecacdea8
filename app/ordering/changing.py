"""What becomes of an order after it was placed: mended, sent in again, asked after, cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from flask_babel import gettext as _
from sqlalchemy import select

from app.dispatching import service as dispatching
from app.kernel import timers
from app.kernel.access import SYSTEM, Actor, may, require
from app.kernel.clock import now
from app.kernel.errors import NotFound, TooEarly, WrongState
from app.kernel.idempotency import repeatable
from app.kernel.journal import record
from app.kernel.lifecycle import move
from app.kernel.locks import locked, locked_order
from app.kernel.transaction import command
from app.notices import service as notices
from app.ordering import beneficiaries, urgency
from app.ordering.review import let_go
from models import Assignment, Order, SavedAddress, db
from models.kinds import BY_OFFICE, EventKind, NoticeKind
from models.states import ASSIGNMENT_BUSY, OrderMove, OrderStatus

BY_RESIDENT = frozenset({OrderStatus.SUBMITTED, OrderStatus.RETURNED})
"""While nobody was told of the order yet, whoever placed it may still change it."""
BY_DESK = BY_RESIDENT | {OrderStatus.REOPENED, OrderStatus.OPEN, OrderStatus.OFFERING, OrderStatus.UNFILLED}


class Change(TypedDict, total=False):
    """What may be changed on a placed order; what is left out stays."""

    words: str
    window_from: datetime
    window_until: datetime
    duration_minutes: int
    access_notes: str
    contact_phone: str


def may_amend(actor: Actor, order: Order) -> bool:
    """Whether this actor may change the order now."""
    return may(actor, "order.amend", order) and order.status in _amendable(actor, order)


def may_resubmit(actor: Actor, order: Order) -> bool:
    """Whether this actor may send a returned order in again: whose it is; the desk, for what it wrote down itself."""
    theirs = may(actor, "order.see_own", order) or (order.channel in BY_OFFICE and may(actor, "order.review", order))
    return order.status == OrderStatus.RETURNED and theirs


def _amendable(actor: Actor, order: Order) -> frozenset[OrderStatus]:
    return BY_DESK if may(actor, "order.review", order) else BY_RESIDENT


@command
@repeatable(Order)
def mend(order_id: str, *, actor: Actor, key: str | None = None, **change: Unpack[Change]) -> Order:
    """What the form of changes does: a returned order goes in again with them, any other is amended."""
    verb = resubmit if may_resubmit(actor, locked_order(order_id)) else amend
    return verb(order_id, actor=actor, **change)


@command
def amend(order_id: str, *, actor: Actor, **change: Unpack[Change]) -> Order:
    """Change words, time or contact. Offers already out are taken back, for they speak of another time."""
    order = locked_order(order_id)
    require(actor, "order.amend", order)
    if order.status not in _amendable(actor, order):
        raise WrongState(_("已经在找人或有人接单，不能再改。可以打电话给社区，或取消后重新点单。"))
    _apply(order, change, actor)
    return order


@command
@repeatable(Order)
def let_end_later(order_id: str, *, actor: Actor, key: str | None = None, minutes: int) -> Order:
    """The resident agreed that the service may end so much later than the window says."""
    return amend(order_id, actor=actor, window_until=locked_order(order_id).window_until + timedelta(minutes=minutes))


@command
def resubmit(order_id: str, *, actor: Actor, **change: Unpack[Change]) -> Order:
    """Send a returned order in again, mended; raises WrongState for whoever may only amend it."""
    order = locked_order(order_id)
    require(actor, "order.amend", order)
    if not may_resubmit(actor, order):
        raise WrongState()
    _apply(order, change, actor)
    order.reason = ""
    move(order, OrderMove.RESUBMIT, actor=actor)
    return order


def _apply(order: Order, change: Change, actor: Actor) -> None:
    changed = sorted(name for name, value in change.items() if getattr(order, name) != value)
    if not changed:
        return
    if {"window_from", "window_until", "duration_minutes"} & set(changed):
        _refuse_if_promised(order)
        dispatching.withdraw_live_offers(order, actor=actor, why="amended")
    for name in changed:
        setattr(order, name, change[name])  # type: ignore[literal-required]  # its own keys
    if "window_from" in changed or "window_until" in changed:
        urgency.check_window(order.window_from, order.window_until, order.duration_minutes)
    urgency.set_urgency(order)
    record(order, EventKind.ORDER_AMEND, actor=actor, fields=changed)
    dispatching.settle(order, actor=actor)
    timers.reset(order)


def _refuse_if_promised(order: Order) -> None:
    """Visits that are over, of an order that was opened again, stand in nobody's way."""
    held = select(Assignment.id).where(Assignment.order_id == order.id, Assignment.status.in_(ASSIGNMENT_BUSY))
    if db.session.scalar(held.limit(1)):
        raise WrongState(_("已经有志愿者答应了这个时间，不能再改。请先和志愿者商量。"))


@command
@repeatable(Order)
def cancel(order_id: str, reason: str, *, actor: Actor, key: str | None = None) -> Order:
    """Call the order off at any stage before the service begins; everybody who counted on it is told."""
    order = locked_order(order_id)
    require(actor, "order.cancel", order)
    by_desk = not actor.is_system and not may(actor, "order.see_own", order)
    was = order.status
    order.reason = reason
    move(order, OrderMove.CANCEL, actor=actor, reason=reason)
    let_go(order, actor, reason)
    if by_desk or actor.is_system:
        notices.tell_resident(order, NoticeKind.ORDER_CANCELLED)
    if was == OrderStatus.STAFFED and not by_desk:
        notices.tell_desk(order.office, NoticeKind.ORDER_CANCELLED, order=order)
    return order


@command
def drop_returned(order_id: str) -> Order:
    """Timer: a returned order that nobody mended in time is cancelled."""
    if locked_order(order_id).status != OrderStatus.RETURNED:
        raise WrongState()
    return cancel(order_id, _("退回后一直没有补充，已自动取消。"), actor=SYSTEM)


@command
@repeatable(Order)
def ask_after(order_id: str, *, actor: Actor, key: str | None = None) -> Order:
    """还没人来？ The resident tells the desk that nobody has come at the agreed time."""
    order = locked_order(order_id)
    require(actor, "order.see_own", order)
    if order.status != OrderStatus.STAFFED:
        raise WrongState()
    if now() < order.window_from:
        raise TooEarly(_("还没到约好的时间，请再等一等。"))
    record(order, EventKind.ORDER_LATE, actor=actor, cause="nobody_came")
    notices.tell_desk(order.office, NoticeKind.ESCALATED, order=order, cause="nobody_came")
    return order


# ---------- saved addresses ----------


@command
def save_address(*, actor: Actor, office_id: str, address: str, label: str = "", **point: Any) -> SavedAddress:
    """Keep a place of one's own. Whoever has no resident's profile yet gets one, in that community."""
    spot = beneficiaries.typed_spot(office_id, address, point.get("lat"), point.get("lon"))
    resident = beneficiaries.resident_of(actor, spot.office, resident_id=None, name="", phone="", on_behalf=False)
    return beneficiaries.remember(resident, spot, actor, label)


@command
def forget_address(address_id: str, *, actor: Actor) -> None:
    """Remove a saved place; forgetting twice is harmless."""
    saved = locked(SavedAddress, address_id)
    if saved.resident_id != actor.resident_id:
        raise NotFound()
    if saved.removed_at is None:
        saved.removed_at = now()
        record(saved.resident, EventKind.RESIDENT_AMEND, actor=actor, fields=["addresses"])
