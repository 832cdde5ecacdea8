"""Volunteers as the desk sees them: who is where, who is verified, what they did this month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import get_day_names
from flask_babel import get_locale
from sqlalchemy import and_, case, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.kernel.access import Actor, require
from app.kernel.clock import midnight, now, today
from app.kernel.errors import NotFound
from app.oversight.scope import Scope
from app.oversight.worklists import page
from app.words import enumerated
from models import Assignment, HoursEntry, Offer, Order, Portrait, Skill, Volunteer, VolunteerSkill, db
from models.kinds import HoursStatus
from models.states import ASSIGNMENT_HOLDING, OfferStatus


@dataclass(frozen=True)
class Month:
    """What somebody was asked and did since the first of this month."""

    minutes: int = 0
    asked: int = 0
    accepted: int = 0
    visits: int = 0


@dataclass(frozen=True)
class Sought:
    """What the list of volunteers is narrowed to."""

    q: str = ""
    skill: str = ""
    show: str = ""
    page: int = 1


SHOWN = ("", "on_duty", "unverified", "portrait", "paused")


def month_start() -> datetime:
    return midnight(today().replace(day=1))


def _shown(show: str) -> Any:
    ready = and_(Volunteer.on_duty_until > now(), Volunteer.is_verified, ~Volunteer.is_paused)
    return {
        "on_duty": ready,
        "unverified": ~Volunteer.is_verified,
        "portrait": Volunteer.portrait.has(Portrait.seen_at.is_(None)),
        "paused": Volunteer.is_paused,
    }.get(show)


def volunteers(scope: Scope, sought: Sought) -> tuple[Sequence[Volunteer], int, int]:
    """One page of the subtree's volunteers: those to be verified first, then those on duty, then by name."""
    found = (
        select(Volunteer)
        .join(Volunteer.office)
        .where(scope.holds())
        .options(contains_eager(Volunteer.office), selectinload(Volunteer.skills).joinedload(VolunteerSkill.skill))
        .order_by(Volunteer.is_verified, case((Volunteer.on_duty_until > now(), 0), else_=1), Volunteer.name)
    )
    narrowed = _shown(sought.show)
    if narrowed is not None:
        found = found.where(narrowed)
    if sought.skill:
        having = select(VolunteerSkill.volunteer_id).join(Skill).where(Skill.code == sought.skill)
        found = found.where(Volunteer.id.in_(having))
    for word in sought.q.split()[:5]:
        named = [column.icontains(word, autoescape=True) for column in (Volunteer.name, Volunteer.team)]
        found = found.where(or_(false(), *named))
    rows, number, pages = page(found, sought.page)
    return [row[0] for row in rows], number, pages


def months(ids: list[str]) -> dict[str, Month]:
    """This month's figures of some volunteers, by three queries however many they are."""
    since = month_start()
    credited = _per_volunteer(
        func.coalesce(func.sum(HoursEntry.minutes), 0), HoursEntry, ids,
        HoursEntry.status == HoursStatus.APPROVED, HoursEntry.created_at >= since,
    )  # fmt: skip
    asked = _per_volunteer(func.count(), Offer, ids, Offer.sent_at >= since)
    accepted = _per_volunteer(func.count(), Offer, ids, Offer.sent_at >= since, Offer.status == OfferStatus.ACCEPTED)
    visits = _per_volunteer(
        func.count(), Assignment, ids, Assignment.starts_at >= since, Assignment.status.in_(ASSIGNMENT_HOLDING)
    )
    return {
        key: Month(credited.get(key, 0), asked.get(key, 0), accepted.get(key, 0), visits.get(key, 0)) for key in ids
    }


def _per_volunteer(what: Any, table: Any, ids: list[str], *conditions: Any) -> dict[str, int]:
    found = (
        select(table.volunteer_id, what).where(table.volunteer_id.in_(ids), *conditions).group_by(table.volunteer_id)
    )
    return dict(db.session.execute(found).all()) if ids else {}


def new_portraits(scope: Scope) -> int:
    """How many pictures of the subtree's volunteers the station has not looked at yet."""
    found = select(func.count(Portrait.id)).join(Portrait.volunteer).join(Volunteer.office)
    return db.session.scalar(found.where(Portrait.seen_at.is_(None), scope.holds())) or 0


def volunteer(volunteer_id: str, actor: Actor) -> Volunteer:
    """One volunteer with all that the desk keeps about them; NotFound outside the actor's subtree."""
    found = (
        select(Volunteer)
        .where(Volunteer.id == volunteer_id)
        .options(joinedload(Volunteer.account), joinedload(Volunteer.office))
        .options(selectinload(Volunteer.skills), selectinload(Volunteer.credentials))
        .options(selectinload(Volunteer.availability))
    )
    row = db.session.scalar(found)
    if row is None:
        raise NotFound()
    require(actor, "volunteer.see", row)
    return row


def recent_work(volunteer_id: str, limit: int = 15) -> Sequence[Any]:
    """Their latest assignments with the orders, newest first."""
    found = (
        select(Assignment, Order)
        .join(Order, Assignment.order_id == Order.id)
        .where(Assignment.volunteer_id == volunteer_id)
        .options(joinedload(Order.office))
        .order_by(Assignment.starts_at.desc())
        .limit(limit)
    )
    return db.session.execute(found).all()


def skills() -> Sequence[Skill]:
    return db.session.scalars(select(Skill).order_by(Skill.name)).all()


def free_words(of: Volunteer) -> str:
    """The weekly hours in words: 周一 09:00–12:00、周三 14:00–17:00."""
    slots = sorted((slot.weekday, slot.from_minute, slot.until_minute) for slot in of.availability)
    days = get_day_names("abbreviated", locale=get_locale())
    return enumerated(f"{days[day]} {_clock(first)}–{_clock(last)}" for day, first, last in slots)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
