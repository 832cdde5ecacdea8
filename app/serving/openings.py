"""Open orders nearby (抢单): what a volunteer could take with their own hand, and how busy it is around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.dispatching import queries as dispatching
from app.kernel.clock import midnight, now, today
from app.kernel.settings import order_setting
from app.privacy.masks import CELL, cell
from app.serving.ground import box, metres
from models import Assignment, Offer, Order, OrderSkill, Skill, Volunteer, VolunteerSkill, db
from models.states import ASSIGNMENT_HOLDING, OFFER_LIVE, ORDER_CLAIMABLE

MOST_JUDGED = 40
"""So many open orders, the nearest ones, are held against the volunteer's profile for one page."""
RECENT = timedelta(days=7)
_DAYS = {"today": (0, 1), "tomorrow": (1, 2), "week": (0, 7)}


def is_claimable(order: Order) -> bool:
    in_time = now() + order.duration <= order.window_until
    return order.status in ORDER_CLAIMABLE and in_time and may_be_claimed(order)


def may_be_claimed(order: Order) -> bool:
    """Whether volunteers may take it with their own hand: where the office allows it, or finds people by the list."""
    return bool(order_setting(order, "claims_allowed")) or order_setting(order, "offering_mode") == "open"


@dataclass(frozen=True)
class OpenOrder:
    """An order the volunteer could take with their own hand. The place is coarse: the community and a distance."""

    order: Order
    distance_m: int
    is_offered: bool


def open_orders(
    volunteer: Volunteer, *, within_m: int | None = None, skill: str | None = None, day: str | None = None
) -> list[OpenOrder]:
    """Open orders that no rule keeps from this volunteer, the nearest first."""
    home, radius = (volunteer.lat, volunteer.lon), within_m or volunteer.radius_m
    offered = _offered_to(volunteer.id)
    near = [
        OpenOrder(order, distance, order.id in offered)
        for order in db.session.scalars(_claimable(volunteer, radius, skill, day))
        if (distance := metres(home, cell(order.lat, order.lon))) <= radius and is_claimable(order)
    ]
    nearest = sorted(near, key=lambda one: one.distance_m)[:MOST_JUDGED]
    return [one for one in nearest if not dispatching.conflicts(one.order, volunteer)]


def _claimable(volunteer: Volunteer, radius: int, skill: str | None, day: str | None) -> Select[Order]:
    south, north, west, east = _cells_around(volunteer, radius)
    held = select(Assignment.order_id).where(
        Assignment.volunteer_id == volunteer.id, Assignment.status.in_(ASSIGNMENT_HOLDING)
    )
    found = select(Order).where(
        Order.status.in_(ORDER_CLAIMABLE),
        Order.window_until > now(),
        Order.lat.between(south, north),
        Order.lon.between(west, east),
        Order.id.not_in(held),
    )
    if skill:
        asks = select(OrderSkill.order_id).join(Skill).where(Skill.code == skill)
        found = found.where(Order.id.in_(asks))
    if day in _DAYS:
        first, last = _DAYS[day]
        start = midnight(today() + timedelta(days=first))
        found = found.where(Order.window_from < start + timedelta(days=last - first), Order.window_until > start)
    return found.options(joinedload(Order.office))


def _cells_around(volunteer: Volunteer, radius: float) -> tuple[float, float, float, float]:
    """The box around a volunteer by whole cells."""
    south, north, west, east = box((volunteer.lat, volunteer.lon), radius)
    low, high = cell(south, west), cell(north, east)
    return low[0] - CELL / 2, high[0] + CELL / 2, low[1] - CELL / 2, high[1] + CELL / 2


def _offered_to(volunteer_id: str) -> set[str]:
    found = select(Offer.order_id).where(
        Offer.volunteer_id == volunteer_id, Offer.status.in_(OFFER_LIVE), Offer.held_until.is_(None)
    )
    return set(db.session.scalars(found))


@dataclass(frozen=True)
class Demand:
    """How busy a volunteer's surroundings are: honest figures, so that nobody waits without knowing."""

    asked: int
    volunteers: int
    skilled: int
    days: int


def demand(volunteer: Volunteer) -> Demand:
    """Orders of the last week within the volunteer's radius, the volunteers who live there, and those of them (the
    reader included) who share one of the reader's skills; all of them where the reader has none."""
    south, north, west, east = _cells_around(volunteer, volunteer.radius_m)
    asked = select(func.count(Order.id)).where(
        Order.opened_at > now() - RECENT, Order.lat.between(south, north), Order.lon.between(west, east)
    )
    people = select(func.count(Volunteer.id)).where(
        Volunteer.is_verified, Volunteer.lat.between(south, north), Volunteer.lon.between(west, east)
    )
    everybody = db.session.scalar(people) or 0
    own = select(VolunteerSkill.skill_id).where(
        VolunteerSkill.volunteer_id == volunteer.id, VolunteerSkill.verified_at.is_not(None)
    )
    alike = select(VolunteerSkill.volunteer_id).where(
        VolunteerSkill.skill_id.in_(own), VolunteerSkill.verified_at.is_not(None)
    )
    has_skills = db.session.scalar(own.limit(1)) is not None
    skilled = db.session.scalar(people.where(Volunteer.id.in_(alike))) or 0 if has_skills else everybody
    return Demand(db.session.scalar(asked) or 0, everybody, skilled, RECENT.days)
