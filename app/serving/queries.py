"""What a volunteer's pages show: offers, tasks, reserves, and open orders nearby. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.dispatching import queries as dispatching
from app.kernel.access import Actor, require
from app.kernel.clock import midnight, now, today
from app.kernel.errors import NotFound
from app.kernel.lifecycle import can
from app.kernel.settings import order_setting
from app.language import current_language
from app.privacy.masks import form_of_address
from app.privacy.queries import TABLE, Level, assignment_column, opens_at
from app.serving.openings import Demand, OpenOrder, demand, is_claimable, open_orders
from app.serving.places import busy, holding
from app.serving.reserves import MAY_FREE_UP, reserve_of
from models import Assignment, Offer, Order, Rating, Reserve, Volunteer, db
from models.kinds import Side
from models.states import (
    ASSIGNMENT_BUSY,
    ASSIGNMENT_HOLDING,
    OFFER_LIVE,
    AssignmentMove,
    AssignmentStatus,
    OfferStatus,
)

RECENT = timedelta(days=7)


def self_of(actor: Actor) -> Volunteer:
    """The volunteer's own profile."""
    volunteer = db.session.get(Volunteer, actor.volunteer_id) if actor.volunteer_id else None
    if volunteer is None:
        raise NotFound()
    return volunteer


# ---------- offers ----------


def live_offers(volunteer_id: str) -> Sequence[Offer]:
    """What waits for an answer, the soonest to run out first."""
    found = _offers().where(Offer.volunteer_id == volunteer_id, Offer.status.in_(OFFER_LIVE), Offer.expires_at > now())
    found = found.where(Offer.held_until.is_(None))
    return db.session.scalars(found.order_by(Offer.expires_at)).all()


def _offers() -> Select[Offer]:
    return select(Offer).options(joinedload(Offer.order).joinedload(Order.office))


def offer_for(offer_id: str, actor: Actor) -> Offer:
    """One's own offer; NotFound for one that has not been sent, or never was."""
    offer = db.session.get(Offer, offer_id)
    if offer is None or (offer.held_until is not None and offer.status != OfferStatus.ACCEPTED):
        raise NotFound()
    require(actor, "offer.answer", offer)
    return offer


def why(offer: Offer) -> list[str]:
    """Why this volunteer is asked, in plain sentences for them."""
    return dispatching.offer_words(offer, lang=current_language())


def why_offered(offer: Offer) -> list[str]:
    """What that rests on: whether another would have been asked for a little less."""
    return dispatching.why_offered(offer, lang=current_language())


def is_shared(offer: Offer) -> bool:
    """Whether more people are being asked than the order still needs: the first yes takes the place."""
    waiting = select(func.count()).where(Offer.order_id == offer.order_id, Offer.status.in_(OFFER_LIVE))
    return (db.session.scalar(waiting) or 0) + len(busy(offer.order_id)) > offer.order.positions_wanted


def why_not_me(order: Order, volunteer: Volunteer) -> list[str]:
    """Why this volunteer was not asked for an open order."""
    return dispatching.why_not_me(order, volunteer, lang=current_language())


def is_live(offer: Offer) -> bool:
    return offer.status in OFFER_LIVE and now() < min(offer.expires_at, offer.ends_at)


def seconds_left(offer: Offer) -> int:
    return max(0, int((offer.expires_at - now()).total_seconds()))


@dataclass(frozen=True)
class Standing:
    """How a volunteer stands to an order they know of."""

    order: Order
    reserve: Reserve | None
    assignment: Assignment | None

    @property
    def may_claim(self) -> bool:
        return self.assignment is None and is_claimable(self.order)


def standing(order_id: str, actor: Actor) -> Standing:
    """NotFound unless the volunteer was offered the order, is a reserve, or could claim it."""
    order = db.session.get(Order, order_id)
    if order is None or actor.volunteer_id is None:
        raise NotFound()
    found = Standing(order, reserve_of(order_id, actor.volunteer_id), holding(order_id, actor.volunteer_id))
    if found.reserve is None and not found.may_claim:
        require(actor, "order.see", order)
    return found


# ---------- tasks ----------


@dataclass(frozen=True)
class Tasks:
    """What a volunteer has taken on: what is due today (or still running), and what comes later."""

    today: list[Assignment]
    later: list[Assignment]
    to_tell: list[Assignment]
    """Done of late, and the volunteer has not said how it went."""


