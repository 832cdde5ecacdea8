"""A coordinator asks somebody of their own choice: told first what speaks against it, and with time to undo it.

The volunteer hears nothing before the time for undoing is over: a slip of the hand then troubles nobody, where a notice
that is taken back at once would. The clock's tick sends what has been held (app/dispatching/timers.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.dispatching.judging import Conflict, cautions, fit_anyhow
from app.dispatching.offers import make_offer, settle, take_back
from app.kernel import errors, locks
from app.kernel.access import SYSTEM, Actor, may, require
from app.kernel.clock import now
from app.kernel.idempotency import repeatable
from app.kernel.journal import record
from app.kernel.lifecycle import move
from app.kernel.settings import order_setting
from app.kernel.transaction import command
from app.notices.service import tell
from models import Offer, Order, db
from models.kinds import EventKind, NoticeKind, OfferOrigin
from models.states import OFFER_LIVE, OfferStatus, OrderMove, OrderStatus

UNDONE = "undone"
MOVED = "moved"
AGREED = "accepted"
"""The rule that somebody has said yes: to take that away the coordinator must say so by itself."""


@command
@repeatable(Offer)
def offer_by_hand(
    order_id: str,
    volunteer_id: str,
    *,
    actor: Actor,
    key: str | None = None,
    despite: bool = False,
    starts_at: datetime | None = None,
    undoable: bool = False,
) -> Offer:
    """A coordinator asks a chosen volunteer. Raises NotFitting with the conflicts, unless `despite` sets them aside.

    What law and safety ask is never set aside. Somebody outside the coordinator's subtree may be asked only when
    nothing speaks against it, as the list of candidates shows them. `starts_at` wishes for that very time. An
    `undoable` offer is sent after the office's `undo_seconds`.
    """
    order = locks.locked_order(order_id)
    require(actor, "dispatch.steer", order)
    return ask(order, volunteer_id, actor=actor, despite=despite, starts_at=starts_at, undoable=undoable)


def ask(
    order: Order,
    volunteer_id: str,
    *,
    actor: Actor,
    despite: bool,
    starts_at: datetime | None,
    undoable: bool = True,
    beside: Sequence[Conflict] = (),
    anew: bool = False,
) -> Offer:
    """The same inside a command that holds the order. `beside` speaks against it too and is not set aside by
    `despite`; `anew`: that they were asked before, or were to come, does not count."""
    (volunteer,) = locks.locked_volunteers(volunteer_id)
    found = cautions(order, volunteer, starts_at, lang=actor.language)
    found = [one for one in found if not (anew and one.rule == "already_offered")]
    if found and not may(actor, "volunteer.see", volunteer):
        raise errors.NotFound()
    place = fit_anyhow(order, volunteer, starts_at)
    if place is None or any(one.is_binding for one in found) or beside or (found and not despite):
        raise not_fitting([*beside, *found])
    if order.status == OrderStatus.UNFILLED:
        move(order, OrderMove.RETRY, actor=actor)
    return make_offer(
        order.id, volunteer_id, actor=actor, origin=OfferOrigin.HAND, starts_at=place.starts_at, ends_at=place.ends_at,
        distance_m=place.distance_m, travel_minutes=place.travel_minutes,
        terms={**place.terms, "despite": [one.rule for one in found]},
        held_seconds=int(order_setting(order, "undo_seconds")) if undoable else 0,
    )  # fmt: skip


def not_fitting(found: list[Conflict]) -> errors.NotFitting:
    """The refusal that says which rules, in which words, and what to send along to set them aside where one may."""
    listed = [{"rule": one.rule, "words": one.words, "binding": one.is_binding} for one in found]
    detail = "；".join(one.words for one in found) or None
    if not found or any(one.is_binding for one in found):
        return errors.NotFitting(detail, conflicts=listed)
    agreed = {"agreed": "1"} if any(one.rule == AGREED for one in found) else {}
    return errors.NotFitting(detail, conflicts=listed, confirm={"despite": "1", **agreed})


@command
@repeatable(Offer)
def move_offer(
    offer_id: str,
    *,
    actor: Actor,
    key: str | None = None,
    volunteer_id: str | None = None,
    starts_at: datetime | None = None,
    despite: bool = False,
) -> Offer:
    """Ask somebody else, or for another time, in place of an offer nobody has answered: taken back and made in one.

    Raises WrongState when it has been answered, and what `offer_by_hand` raises; then the old offer stands.
    """
    order = locks.locked_order(locks.order_of(Offer, offer_id))
    require(actor, "dispatch.steer", order)
    offer = locks.locked(Offer, offer_id)
    if offer.status not in OFFER_LIVE:
        raise errors.WrongState(_l("这个邀请已经有了答复，请看最新的情况。"), state=offer.status)
    whom = volunteer_id or offer.volunteer_id
    take_back(offer, actor=actor, why=MOVED, quietly=whom == offer.volunteer_id)
    db.session.flush()
    return ask(order, whom, actor=actor, despite=despite, starts_at=starts_at, anew=whom == offer.volunteer_id)


def seconds_to_undo(offer: Offer) -> int:
    """How long the offer may still be undone; 0 once it is sent or over."""
    if offer.held_until is None or offer.status not in OFFER_LIVE:
        return 0
    return max(0, int((offer.held_until - now()).total_seconds()))


@command
@repeatable(Offer)
def undo_offer(offer_id: str, *, actor: Actor, key: str | None = None) -> Offer:
    """Take an offer back that nobody has been told of. Raises WrongState when it has gone out.

    The journal keeps both steps. The same person may be asked for this order again at once.
    """
    order = locks.locked_order(locks.order_of(Offer, offer_id))
    require(actor, "dispatch.steer", order)
    offer = locks.locked(Offer, offer_id)
    if offer.status == OfferStatus.ACCEPTED:
        raise errors.WrongState(_l("志愿者已经接了这一单，不能撤销。"), state=offer.status)
    if offer.held_until is None or offer.held_until <= now():
        raise errors.WrongState(_l("邀请已经发出去了，不能撤销；还没答复的可以收回。"), state=offer.status)
    take_back(offer, actor=actor, why=UNDONE, quietly=True)
    settle(order, actor=actor)
    return offer


def to_send() -> list[str]:
    """Offers whose time for undoing is over."""
    found = select(Offer.id).where(Offer.status.in_(OFFER_LIVE), Offer.held_until <= now())
    return list(db.session.scalars(found.order_by(Offer.held_until).limit(500)))


@command
def send(offer_id: str, *, actor: Actor = SYSTEM) -> Offer:
    """Tell the volunteer of an offer that was held; doing it twice, or too early, is harmless."""
    order = locks.locked_order(locks.order_of(Offer, offer_id))
    offer = locks.locked(Offer, offer_id)
    if offer.held_until is None or offer.status not in OFFER_LIVE or offer.held_until > now():
        return offer
    offer.held_until, offer.sent_at = None, now()
    record(offer, EventKind.OFFER_SEND, actor=actor)
    tell(offer.volunteer.account_id, NoticeKind.OFFER, offer=offer, order=order)
    return offer
