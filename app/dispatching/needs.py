"""Orders as the engine sees them: where, when, how many seats to offer, who must not be asked again and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from app.dispatching import pace
from app.dispatching.bans import bans_of
from app.dispatching.hours import seconds, span
from dispatch import OrderSpec
from dispatch.offering import Mode, raised
from models import (
    Assignment,
    DispatchRun,
    Offer,
    Office,
    Order,
    OrderSkill,
    Position,
    Skill,
    db,
)
from models.kinds import RunMode, Urgency
from models.states import ASSIGNMENT_HOLDING, OFFER_LIVE, ORDER_SEEKING, AssignmentStatus

URGENT_FACTOR = 4


def seeking(path: str) -> list[Order]:
    """Orders of the subtree that still look for volunteers, with what is asked of each row here."""
    rows = (
        select(Order)
        .join(Office, Office.id == Order.office_id)
        .where(Order.status.in_(ORDER_SEEKING), Office.path.startswith(path, autoescape=True))
        .options(joinedload(Order.office), joinedload(Order.item))
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(rows))


def free_positions(order_ids: list[str]) -> dict[str, int]:
    """Positions nobody holds, for each order."""
    taken = select(Assignment.position_id).where(
        Assignment.order_id.in_(order_ids), Assignment.status.in_(ASSIGNMENT_HOLDING)
    )
    rows = (
        select(Position.order_id, func.count().label("number"))
        .where(Position.order_id.in_(order_ids), Position.id.not_in(taken))
        .group_by(Position.order_id)
    )
    return {row.order_id: row.number for row in db.session.execute(rows)}


@dataclass(frozen=True)
class Out:
    """Live offers of an order. Those of a day plan stand by themselves: nobody else is asked for their places."""

    planned: int = 0
    others: int = 0


def live_offers(order_ids: list[str], but: Collection[str] = ()) -> dict[str, Out]:
    """The offers out for each order, `but` some."""
    is_planned = case((DispatchRun.mode == RunMode.DAY, 1), else_=0)
    rows = (
        select(Offer.order_id, func.sum(is_planned).label("planned"), func.count().label("number"))
        .outerjoin(DispatchRun, DispatchRun.id == Offer.run_id)
        .where(Offer.order_id.in_(order_ids), Offer.status.in_(OFFER_LIVE), Offer.id.not_in(list(but)))
        .group_by(Offer.order_id)
    )
    return {row.order_id: Out(int(row.planned), row.number - int(row.planned)) for row in db.session.execute(rows)}


def seats(orders: list[Order]) -> dict[str, int]:
    """How many people the matching looks for, for each order: one for each free position, as far as there is room.

    There is room while fewer are asked and silent than the settings allow for one free position. A place that a day
    plan has offered to somebody is left to them.
    """
    ids = [order.id for order in orders]
    free, out, most = free_positions(ids), live_offers(ids), pace.of_orders(orders, "offers_per_position")
    none = Out()
    found = {}
    for one in ids:
        open_places = free.get(one, 0) - out.get(one, none).planned
        found[one] = max(0, min(open_places, open_places * max(1, int(most[one])) - out.get(one, none).others))
    return found


def places(orders: list[Order], but: Collection[str] = ()) -> dict[str, int]:
    """Free positions that nobody is asked for, the offers in `but` set aside: what a day plan may fill."""
    ids = [order.id for order in orders]
    free, out, none = free_positions(ids), live_offers(ids, but), Out()
    return {one: max(0, free.get(one, 0) - out.get(one, none).planned - out.get(one, none).others) for one in ids}


def automatic(orders: list[Order]) -> list[Order]:
    """Those for which runs ask people by themselves: not where a desk asks, nor where the order stands on the list."""
    on, mode = pace.of_orders(orders, "auto_dispatch"), pace.of_orders(orders, "offering_mode")
    return [order for order in orders if on[order.id] and mode[order.id] not in (Mode.HAND, Mode.OPEN)]


def order_specs(
    orders: list[Order],
    positions: dict[str, int],
    now: datetime,
    who: str | None = None,
    moving: Collection[str] = (),
    *,
    boosts: Mapping[str, float] | None = None,
    budgets: bool = True,
) -> tuple[OrderSpec, ...]:
    """The orders given, each with the seats given for it; with `who`, bans of this one volunteer only.

    `boosts` (order id → boost of its street) raise the priority. Without `budgets` nobody is spared for having had
    enough messages: a day plan is one message, however much is in it.

    Offers in `moving` may go to somebody else: they ban nobody, and the engine hears of them as `offered`.
    """
    ids = [order.id for order in orders]
    weighs = {order.id: raised(priority(order), (boosts or {}).get(order.id, 0.0)) for order in orders}
    skills, bans, known = _skills(ids), bans_of(orders, now, who, moving, budgets=budgets), _served_before(orders)
    offered = _offered(moving)
    return tuple(
        OrderSpec(
            id=order.id, lat=order.lat, lon=order.lon, duration=order.duration_minutes * 60,
            window_start=seconds(span(order, now)[0]), window_end=seconds(span(order, now)[1]),
            positions=positions[order.id], priority=weighs[order.id], now=order.is_now,
            skills=frozenset(skills.get(order.id, ())), credentials=frozenset(_credentials(order)),
            languages=frozenset(order.languages), sex=order.sex_wish or None, minimum_age=_minimum_age(order),
            preferred=frozenset(known.get(order.id, ())), excluded=bans.get(order.id, {}),
            offered=frozenset(offered.get(order.id, ())),
        )
        for order in orders
    )  # fmt: skip


def fits(order: Order, now: datetime) -> bool:
    """Whether its window has time left for it, and is as long as the service at all."""
    begins, ends = span(order, now)
    return begins + order.duration <= ends and max(begins, now) + order.duration <= ends


def priority(order: Order) -> int:
    """What the order weighs against others; an urgent one outweighs several that can wait."""
    factor = URGENT_FACTOR if order.urgency == Urgency.URGENT else 1
    return max(1, min(1000, order.priority * factor))


def _credentials(order: Order) -> set[str]:
    """What the law asks holds even if the order forgot to repeat it."""
    return {*order.credentials, *(order.item.credentials if order.item is not None else ())}


def _minimum_age(order: Order) -> int | None:
    ages = [order.minimum_age, order.item.minimum_age if order.item is not None else None]
    return max((age for age in ages if age is not None), default=None)


def _skills(order_ids: list[str]) -> dict[str, set[str]]:
    rows = select(OrderSkill.order_id, Skill.code).join(Skill, Skill.id == OrderSkill.skill_id)
    found: dict[str, set[str]] = defaultdict(set)
    for order_id, code in db.session.execute(rows.where(OrderSkill.order_id.in_(order_ids))):
        found[order_id].add(code)
    return found


def _served_before(orders: list[Order]) -> dict[str, set[str]]:
    """Who has served the same resident, for orders that wish for somebody they know."""
    wishing = {order.resident_id: order.id for order in orders if order.wants_same_volunteer}
    done = (AssignmentStatus.CHECKED_OUT, AssignmentStatus.CONFIRMED)
    rows = (
        select(Order.resident_id, Assignment.volunteer_id)
        .join(Order, Order.id == Assignment.order_id)
        .where(Order.resident_id.in_(list(wishing)), Assignment.status.in_(done))
        .distinct()
    )
    by_resident: dict[str, set[str]] = defaultdict(set)
    for resident_id, volunteer_id in db.session.execute(rows) if wishing else ():
        by_resident[resident_id].add(volunteer_id)
    return {order.id: by_resident[order.resident_id] for order in orders if order.wants_same_volunteer}


def _offered(moving: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    rows = select(Offer.order_id, Offer.volunteer_id).where(Offer.id.in_(list(moving)))
    for order_id, volunteer_id in db.session.execute(rows) if moving else ():
        found[order_id].add(volunteer_id)
    return found
