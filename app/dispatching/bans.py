"""Who must not be asked for which order, and why."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from app.dispatching.alerts import histories
from app.dispatching.hours import GENEROUS, METRES_A_DEGREE, among, asleep, seconds
from app.dispatching.pace import Paces
from app.kernel.clock import local, midnight, monday_of
from dispatch.offering import Asking, held
from dispatch.offering.budget import is_quiet
from models import Assignment, Block, Event, Offer, Order, Resident, Volunteer, db
from models.kinds import EventKind
from models.states import OFFER_LIVE, AssignmentStatus, OfferStatus

Bans = dict[str, dict[str, str]]
"""Order id → volunteer id → why (the engine has words for: declined, blocked, already_offered, own, quiet)."""

BY_HAND = "by_hand"
REDISPATCH = "redispatch"
ANY = ""
"""No order in particular: what is asked is whether there is room for a message at all."""
NEVER = (0, 0)


def bans_of(
    orders: list[Order], now: datetime, who: str | None, moving: Collection[str], *, budgets: bool = True
) -> Bans:
    """Who must not be asked for which order: for this order only, and never for having said no to another."""
    bans: Bans = defaultdict(dict)
    if budgets:
        _ban_enough(bans, orders, now, who)
    _ban_quiet(bans, orders, now, who)
    _ban_asked(bans, [order.id for order in orders], who, moving)
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


def _ban_asked(bans: Bans, order_ids: list[str], who: str | None, moving: Collection[str]) -> None:
    """Asked before and no seat for them now: said no, gave it back, let it pass, was withdrawn by hand, or is on it."""
    offers = select(Offer.id, Offer.order_id, Offer.volunteer_id, Offer.status, Offer.expires_at)
    asked = db.session.execute(_of(offers.where(Offer.order_id.in_(order_ids)), Offer.volunteer_id, who)).all()
    lifted, by_hand = (redispatched(order_ids), _withdrawn_by_hand(order_ids)) if asked else ({}, set())
    for row in asked:
        if row.id in moving:
            continue
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


def redispatched(order_ids: list[str]) -> dict[str, datetime]:
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


def _ban_enough(bans: Bans, orders: list[Order], now: datetime, who: str | None) -> None:
    """Whoever has had as many messages as the order's office allows in a day or a week; whatever they answered."""
    if not orders:
        return
    since, paces, at = midnight(monday_of(local(now).date())), Paces(), seconds(now)
    allowed = {order.id: replace(paces.rules(order), quiet=NEVER, digest=()) for order in orders}
    least = min(min(one.daily, one.weekly, one.daily_on_duty) for one in allowed.values())
    often = select(Offer.volunteer_id).where(Offer.sent_at >= since, Offer.held_until.is_(None))
    counted = _of(often, Offer.volunteer_id, who).group_by(Offer.volunteer_id).having(func.count() >= least)
    ids = list(db.session.scalars(counted))
    if not ids:
        return
    known = histories(ids, now, now - since)
    columns = (Volunteer.id, Volunteer.lat, Volunteer.lon, Volunteer.radius_m, Volunteer.on_duty_until)
    people = db.session.execute(select(*columns).where(among(Volunteer.id, ids))).all()
    for order in orders:
        for row in people:
            on_duty = row.on_duty_until is not None and row.on_duty_until > now
            asking = Asking(ANY, str(order.urgency), on_duty=on_duty)
            if row.id in known and _near(order, row) and held(at, asking, known[row.id], allowed[order.id]):
                bans[order.id].setdefault(row.id, "enough")


def _ban_quiet(bans: Bans, orders: list[Order], now: datetime, who: str | None) -> None:
    """Quiet hours keep offers away, urgent ones too: who can be woken goes on duty. In the quiet hours of an office
    urgent orders go to people on duty alone (calm ones wait, cases.py). Only people near enough are named: distance
    loses the rest."""
    rows = select(Volunteer.id, Volunteer.lat, Volunteer.lon, Volunteer.radius_m)
    rows = _of(rows, Volunteer.id, who)
    sleeping = db.session.execute(rows.where(asleep(now))).all() if orders else []
    paces, off_duty = Paces(), or_(Volunteer.on_duty_until.is_(None), Volunteer.on_duty_until <= now)
    resting: Any = None
    for order in orders:
        named = sleeping
        if is_quiet(seconds(now), paces.rules(order).quiet):
            resting = db.session.execute(rows.where(off_duty)).all() if resting is None else resting
            named = resting
        for row in named:
            if _near(order, row):
                bans[order.id].setdefault(row.id, "quiet")


def _near(order: Order, row: Any) -> bool:
    reach = row.radius_m * GENEROUS / METRES_A_DEGREE
    width = reach / max(0.1, math.cos(math.radians(order.lat)))
    return abs(order.lat - row.lat) <= reach and abs(order.lon - row.lon) <= width
