"""Volunteers as the engine sees them: ids and abilities, no names. A handful of bulk queries, whatever their number.

Only what the orders at hand ask for is taken along: where none asks for an age or a sex, no run ever holds one. How
anybody answered is never taken along: neither a no nor silence makes anybody dearer (dispatch.offering.ranking).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select

from app.dispatching.hours import GENEROUS, METRES_A_DEGREE, Interval, among, free_hours, seconds
from app.kernel.clock import local, midnight, monday_of
from dispatch import Commitment, OrderSpec, VolunteerSpec
from models import (
    Account,
    Assignment,
    Credential,
    HoursEntry,
    Offer,
    Office,
    Order,
    Skill,
    Volunteer,
    VolunteerSkill,
    db,
)
from models.kinds import HoursStatus
from models.states import ASSIGNMENT_BUSY, ASSIGNMENT_HOLDING, OFFER_LIVE

Whose = tuple[Any, ...]
"""Conditions on volunteer, office and account: whom a snapshot is about."""

_WEEK = timedelta(days=7)


@dataclass
class Asked:
    """What any of the orders asks about people."""

    skills: set[str] = field(default_factory=set)
    credentials: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    sex: bool = False
    age: bool = False

    @classmethod
    def by(cls, orders: Iterable[OrderSpec]) -> Asked:
        asked = cls()
        for order in orders:
            asked.skills |= order.skills
            asked.credentials |= order.credentials
            asked.languages |= order.languages
            asked.sex |= order.sex is not None
            asked.age |= order.minimum_age is not None
        return asked


def of_city(path: str) -> Whose:
    """Every verified volunteer of the subtree whose account is open."""
    return Office.path.startswith(path, autoescape=True), Volunteer.is_verified, Account.is_active


def only(volunteer_id: str) -> Whose:
    return (Volunteer.id == volunteer_id,)


def volunteer_specs(
    whose: Whose,
    orders: tuple[OrderSpec, ...],
    days: list[date],
    now: datetime,
    *,
    by_hand: bool = False,
    offers_count: bool = True,
    moving: Collection[str] = (),
) -> tuple[VolunteerSpec, ...]:
    """The volunteers selected, with all that these orders ask about them.

    A live offer takes its time like accepted work, so that nobody is offered two things at once; and whoever is lost to
    the first rules is not asked about the later ones. `by_hand` asks everybody everything; offers that do not count, or
    that are `moving`, take nobody's time.
    """
    asked, rows = Asked.by(orders), db.session.execute(_rows(whose)).all()
    everybody = [row.id for row in rows]
    skills, papers = _skills(everybody, asked.skills), _credentials(everybody, asked.credentials)
    near = everybody if by_hand else within_reach(rows, orders, skills)
    hours, work = free_hours(near, days), _commitments(near, now, offers_count, moving)
    load = _credited_this_month(near, now)
    return tuple(
        VolunteerSpec(
            id=row.id, lat=row.lat, lon=row.lon, radius_m=row.radius_m, mode=row.travel_mode,
            daily_limit=row.daily_limit, weekly_limit_minutes=row.weekly_limit_minutes,
            active=row.is_verified and not row.is_paused and row.is_active,
            on_duty=_on_duty(row, now), availability=_with_duty(hours.get(row.id, ()), row, now),
            skills=skills.get(row.id, _NONE), credentials=tuple(papers.get(row.id, ())),
            languages=frozenset(asked.languages.intersection(row.languages)) if asked.languages else _NONE,
            commitments=tuple(work.get(row.id, ())), load=load.get(row.id, 0.0),
            sex=row.sex if asked.sex else None, age=_age(row.birth_year, now) if asked.age else None,
        )
        for row in rows
    )  # fmt: skip


_NONE: frozenset[str] = frozenset()
_NAMES = (
    "id", "lat", "lon", "radius_m", "travel_mode", "daily_limit", "weekly_limit_minutes", "is_verified", "is_paused",
    "on_duty_until", "languages", "sex", "birth_year",
)  # fmt: skip


def _rows(whose: Whose) -> Any:
    rows = select(*(getattr(Volunteer, name) for name in _NAMES), Account.is_active)
    joined = rows.join(Office, Office.id == Volunteer.office_id).join(Account, Account.id == Volunteer.account_id)
    return joined.where(*whose)


def within_reach(rows: Sequence[Any], orders: tuple[OrderSpec, ...], skills: dict[str, frozenset[str]]) -> list[str]:
    """Who has the skills for some order and lives within their own distance of it, somewhat generously measured.

    All others are lost to the rules on skills and distance whatever their hours and work are, so nobody reads these.
    """
    lat, lon = np.array([row.lat for row in rows]), np.array([row.lon for row in rows])
    reach = np.array([row.radius_m for row in rows]) * GENEROUS / METRES_A_DEGREE
    having = {
        skill: np.array([skill in skills.get(row.id, _NONE) for row in rows], dtype=np.bool_)
        for skill in sorted({skill for order in orders for skill in order.skills})
    }
    found = np.zeros(len(rows), dtype=np.bool_)
    for order in orders:
        width = reach / max(0.1, math.cos(math.radians(order.lat)))
        near = (np.abs(lat - order.lat) <= reach) & (np.abs(lon - order.lon) <= width)
        for skill in order.skills:
            near &= having[skill]
        found |= near
    return [row.id for row, is_near in zip(rows, found.tolist(), strict=True) if is_near]


def _on_duty(row: Any, now: datetime) -> bool:
    return row.on_duty_until is not None and row.on_duty_until > now


def _with_duty(free: Iterable[Interval], row: Any, now: datetime) -> tuple[Interval, ...]:
    """Being on duty is being free, whatever the weekly grid says."""
    duty = ((seconds(now), seconds(row.on_duty_until)),) if _on_duty(row, now) else ()
    return (*free, *(one for one in duty if one[0] < one[1]))


def _age(birth_year: int | None, now: datetime) -> int | None:
    """The age certainly reached: of the year of birth nobody told us the day."""
    return None if birth_year is None else max(0, local(now).year - birth_year - 1)


def _skills(ids: list[str], codes: set[str]) -> dict[str, frozenset[str]]:
    """Only skills that the station has looked at: nobody gives themselves one."""
    found: dict[str, set[str]] = defaultdict(set)
    if codes:
        rows = select(VolunteerSkill.volunteer_id, Skill.code).join(Skill, Skill.id == VolunteerSkill.skill_id)
        for volunteer_id, code in db.session.execute(
            rows.where(
                Skill.code.in_(codes), VolunteerSkill.verified_at.is_not(None), among(VolunteerSkill.volunteer_id, ids)
            )
        ):
            found[volunteer_id].add(code)
    return {volunteer_id: frozenset(codes) for volunteer_id, codes in found.items()}


def _credentials(ids: list[str], kinds: set[str]) -> dict[str, list[tuple[str, int | None]]]:
    """Only papers that somebody has looked at; `expires_on` is the last day that counts."""
    found: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
    if kinds:
        rows = select(Credential.volunteer_id, Credential.kind, Credential.expires_on).where(
            Credential.kind.in_(kinds), Credential.verified_at.is_not(None), among(Credential.volunteer_id, ids)
        )
        for volunteer_id, kind, last in db.session.execute(rows):
            until = None if last is None else seconds(midnight(last + timedelta(days=1)))
            found[volunteer_id].append((kind, until))
    return found


def _commitments(
    ids: list[str], now: datetime, offers_count: bool, moving: Collection[str]
) -> dict[str, list[Commitment]]:
    """Accepted work since Monday (the limits count it) and to come, and the times of offers still out."""
    monday = midnight(monday_of(local(now).date()))
    found: dict[str, list[Commitment]] = defaultdict(list)
    held = _work(Assignment, ids).where(Assignment.status.in_(ASSIGNMENT_HOLDING), Assignment.ends_at > monday)
    for row in db.session.execute(held.add_columns(Assignment.status, Assignment.ended_at)):
        begins, ends = seconds(row.starts_at), seconds(row.ends_at)
        if row.status not in ASSIGNMENT_BUSY and row.ended_at is not None:
            ends = min(ends, max(seconds(row.ended_at), begins + 60))
        found[row.volunteer_id].append(Commitment(begins, ends, row.lat, row.lon))
    if offers_count:
        live = _work(Offer, ids).where(Offer.status.in_(OFFER_LIVE), Offer.ends_at > now)
        live = live.where(Offer.id.not_in(list(moving)))
        for row in db.session.execute(live):
            at = Commitment(seconds(row.starts_at), seconds(row.ends_at), row.lat, row.lon)
            found[row.volunteer_id].append(at)
    return found


def _work(table: type[Assignment] | type[Offer], ids: list[str]) -> Any:
    columns = (table.volunteer_id, table.starts_at, table.ends_at, Order.lat, Order.lon)
    return select(*columns).join(Order, Order.id == table.order_id).where(among(table.volunteer_id, ids))


def _credited_this_month(ids: list[str], now: datetime) -> dict[str, float]:
    """Minutes of service since the first of the local month: what fairness evens out."""
    first = midnight(local(now).date().replace(day=1))
    rows = (
        select(HoursEntry.volunteer_id, func.sum(HoursEntry.minutes))
        .where(HoursEntry.created_at >= first, HoursEntry.status != HoursStatus.REFUSED)
        .where(among(HoursEntry.volunteer_id, ids))
        .group_by(HoursEntry.volunteer_id)
    )
    return {volunteer_id: float(max(0, minutes)) for volunteer_id, minutes in db.session.execute(rows)}
