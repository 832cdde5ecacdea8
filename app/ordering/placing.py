"""Placing an order: one need, one place, one window, n positions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from flask_babel import gettext as _

from app.kernel import clock, timers
from app.kernel.access import SYSTEM, Actor, may, require
from app.kernel.clock import now
from app.kernel.errors import Invalid
from app.kernel.idempotency import once
from app.kernel.journal import record
from app.kernel.lifecycle import move
from app.kernel.settings import setting
from app.kernel.transaction import command
from app.offices import queries as offices
from app.ordering import beneficiaries, demands, photos, times, urgency
from app.ordering.beneficiaries import Spot
from app.ordering.photos import StoredPhoto
from app.rights.service import give_for, unasked, withdrawn
from models import Order, OrderPhoto, Position, Resident, ServiceItem, db
from models.ids import new_start_code
from models.kinds import BY_OFFICE, Channel, ConsentChannel, EventKind, Purpose
from models.states import OrderMove, OrderStatus

USUAL_MINUTES = 60


class Wish(TypedDict, total=False):
    """What is asked for. Either `resident_id`, or `on_behalf` with a contact, or else the actor's own need;
    either `address_id`, or `office_id` and `address`; either `as_soon` (尽快) or a window; without `item_code` it is a
    free-form order (微心愿)."""

    channel: str
    resident_id: str | None
    on_behalf: bool
    contact_name: str
    contact_phone: str
    address_id: str | None
    office_id: str | None
    address: str
    lat: float | None
    lon: float | None
    remember: bool
    access_notes: str
    item_code: str | None
    title: str
    words: str
    as_soon: bool
    window_from: datetime | None
    window_until: datetime | None
    duration_minutes: int | None
    positions: int | None
    skills: Sequence[str]
    languages: Sequence[str]
    sex_wish: str | None
    wants_same_volunteer: bool
    needs_wheelchair: bool
    consent: bool
    """Whoever speaks through the desk has been told what is kept, and agrees."""


@command
def place(*, actor: Actor, key: str | None = None, pictures: Sequence[StoredPhoto] = (), **wish: Unpack[Wish]) -> Order:
    """Take an order in; it is open at once where a rule or a coordinator's own hand approves it, else it waits.

    The same key places one order, whatever happens; raises KeyReused for the same key with another wish, Invalid
    naming the field, NotFound for a resident the actor may not order for.
    """
    require(actor, "order.place")
    order_id, _again = once(key, actor, "order.place", wish, lambda: _place(actor, wish, pictures).id)
    return db.session.get_one(Order, order_id)


def _place(actor: Actor, wish: Wish, pictures: Sequence[StoredPhoto]) -> Order:
    spot = _spot(actor, wish)
    if wish.get("channel") in BY_OFFICE or actor.key_id is not None:
        require(actor, "order.intake", spot.office)
    resident = _resident(actor, wish, spot)
    if wish.get("channel") in BY_OFFICE:
        _agreed(actor, wish, resident)
    item = _item(wish, spot)
    order = _order(actor, wish, spot, resident, item)
    db.session.add(order)
    db.session.flush()
    for picture in pictures[: photos.MOST_PHOTOS]:
        photos.keep(picture)
        db.session.add(OrderPhoto(order_id=order.id, created_at=now(), **vars(picture)))
    timers.reset(order)
    record(order, EventKind.ORDER_PLACE, actor=actor, after=order.status, channel=order.channel)
    if wish.get("remember") and _keeps_for(actor, resident):
        beneficiaries.remember(resident, spot, actor)
    _approve_at_once(order, actor)
    return order


def _spot(actor: Actor, wish: Wish) -> Spot:
    if address_id := wish.get("address_id"):
        return beneficiaries.saved_spot(address_id, wish.get("resident_id") or actor.resident_id)
    return beneficiaries.typed_spot(wish.get("office_id"), wish.get("address", ""), wish.get("lat"), wish.get("lon"))


def _resident(actor: Actor, wish: Wish, spot: Spot) -> Resident:
    return beneficiaries.resident_of(
        actor,
        spot.office,
        resident_id=wish.get("resident_id"),
        name=wish.get("contact_name", ""),
        phone=wish.get("contact_phone", ""),
        on_behalf=bool(wish.get("on_behalf")) or wish.get("channel") in BY_OFFICE,
    )


def _agreed(actor: Actor, wish: Wish, resident: Resident) -> None:
    """Somebody without an account agrees through whoever writes their need down: asked once, at the first call."""
    if not unasked(resident):
        return
    if not wish.get("consent"):
        raise Invalid({"consent": [_("请先向来电人说明，对方同意了再打勾。")]})
    channel = ConsentChannel.PHONE if wish.get("channel") == Channel.PHONE else ConsentChannel.COUNTER
    give_for(resident, Purpose.SERVICE, channel, actor=actor)


def _keeps_for(actor: Actor, resident: Resident) -> bool:
    """Whether what is kept about the resident is the actor's to read and add to: not for having named them."""
    return resident.id == actor.resident_id or may(actor, "order.intake", resident)


