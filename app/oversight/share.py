"""How the work is shared: over the people of a subtree this month, and one person's last half year.

It is for the desk, to spare whoever does much and to ask whoever is never asked. It is no league table: nobody's place
in it is shown, and saying no counts against nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.kernel.clock import local, midnight, today
from app.oversight.figures.spread import busiest
from app.oversight.scope import Scope
from app.oversight.volunteers import Month, month_start
from models import Assignment, HoursEntry, Offer, Office, Volunteer, db
from models.kinds import HoursStatus
from models.states import ASSIGNMENT_HOLDING, OfferStatus

MONTHS = 6
MOST = 5000


@dataclass(frozen=True)
class Share:
    """This month: how many people there are, how many of them were asked and served, and what the busiest fifth did."""

    people: int
    asked: int
    served: int
    busiest: int | None
    """Per cent of all credited minutes; None while there are none, or too few people to say so."""


def share_of_work(scope: Scope) -> Share:
    """Over verified volunteers of the subtree who have not paused."""
    since = month_start()
    people = _ready(scope, func.count(Volunteer.id))
    asked = _ready(scope, func.count(func.distinct(Offer.volunteer_id))).join(Offer).where(Offer.sent_at >= since)
    served = _ready(scope, func.count(func.distinct(Assignment.volunteer_id))).join(
        Assignment, Assignment.volunteer_id == Volunteer.id
    )
    served = served.where(Assignment.starts_at >= since, Assignment.status.in_(ASSIGNMENT_HOLDING))
    credited = _ready(scope, func.sum(HoursEntry.minutes)).join(HoursEntry, HoursEntry.volunteer_id == Volunteer.id)
    credited = credited.where(HoursEntry.status == HoursStatus.APPROVED, HoursEntry.created_at >= since)
    number = db.session.scalar(people) or 0
    minutes = [int(one) for one in db.session.scalars(credited.group_by(Volunteer.id))]
    share = busiest(minutes + [0] * (number - len(minutes)), of=5)
    return Share(
        number,
        db.session.scalar(asked) or 0,
        db.session.scalar(served) or 0,
        None if share is None else round(100 * share),
    )


def _ready(scope: Scope, *columns: Any) -> Any:
    found = select(*columns).select_from(Volunteer).join(Office, Volunteer.office_id == Office.id)
    return found.where(Volunteer.is_verified, ~Volunteer.is_paused, scope.holds())


def half_year(volunteer_id: str) -> list[tuple[date, Month]]:
    """The last six months, the latest first: asked, accepted, visits, credited minutes."""
    first = today().replace(day=1)
    months = [first]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    since = midnight(months[-1])
    offers = _rows(Offer, volunteer_id, Offer.sent_at, Offer.status, since)
    visits = _rows(Assignment, volunteer_id, Assignment.starts_at, Assignment.status, since)
    hours = _rows(HoursEntry, volunteer_id, HoursEntry.created_at, HoursEntry.minutes, since, approved=True)
    return [
        (
            month,
            Month(
                minutes=sum(what for at, what in hours if _in(at, month)),
                asked=sum(_in(at, month) for at, _status in offers),
                accepted=sum(_in(at, month) and status == OfferStatus.ACCEPTED for at, status in offers),
                visits=sum(_in(at, month) and status in ASSIGNMENT_HOLDING for at, status in visits),
            ),
        )
        for month in months
    ]


def _rows(table: Any, volunteer_id: str, at: Any, what: Any, since: datetime, *, approved: bool = False) -> list[Any]:
    found = select(at, what).where(table.volunteer_id == volunteer_id, at >= since)
    found = found.where(HoursEntry.status == HoursStatus.APPROVED) if approved else found
    return list(db.session.execute(found.limit(MOST)))


def _in(at: datetime, month: date) -> bool:
    day = local(at)
    return (day.year, day.month) == (month.year, month.month)
