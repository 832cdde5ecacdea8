"""Orders as the engine sees them: where, when, how many seats to offer, who must not be asked again and why."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.dispatching.hours import GENEROUS, METRES_A_DEGREE, asleep, seconds, span
from app.kernel.settings import DEFAULTS
from dispatch import OrderSpec
from models import (
    Assignment,
    Block,
    Event,
    Offer,
    Office,
    OfficeSetting,
    Order,
    OrderSkill,
    Position,
    Resident,
    Skill,
    Volunteer,
    db,
)
from models.kinds import EventKind, Urgency
from models.states import ASSIGNMENT_HOLDING, OFFER_LIVE, ORDER_SEEKING, AssignmentStatus, OfferStatus

Bans = dict[str, dict[str, str]]
"""Order id → volunteer id → why (the engine has words for: declined, blocked, already_offered, own, quiet)."""

URGENT_FACTOR = 4
BY_HAND = "by_hand"
REDISPATCH = "redispatch"


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


def live_offers(order_ids: list[str]) -> dict[str, int]:
    rows = (
        select(Offer.order_id, func.count().label("number"))
        .where(Offer.order_id.in_(order_ids), Offer.status.in_(OFFER_LIVE))
        .group_by(Offer.order_id)
    )
    return {row.order_id: row.number for row in db.session.execute(rows)}


def seats(orders: list[Order]) -> dict[str, int]:
    """How many more people to ask for each order: free positions times the offers allowed for one, less those out."""
    ids = [order.id for order in orders]
    free, out, allowed = free_positions(ids), live_offers(ids), _offers_per_position(orders)
    return {one: max(0, free.get(one, 0) * allowed[one] - out.get(one, 0)) for one in ids}


def _offers_per_position(orders: list[Order]) -> dict[str, int]:
    """The setting of each order, in one query for all of them."""
    name = "offers_per_position"
    rows = select(OfficeSetting.office_id, OfficeSetting.value).where(OfficeSetting.name == name)
    by_office: dict[str, Any] = {row.office_id: row.value for row in db.session.execute(rows)}
    found = {}
    for order in orders:
        nearest = next((by_office[one] for one in reversed(order.office.lineage) if one in by_office), DEFAULTS[name])
        own = order.item.limits.get(name) if order.item is not None else None
        found[order.id] = max(1, int(nearest if own is None else own))
    return found


def order_specs(
    orders: list[Order], positions: dict[str, int], now: datetime, who: str | None = None
) -> tuple[OrderSpec, ...]:
    """The orders given, each with the seats given for it; with `who`, bans of this one volunteer only."""
    ids = [order.id for order in orders]
    skills, bans, known = _skills(ids), _bans(orders, now, who), _served_before(orders)
    return tuple(
        OrderSpec(
            id=order.id, lat=order.lat, lon=order.lon, duration=order.duration_minutes * 60,
            window_start=seconds(span(order, now)[0]), window_end=seconds(span(order, now)[1]),
            positions=positions[order.id], priority=priority(order), now=order.is_now,
            skills=frozenset(skills.get(order.id, ())), credentials=frozenset(_credentials(order)),
            languages=frozenset(order.languages), sex=order.sex_wish or None, minimum_age=_minimum_age(order),
            preferred=frozenset(known.get(order.id, ())), excluded=bans.get(order.id, {}),
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


def _bans(orders: list[Order], now: datetime, who: str | None) -> Bans:
    """Who must not be asked for which order: for this order only, and never for having said no to another."""
    bans: Bans = defaultdict(dict)
    _ban_quiet(bans, orders, now, who)
    _ban_asked(bans, [order.id for order in orders], who)
    _ban_blocked(bans, orders, who)
    _ban_own(bans, orders, who)
    return bans


def _of(rows: Any, column: Any, who: str | None) -> Any:
    return rows if who is None else rows.where(column == who)


def _ban_blocked(bans: Bans, orders: list[Order], who: str | None) -> None:
    residents = {order.resident_id for order in orders}
    rows = select(Block.resident_id, Block.volunteer_id).where(Block.resident_id.in_(residents))
    blocked = db.session.execute(_of(rows, Block.volunteer_id, who)).all()
    for order in orders:
        for row in blocked:
            if row.resident_id == order.resident_id:
                bans[order.id][row.volunteer_id] = "blocked"


def _ban_own(bans: Bans, orders: list[Order], who: str | None) -> None:
    """Nobody is sent to themselves: not to the order they need, nor to one they placed for somebody."""
    residents = select(Resident.id, Resident.account_id).where(
        Resident.id.in_({order.resident_id for order in orders}), Resident.account_id.is_not(None)
    )
    account_of = {row.id: row.account_id for row in db.session.execute(residents)}
    asking = {order.id: {order.requester_id, account_of.get(order.resident_id)} - {None} for order in orders}
    rows = select(Volunteer.id, Volunteer.account_id).where(Volunteer.account_id.in_(set().union(*asking.values())))
    helping = db.session.execute(_of(rows, Volunteer.id, who)).all()
    for order_id, accounts in asking.items():
        bans[order_id].update({row.id: "own" for row in helping if row.account_id in accounts})


def _ban_asked(bans: Bans, order_ids: list[str], who: str | None) -> None:
    """Asked before and no seat for them now: said no, gave it back, let it pass, was withdrawn by hand, or is on it."""
    offers = select(Offer.id, Offer.order_id, Offer.volunteer_id, Offer.status, Offer.expires_at)
    asked = db.session.execute(_of(offers.where(Offer.order_id.in_(order_ids)), Offer.volunteer_id, who)).all()
    lifted, by_hand = (_redispatched(order_ids), _withdrawn_by_hand(order_ids)) if asked else ({}, set())
    for row in asked:
        if row.status in OFFER_LIVE or row.id in by_hand or _passed(row, lifted):
            bans[row.order_id].setdefault(row.volunteer_id, "already_offered")
        elif row.status == OfferStatus.DECLINED:
            bans[row.order_id][row.volunteer_id] = "declined"
    left = (AssignmentStatus.HANDED_BACK, AssignmentStatus.NO_SHOW)
    work = select(Assignment.order_id, Assignment.volunteer_id, Assignment.status)
    for order_id, volunteer_id, status in db.session.execute(
        _of(work.where(Assignment.order_id.in_(order_ids)), Assignment.volunteer_id, who)
    ):
        bans[order_id][volunteer_id] = "declined" if status in left else "already_offered"


def _passed(row: Any, lifted: dict[str, datetime]) -> bool:
    """The offer ran out, and no coordinator has had the order dispatched afresh since."""
    again = lifted.get(row.order_id)
    return row.status == OfferStatus.EXPIRED and (again is None or row.expires_at > again)


def _redispatched(order_ids: list[str]) -> dict[str, datetime]:
    """When a coordinator last had an order dispatched afresh: whoever let it pass before may be asked once more."""
    kinds = (EventKind.ORDER_NOTE, EventKind.ORDER_RETRY)
    rows = select(Event.order_id, Event.at, Event.kind, Event.particulars)
    found: dict[str, datetime] = {}
    for order_id, at, kind, particulars in db.session.execute(
        rows.where(Event.order_id.in_(order_ids), Event.kind.in_(kinds)).order_by(Event.version)
    ):
        if kind == EventKind.ORDER_RETRY or particulars.get("code") == REDISPATCH:
            found[order_id] = at
    return found


def _withdrawn_by_hand(order_ids: list[str]) -> set[str]:
    """Offers a coordinator took back: the next run must not make them again."""
    rows = select(Event.subject_id, Event.particulars)
    rows = rows.where(Event.order_id.in_(order_ids), Event.kind == EventKind.OFFER_WITHDRAW)
    return {offer_id for offer_id, particulars in db.session.execute(rows) if particulars.get("why") == BY_HAND}


def _ban_quiet(bans: Bans, orders: list[Order], now: datetime, who: str | None) -> None:
    """Quiet hours keep offers away that are not urgent. Only people near enough are named: distance loses the rest."""
    calm = [order for order in orders if order.urgency != Urgency.URGENT]
    rows = select(Volunteer.id, Volunteer.lat, Volunteer.lon, Volunteer.radius_m).where(asleep(now))
    sleeping = db.session.execute(_of(rows, Volunteer.id, who)).all() if calm else []
    for order in calm:
        for row in sleeping:
            if _near(order, row):
                bans[order.id].setdefault(row.id, "quiet")


def _near(order: Order, row: Any) -> bool:
    reach = row.radius_m * GENEROUS / METRES_A_DEGREE
    width = reach / max(0.1, math.cos(math.radians(order.lat)))
    return abs(order.lat - row.lat) <= reach and abs(order.lon - row.lon) <= width
