"""自动派单 on or off, and what it would do now: a dry run that the coordinator may publish, all or what they tick."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

import dispatch
from app.dispatching import runs, snapshot
from app.dispatching.hand import offer_by_hand
from app.dispatching.solver import solver
from app.dispatching.wording import skill_names, unplaced_words
from app.kernel.access import Actor, may, require, within
from app.kernel.clock import YEARS
from app.kernel.errors import DomainError, NotFound
from app.kernel.locks import locked
from app.kernel.settings import setting
from app.kernel.transaction import command
from app.offices import service as offices
from models import Office, Order, Volunteer, db
from models.kinds import Role

NAME = "auto_dispatch"


def is_automatic(office: Office) -> bool:
    """Whether runs make offers for this office's orders by themselves."""
    return bool(setting(office, NAME))


@command
def set_automatic(office_id: str, on: bool, *, actor: Actor) -> Office:
    """Switch it for an office and all below it that have not set their own; the order's own desk may."""
    office = locked(Office, office_id)
    require(actor, "dispatch.steer", office)
    offices.write_policy(office, NAME, on, actor=actor)
    return office


@dataclass(frozen=True)
class Suggestion:
    """One person for one order, and why; `name` is None outside the reader's subtree."""

    order: Order
    volunteer_id: str
    name: str | None
    starts_at: datetime
    distance_m: int
    reasons: list[str]

    @property
    def pick(self) -> str:
        """How a form names it: what was looked at, and for which time."""
        return f"{self.order.id}:{self.volunteer_id}:{self.starts_at.isoformat(timespec='seconds')}"


@dataclass(frozen=True)
class Preview:
    """What a run would do now for the orders looked at, and why the others would go on waiting."""

    suggestions: list[Suggestion] = field(default_factory=list)
    unplaced: list[tuple[Order, list[str]]] = field(default_factory=list)
    degraded: str = ""

    @property
    def orders(self) -> int:
        """How many orders somebody would be asked for."""
        return len({one.order.id for one in self.suggestions})


def preview(office: Office, *, actor: Actor, lang: str = "zh") -> Preview:
    """A dry run of the whole city, told as far as the orders lie in this office's subtree. Nothing is written."""
    require(actor, "dispatch.steer", office)
    city = db.session.get_one(Office, office.lineage[0])
    weights, doubts = runs.weights_of(city)
    problem = snapshot.take(city).problem
    if not problem.orders:
        return Preview()
    plan = solver().solve(problem, weights, seed=0)
    orders = _orders(office, {spec.id for spec in problem.orders}, actor)
    people, names = _people({one.volunteer for one in plan.proposals}), skill_names(lang)
    suggestions = [
        _suggestion(
            one,
            orders[one.order],
            people[one.volunteer],
            actor,
            dispatch.words(one.reasons, lang, "coordinator", names=names),
        )
        for one in sorted(plan.proposals, key=lambda one: (one.start, one.order))
        if one.order in orders
    ]
    unplaced = [
        (orders[one.order], unplaced_words(runs.counted(one), lang)) for one in plan.unplaced if one.order in orders
    ]
    return Preview(suggestions, unplaced, "; ".join(part for part in (doubts, plan.degraded) if part))


def _orders(office: Office, ids: set[str], actor: Actor) -> dict[str, Order]:
    own = within(Office.path, actor.paths(Role.COORDINATOR))
    found = select(Order).join(Order.office).where(Order.id.in_(ids), own, within(Office.path, [office.path]))
    return {order.id: order for order in db.session.scalars(found.options(joinedload(Order.office)))}


def _people(ids: set[str]) -> dict[str, Volunteer]:
    found = select(Volunteer).where(Volunteer.id.in_(ids)).options(joinedload(Volunteer.office))
    return {row.id: row for row in db.session.scalars(found)}


def _suggestion(one: Any, order: Order, volunteer: Volunteer, actor: Actor, reasons: list[str]) -> Suggestion:
    name = volunteer.name if may(actor, "volunteer.see", volunteer) else None
    return Suggestion(order, volunteer.id, name, datetime.fromtimestamp(one.start, UTC), one.distance_m, reasons)


@dataclass
class Sent:
    """What became of the ticked suggestions: how many were asked, and what stood against the others, in words."""

    asked: int = 0
    refused: list[str] = field(default_factory=list)


def publish_picks(picks: list[str], *, actor: Actor, key: str | None = None) -> Sent:
    """Ask the people of these suggestions, each in a command of its own, held back like any offer made by hand.

    The same key asks nobody twice and counts them again.
    """
    sent = Sent()
    for pick in dict.fromkeys(picks):
        order_id, volunteer_id, starts_at = _parted(pick)
        try:
            own_key = f"{key}:{order_id}:{volunteer_id}" if key else None
            offer_by_hand(order_id, volunteer_id, actor=actor, key=own_key, starts_at=starts_at, undoable=True)
            sent.asked += 1
        except NotFound:
            raise
        except DomainError as refused:
            sent.refused.append(f"{_number(order_id)} {refused.detail}")
    return sent


def _parted(pick: str) -> tuple[str, str, datetime]:
    order_id, _, rest = pick.partition(":")
    volunteer_id, _, moment = rest.partition(":")
    try:
        starts_at = datetime.fromisoformat(moment)
    except ValueError as error:
        raise NotFound() from error
    if starts_at.tzinfo is None or starts_at.year not in YEARS:
        raise NotFound()
    return order_id, volunteer_id, starts_at


def _number(order_id: str) -> str:
    return db.session.scalar(select(Order.number).where(Order.id == order_id)) or ""