def tasks_of(volunteer_id: str) -> Tasks:
    tomorrow = midnight(today() + timedelta(days=1))
    rows = assignments_of(volunteer_id, ASSIGNMENT_BUSY)
    return Tasks(
        today=[one for one in rows if one.starts_at < tomorrow],
        later=[one for one in rows if one.starts_at >= tomorrow],
        to_tell=_untold(volunteer_id),
    )


def assignments_of(volunteer_id: str, statuses: frozenset[AssignmentStatus]) -> list[Assignment]:
    found = (
        select(Assignment)
        .where(Assignment.volunteer_id == volunteer_id, Assignment.status.in_(statuses))
        .options(joinedload(Assignment.order).joinedload(Order.office))
    )
    return list(db.session.scalars(found.order_by(Assignment.starts_at)))


def _untold(volunteer_id: str) -> list[Assignment]:
    told = select(Rating.assignment_id).where(Rating.side == Side.VOLUNTEER)
    found = (
        select(Assignment)
        .where(
            Assignment.volunteer_id == volunteer_id,
            Assignment.status.in_((AssignmentStatus.CHECKED_OUT, AssignmentStatus.CONFIRMED)),
            Assignment.ended_at > now() - RECENT,
            Assignment.id.not_in(told),
        )
        .options(joinedload(Assignment.order))
    )
    return list(db.session.scalars(found.order_by(Assignment.ended_at.desc()).limit(3)))


def task_for(assignment_id: str, actor: Actor) -> Assignment:
    assignment = db.session.get(Assignment, assignment_id)
    if assignment is None:
        raise NotFound()
    require(actor, "assignment.serve", assignment)
    return assignment


def contact_opens_at(assignment: Assignment) -> datetime | None:
    """When the volunteer will learn where and who, if that is still to come."""
    return opens_at(assignment) if assignment_column(assignment) == "accepted" else None


def seconds_shown(assignment: Assignment) -> int:
    """How long the volunteer still sees where and who, at most; never less than nothing."""
    end = assignment.ended_at or assignment.ends_at
    until = end + timedelta(hours=order_setting(assignment.order, "exact_hours_after"))
    return max(0, int((until - now()).total_seconds()))


def check_in_opens_at(assignment: Assignment) -> datetime | None:
    """When the volunteer may check in, if that is still to come."""
    opens = assignment.starts_at - timedelta(minutes=order_setting(assignment.order, "check_in_early_minutes"))
    return opens if can(assignment, AssignmentMove.CHECK_IN) and now() < opens else None


def companions(assignment: Assignment) -> list[str]:
    """What the others who serve the same order are called; nobody once it is long over."""
    found = (
        select(Volunteer.name)
        .join(Assignment, Assignment.volunteer_id == Volunteer.id)
        .where(
            Assignment.order_id == assignment.order_id,
            Assignment.id != assignment.id,
            Assignment.status.in_(ASSIGNMENT_HOLDING),
        )
    )
    asked = TABLE["volunteer_name"][assignment_column(assignment)]
    names = db.session.scalars(found.order_by(Volunteer.name)) if asked != Level.NONE else ()
    return [form_of_address(name) for name in names]


def reserves_of(volunteer_id: str) -> Sequence[Reserve]:
    """Orders at which the volunteer is asked first, as long as a place may free up."""
    found = (
        select(Reserve)
        .join(Order)
        .where(
            Reserve.volunteer_id == volunteer_id,
            Reserve.left_at.is_(None),
            Order.status.in_(MAY_FREE_UP),
            Order.window_until > now(),
        )
        .options(joinedload(Reserve.order).joinedload(Order.office))
    )
    return db.session.scalars(found.order_by(Order.window_from)).all()


__all__ = [
    "Demand", "OpenOrder", "Standing", "Tasks", "assignments_of", "check_in_opens_at", "companions",
    "contact_opens_at", "demand", "is_claimable", "is_live", "is_shared", "live_offers", "offer_for", "open_orders",
    "reserves_of", "seconds_left", "seconds_shown", "self_of", "standing", "task_for", "tasks_of", "why", "why_not_me",
    "why_offered",
]  # fmt: skip
