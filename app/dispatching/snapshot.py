"""The frozen question: one read of the database becomes a dispatch.Problem."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import select

from app.dispatching import cases, daily, needs, people
from app.dispatching.cases import Seen
from app.dispatching.hours import days_asked, seconds
from app.kernel.clock import local
from app.kernel.clock import now as this_moment
from dispatch import Problem
from models import Office, Order, db

_AMPLE_TRAVEL = 2 * 86400
"""Longer than anybody's way to an order (seconds)."""


@dataclass(frozen=True)
class Snapshot:
    """The problem, and the version of every order as it was read: a proposal for a changed order is stale.

    `seen`: what the next step of each order rests on (cases.py), where a run is to ask people.
    """

    problem: Problem
    versions: dict[str, int]
    seen: dict[str, Seen] = field(default_factory=dict)


@dataclass(frozen=True)
class DayShot(Snapshot):
    """The same for a day plan, with the open offers of earlier plans (ids) that it may move."""

    moving: frozenset[str] = frozenset()


def cities() -> list[Office]:
    """The roots of the office tree; each is dispatched by itself."""
    return list(db.session.scalars(select(Office).where(Office.parent_id.is_(None)).order_by(Office.id)))


def take(city: Office, *, only_automatic: bool = False) -> Snapshot:
    """Everything a run of this city may know, as of now. The caller ends the transaction.

    `only_automatic` is for a run that asks: without the orders of offices that want to be asked first, and those for
    which enough people are thinking about it.
    """
    now = this_moment()
    orders = [order for order in needs.seeking(city.path) if needs.fits(order, now)]
    seen: dict[str, Seen] = {}
    if only_automatic:
        seen, _notes = cases.wanting(needs.automatic(orders), now)
        orders = [one.order for one in seen.values()]
    seats = {order_id: count for order_id, count in needs.seats(orders).items() if count}
    orders = [order for order in orders if order.id in seats]
    boosts = {key: one.case.boost for key, one in seen.items()}
    specs = needs.order_specs(orders, seats, now, boosts=boosts)
    days = days_asked(orders, now)
    volunteers = people.volunteer_specs(people.of_city(city.path), specs, days, now) if specs else ()
    versions = {order.id: order.version for order in orders}
    kept = {order.id: seen[order.id] for order in orders if order.id in seen}
    return Snapshot(Problem(seconds(now), specs, volunteers), versions, kept)


def of_day(office: Office, orders: list[Order], day: date) -> DayShot:
    """A local day's open places of these orders, with everybody in the city. The caller ends the transaction."""
    now = this_moment()
    moving = daily.movable_offers([order.id for order in orders], day)
    free = {order_id: count for order_id, count in needs.places(orders, moving).items() if count}
    orders = [order for order in orders if order.id in free]
    specs = daily.on_the_day(needs.order_specs(orders, free, now, moving=moving, budgets=False), orders, day, now)
    days = daily.days_of(specs)
    whose = people.of_city(f"/{office.lineage[0]}/")
    volunteers = people.volunteer_specs(whose, specs, days, now, moving=moving) if specs else ()
    versions = {order.id: order.version for order in orders}
    return DayShot(Problem(seconds(now), specs, volunteers), versions, moving=frozenset(moving))


def one_order(order: Order) -> Problem:
    """One order against everybody in the city, as if one seat were left: for the coordinator's list of candidates."""
    now = this_moment()
    specs = needs.order_specs([order], {order.id: 1}, now)
    whose = people.of_city(city_of(order).path)
    return Problem(seconds(now), specs, people.volunteer_specs(whose, specs, days_asked([order], now), now))


def pair(order: Order, volunteer_id: str, starts_at: datetime | None = None, *, offers_count: bool = False) -> Problem:
    """One order and one volunteer. Their other offers do not count (unless told): they may choose among them.

    With `starts_at` the service is judged at that very time, as if there were time enough to get there.
    """
    now = this_moment()
    specs = needs.order_specs([order], {order.id: 1}, now, volunteer_id)
    days = days_asked([order], now)
    moment = seconds(now)
    if starts_at is not None:
        begins, ends = seconds(starts_at), seconds(starts_at + order.duration)
        specs = tuple(replace(spec, window_start=begins, window_end=ends) for spec in specs)
        days = sorted({local(starts_at).date(), local(starts_at + order.duration).date()})
        moment = min(moment, begins - _AMPLE_TRAVEL)
    whose = people.only(volunteer_id)
    found = people.volunteer_specs(whose, specs, days, now, by_hand=True, offers_count=offers_count)
    return Problem(moment, specs, found)


def city_of(order: Order) -> Office:
    """The root of the tree that the order's office stands in."""
    root = db.session.get(Office, order.office.lineage[0])
    if root is None:
        raise LookupError(order.office_id)
    return root
