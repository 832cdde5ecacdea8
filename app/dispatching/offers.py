"""Offers: made, taken back, run out. Every verb locks the order, then the volunteer, and looks again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.dispatching import alerts, bans, needs
from app.kernel import errors, locks
from app.kernel.access import SYSTEM, Actor, require
from app.kernel.clock import now
from app.kernel.idempotency import repeatable
from app.kernel.journal import record
from app.kernel.lifecycle import move
from app.kernel.settings import order_setting
from app.kernel.transaction import command
from app.notices.gathering import tell_together
from app.notices.service import tell
from models import Offer, Order, Volunteer, db
from models.kinds import EventKind, NoticeKind, OfferOrigin
from models.states import OFFER_LIVE, ORDER_SEEKING, OfferMove, OrderMove, OrderStatus

LEAST_MINUTES = 5
"""Nobody gets less than this to answer, however near the service is."""
TAKEN = "taken"
NO_TIME = timedelta()


@command
def make_offer(
    order_id: str,
    volunteer_id: str,
    *,
    actor: Actor,
    origin: OfferOrigin,
    starts_at: datetime,
    ends_at: datetime,
    distance_m: int,
    travel_minutes: int,
    terms: dict[str, Any],
    run_id: str | None = None,
    expires_at: datetime | None = None,
    held_seconds: int = 0,
    wave: int = 0,
    message: str = "",
) -> Offer:
    """Put an order to one volunteer until the offer runs out. Raises WrongState, AlreadyTaken, Conflict.

    `wave`: in which wave of its order it goes out; those of one `message` (a digest, a day plan) are told as one.
    For `held_seconds` nobody tells the volunteer, and the coordinator may undo it (app/dispatching/hand.py).
    """
    order = locks.locked_order(order_id)
    (volunteer,) = locks.locked_volunteers(volunteer_id)
    _room_for(order, volunteer, origin)
    sent_at = now()
    offer = Offer(
        order=order, volunteer=volunteer, run_id=run_id, origin=origin, starts_at=starts_at, ends_at=ends_at,
        distance_m=distance_m, travel_minutes=travel_minutes, terms=terms, sent_at=sent_at,
        wave=wave, message=message,
        features=alerts.features(order, volunteer.id, distance_m=distance_m, starts_at=starts_at, moment=sent_at),
        expires_at=expires_at or answer_by(order, starts_at, travel_minutes),
        held_until=sent_at + timedelta(seconds=held_seconds) if held_seconds else None,
    )  # fmt: skip
    db.session.add(offer)
    db.session.flush()
    order.unplaced = None
    if order.status == OrderStatus.OPEN:
        move(order, OrderMove.OFFER, actor=actor)
    aside = {"despite": terms["despite"]} if terms.get("despite") else {}
    aside |= {"wave": wave} if wave else {}
    record(offer, EventKind.OFFER_MAKE, actor=actor, after=offer.status, origin=str(origin), run_id=run_id, **aside)
    if message:
        tell_together(offer)
    elif not held_seconds:
        asked_first = origin == OfferOrigin.RESERVE
        tell(volunteer.account_id, NoticeKind.RESERVE_ASKED if asked_first else NoticeKind.OFFER, offer=offer)
    return offer


def _room_for(order: Order, volunteer: Volunteer, origin: OfferOrigin) -> None:
    if order.status not in ORDER_SEEKING:
        raise errors.WrongState(state=order.status)
    if not needs.free_positions([order.id]).get(order.id):
        raise errors.AlreadyTaken(_l("这个单子的名额已经满了。"))
    if origin == OfferOrigin.DISPATCH and not needs.seats([order])[order.id]:
        raise errors.Conflict()
    live = select(Offer.id).filter_by(order_id=order.id, volunteer_id=volunteer.id).where(Offer.status.in_(OFFER_LIVE))
    if db.session.scalar(live):
        raise errors.Conflict(_l("这位志愿者正在考虑这个单子，不用再发一次。"))


def answer_by(
    order: Order,
    starts_at: datetime,
    travel_minutes: int,
    *,
    minutes: int | None = None,
    spare: timedelta = NO_TIME,
) -> datetime:
    """When an offer made now runs out: by urgency, but in time to set out, and never after the last possible start.

    `minutes` stands for the urgency's, `spare` is time to be left for asking somebody else.
    """
    least = now() + timedelta(minutes=LEAST_MINUTES)
    set_out = starts_at - timedelta(minutes=travel_minutes) - spare
    last_start = max(order.window_until - order.duration, now() + timedelta(minutes=1))
    wanted = now() + timedelta(minutes=minutes or order_setting(order, "answer_minutes"))
    return min(wanted, max(set_out, least), last_start)


@command
@repeatable(Offer)
def withdraw_offer(
    offer_id: str, *, actor: Actor, key: str | None = None, why: str = "", quietly: bool = False
) -> Offer:
    """Take an offer back; raises WrongState when it has been answered or has run out.

    What a coordinator took back is not offered again by the next run; what the system did, or what has another reason
    `why`, may be. `quietly` tells the volunteer nothing: they are asked anew in the same breath.
    """
    order = locks.locked_order(locks.order_of(Offer, offer_id))
    require(actor, "dispatch.steer", order)
    offer = locks.locked(Offer, offer_id)
    take_back(offer, actor=actor, why=why or ("overtaken" if actor.is_system else bans.BY_HAND), quietly=quietly)
    settle(order, actor=actor)
    return offer


def withdraw_live_offers(order: Order, *, actor: Actor, why: str, keep: Offer | str | None = None) -> int:
    """Take back every offer of an order that is still out, but `keep`; gives their number. Call it inside a command.

    `why` is a code for the journal: taken (the place is gone: they are thanked), cancelled, window_over, …
    """
    kept = keep.id if isinstance(keep, Offer) else keep
    found = [offer for offer in live_offers(order) if offer.id != kept]
    for offer in found:
        take_back(offer, actor=actor, why=why)
    return len(found)


def live_offers(order: Order) -> list[Offer]:
    """Offers of an order still waiting for an answer, the oldest first, fresh."""
    rows = select(Offer).where(Offer.order_id == order.id, Offer.status.in_(OFFER_LIVE)).order_by(Offer.id)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def take_back(offer: Offer, *, actor: Actor, why: str, quietly: bool = False) -> None:
    """Withdraw one offer and say so to the volunteer, who is told nothing of one that was never sent. In a command."""
    offer.answered_at = now()
    move(offer, OfferMove.WITHDRAW, actor=actor, why=why)
    if quietly or offer.held_until is not None:
        return
    kind = NoticeKind.OFFER_TAKEN if why == TAKEN else NoticeKind.OFFER_WITHDRAWN
    tell(offer.volunteer.account_id, kind, offer=offer)


@command
def expire_offer(offer_id: str, *, actor: Actor = SYSTEM) -> Offer:
    """End an offer whose time is up; one answered meanwhile, or not yet due, is left alone. Passes the order on."""
    order = locks.locked_order(locks.order_of(Offer, offer_id))
    offer = locks.locked(Offer, offer_id)
    if offer.status in OFFER_LIVE and offer.expires_at <= now():
        offer.answered_at = now()
        move(offer, OfferMove.EXPIRE, actor=actor)
        settle(order, actor=actor)
    return offer


def settle(order: Order, *, actor: Actor) -> None:
    """With no offer left to wait for, an order that was being offered is open again. Call it inside a command."""
    db.session.flush()
    if order.status == OrderStatus.OFFERING and not live_offers(order):
        move(order, OrderMove.WAIT, actor=actor)
