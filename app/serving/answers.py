"""Answers to offers, and claims of open orders (抢单)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.dispatching import queries as fitting
from app.dispatching import service as dispatching
from app.kernel import locks
from app.kernel.access import SYSTEM, Actor, require
from app.kernel.clock import now
from app.kernel.errors import AlreadyTaken, DomainError, NotAllowed, NotFound, OfferOver, WrongState
from app.kernel.idempotency import once
from app.kernel.lifecycle import can, move
from app.kernel.transaction import command
from app.serving import places
from app.serving.openings import may_be_claimed
from app.serving.reserves import keep_reserve
from app.serving.taking import take
from models import Assignment, Offer, db
from models.states import ASSIGNMENT_BUSY, OFFER_LIVE, OfferMove, OfferStatus, OrderStatus


@command
def see_offer(offer_id: str, *, actor: Actor) -> Offer:
    """The volunteer has looked at the offer; looking again changes nothing."""
    offer = _own_offer(offer_id, actor)
    if can(offer, OfferMove.SEE) and now() < offer.expires_at:
        offer.seen_at = now()
        move(offer, OfferMove.SEE, actor=actor)
    return offer


def accept(offer_id: str, *, actor: Actor, key: str | None = None) -> Assignment:
    """Say yes. Too late (AlreadyTaken, OfferOver) is remembered: the volunteer is kept as a reserve."""
    try:
        return _accept(offer_id, actor=actor, key=key)
    except (AlreadyTaken, OfferOver):
        _remember_late_yes(locks.order_of(Offer, offer_id), actor)
        raise


@command
def _accept(offer_id: str, *, actor: Actor, key: str | None) -> Assignment:
    assignment_id, _replayed = once(key, actor, "offer.accept", offer_id, lambda: _take_offered(offer_id, actor).id)
    return db.session.get_one(Assignment, assignment_id)


def _take_offered(offer_id: str, actor: Actor) -> Assignment:
    rivals = _lock_with_rivals(offer_id)
    offer = _own_offer(offer_id, actor)
    [volunteer] = locks.locked_volunteers(offer.volunteer_id)
    if offer.status == OfferStatus.ACCEPTED:
        return _already_accepted(offer)
    moment = now()  # the answer's one moment: the database may keep us waiting beyond the offer's end
    _refuse_if_over(offer, moment)
    assignment = take(offer.order, volunteer, offer.starts_at, offer.ends_at, actor=actor, offer=offer, moment=moment)
    _withdraw_rivals(rivals)
    return assignment


def _lock_with_rivals(offer_id: str) -> list[str]:
    """Lock the order, and those of the volunteer's other live offers at that time; give back these offers.

    All orders before the volunteer and in the order of their ids: no two commands wait for each other.
    """
    offer = db.session.get(Offer, offer_id)
    if offer is None:
        raise NotFound()
    found = _rivals(offer.volunteer_id, offer.order_id, offer.starts_at, offer.ends_at)
    _lock_orders({offer.order_id, *(one.order_id for one in found)})
    return [one.id for one in found]


def _lock_orders(order_ids: set[str]) -> None:
    for order_id in sorted(order_ids):
        locks.locked_order(order_id)


def _rivals(volunteer_id: str, order_id: str, starts_at: datetime, ends_at: datetime) -> list[Offer]:
    """Other live offers to the volunteer for a time that overlaps."""
    return list(
        db.session.scalars(
            select(Offer).where(
                Offer.volunteer_id == volunteer_id,
                Offer.order_id != order_id,
                Offer.status.in_(OFFER_LIVE),
                Offer.starts_at < ends_at,
                Offer.ends_at > starts_at,
            )
        )
    )


def _withdraw_rivals(offer_ids: list[str]) -> None:
    for offer_id in offer_ids:
        offer = locks.locked(Offer, offer_id)
        if offer.status in OFFER_LIVE:
            offer.answered_at = now()
            move(offer, OfferMove.WITHDRAW, actor=SYSTEM, why="busy")
            dispatching.settle(offer.order, actor=SYSTEM)


def _own_offer(offer_id: str, actor: Actor) -> Offer:
    """The offer under its order's lock, if it is this volunteer's."""
    locks.locked_order(locks.order_of(Offer, offer_id))
    offer = locks.locked(Offer, offer_id)
    require(actor, "offer.answer", offer)
    return offer


def _already_accepted(offer: Offer) -> Assignment:
    held = places.holding(offer.order_id, offer.volunteer_id)
    if held is None:
        raise OfferOver()
    return held


def _refuse_if_over(offer: Offer, moment: datetime) -> None:
    if offer.status in OFFER_LIVE and moment < min(offer.expires_at, offer.ends_at):
        return
    if offer.order.status in (OrderStatus.STAFFED, OrderStatus.SERVING):
        raise AlreadyTaken()
    raise OfferOver()


def _remember_late_yes(order_id: str, actor: Actor) -> None:
    with suppress(DomainError):
        keep_reserve(order_id, actor=actor)


@command
def decline(offer_id: str, *, actor: Actor, reason: str = "") -> Offer:
    """Not this time. It costs nothing, needs no reason, and saying it late or twice is harmless."""
    offer = _own_offer(offer_id, actor)
    if not can(offer, OfferMove.DECLINE) or now() >= offer.expires_at:
        return offer
    offer.decline_reason = reason
    offer.answered_at = now()
    move(offer, OfferMove.DECLINE, actor=actor)
    dispatching.order_freed(offer.order)
    return offer


def claim(order_id: str, *, actor: Actor, key: str | None = None) -> Assignment:
    """Take an open order without having been asked; who comes too late is kept as a reserve."""
    try:
        return _claim(order_id, actor=actor, key=key)
    except AlreadyTaken:
        _remember_late_yes(order_id, actor)
        raise


@command
def _claim(order_id: str, *, actor: Actor, key: str | None) -> Assignment:
    assignment_id, _replayed = once(key, actor, "order.claim", order_id, lambda: _take_claimed(order_id, actor).id)
    return db.session.get_one(Assignment, assignment_id)


def _take_claimed(order_id: str, actor: Actor) -> Assignment:
    require(actor, "order.claim")
    if actor.volunteer_id is None:
        raise NotAllowed()
    offered = _live_offer(order_id, actor.volunteer_id)
    if offered is not None:
        return _take_offered(offered, actor)
    order = locks.locked_order(order_id)
    held = places.holding(order_id, actor.volunteer_id)
    if held is not None and held.status in ASSIGNMENT_BUSY:
        return held  # tapped twice
    [volunteer] = locks.locked_volunteers(actor.volunteer_id)
    if not may_be_claimed(order):
        raise NotAllowed(_l("这个社区的单子由调度员安排，不能直接接。"))
    fit = fitting.fit_anyhow(order, volunteer)
    if fit is None:
        raise WrongState(_l("这个单子的时间已经过了。"))
    return take(order, volunteer, fit.starts_at, fit.ends_at, actor=actor, offer=None, moment=now())


def _live_offer(order_id: str, volunteer_id: str) -> str | None:
    found = select(Offer.id).where(
        Offer.order_id == order_id,
        Offer.volunteer_id == volunteer_id,
        Offer.status.in_(OFFER_LIVE),
        Offer.expires_at > now(),
    )
    return db.session.scalar(found)