def _item(wish: Wish, spot: Spot) -> ServiceItem | None:
    """The item asked for; None for a free-form order, which then needs a title."""
    code = wish.get("item_code")
    item = offices.item(code, spot.office) if code else None
    if code and item is None:
        raise Invalid({"item": [_("这个社区现在没有这项服务，请另选一项。")]})
    if item is None and not wish.get("title"):
        raise Invalid({"title": [_("请用一句话写下您需要什么。")]})
    return item


def _order(actor: Actor, wish: Wish, spot: Spot, resident: Resident, item: ServiceItem | None) -> Order:
    minutes = wish.get("duration_minutes") or (item.duration_minutes if item else USUAL_MINUTES)
    window_from, window_until = _window(wish, minutes)
    order = Order(
        number=new_number(),
        start_code=new_start_code(),
        status=OrderStatus.SUBMITTED,
        version=0,
        next_action_at=now(),
        created_at=now(),
        office=spot.office,
        item=item,
        resident=resident,
        requester_id=actor.account_id,
        channel=_channel(wish, resident, actor),
        title=item.name if item is not None else wish.get("title", ""),  # words of one's own are looked at first
        words=wish.get("words", ""),
        contact_name=wish.get("contact_name") or resident.name,
        contact_phone=wish.get("contact_phone") or resident.phone,
        address=spot.address,
        access_notes=wish.get("access_notes") or (resident.access_notes if _keeps_for(actor, resident) else ""),
        lat=spot.lat,
        lon=spot.lon,
        window_from=window_from,
        window_until=window_until,
        duration_minutes=minutes,
        languages=list(wish.get("languages", ())),
        sex_wish=wish.get("sex_wish"),
        wants_same_volunteer=bool(wish.get("wants_same_volunteer")),
        needs_wheelchair=bool(wish.get("needs_wheelchair")) and not withdrawn(resident.account_id, Purpose.HEALTH),
        priority=demands.priority_of(item, resident),
        positions_wanted=demands.positions_of(wish.get("positions"), item),
    )
    order.positions = [Position(number=number) for number in range(1, order.positions_wanted + 1)]
    demands.set_item(order, item, wish.get("skills", ()))
    urgency.set_urgency(order)
    return order


def new_number() -> str:
    """The day and six digits drawn at random: easy to say on the telephone, and no count of orders."""
    return f"{clock.today():%y%m%d}{secrets.randbelow(10**6):06d}"


def _window(wish: Wish, minutes: int) -> times.Window:
    begins, ends = wish.get("window_from"), wish.get("window_until")
    if wish.get("as_soon"):
        return times.window("now", None, None, None, minutes)
    if begins is None or ends is None:
        missing = {"window_from": begins, "window_until": ends}
        raise Invalid({name: [_("请填写这一项。")] for name, value in missing.items() if value is None})
    urgency.check_window(begins, ends, minutes)
    return begins, ends


def _channel(wish: Wish, resident: Resident, actor: Actor) -> str:
    channel = wish.get("channel") or Channel.WEB
    for_another = resident.id != actor.resident_id and not actor.is_system
    return Channel.PROXY if channel == Channel.WEB and for_another else channel


def _approve_at_once(order: Order, actor: Actor) -> None:
    """秒批: by rule for low-risk items, or by the hand of the coordinator who wrote the order down; both are recorded.

    A free-form order always waits: somebody must first say which service it is.
    """
    if order.channel in BY_OFFICE and order.item is not None and may(actor, "order.review", order):
        open_order(order, actor, by="intake")
    elif rule := approval_rule(order):
        open_order(order, SYSTEM, rule=rule, item=order.item.code if order.item else "")


def approval_rule(order: Order) -> str | None:
    """The rule that lets this order pass without a look; None where somebody must look at it."""
    rule, item = "low_risk_approved_at_once", order.item
    if item is None or not item.approves_at_once or not setting(order.office, rule):
        return None
    return rule if order.positions_wanted <= item.positions else None


def open_order(order: Order, actor: Actor, **particulars: Any) -> None:
    """The review is over: from now on volunteers are looked for."""
    urgency.set_urgency(order)
    order.opened_at = now()
    order.reason = ""
    move(order, OrderMove.APPROVE, actor=actor, **particulars)
