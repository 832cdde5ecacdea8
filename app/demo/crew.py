"""Whom the made-up past could have sent: the hard rules over the drafts, without the engine or the database.

Kept apart from the engine on purpose: a seeded city must not depend on today's weights, and a test that runs the
engine's own checker over it then proves something.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.demo.shapes import Point, metres
from app.demo.volunteers import VolunteerDraft
from app.demo.world import Helper
from app.kernel.clock import local

Span = tuple[datetime, datetime]
"""Half-open."""

BUFFER = timedelta(minutes=150)
"""Kept free before and after every visit, for the way."""
_METRES_A_MINUTE = {"walk": 65, "bike": 180, "ebike": 250, "transit": 200, "car": 330}


@dataclass(frozen=True)
class Need:
    """What an order asks of whoever comes."""

    point: Point
    skills: frozenset[str]
    credentials: frozenset[str]
    minimum_age: int | None = None
    sex: str | None = None


@dataclass(frozen=True)
class Pick:
    """A volunteer who could go, with the way there."""

    helper: Helper
    distance_m: int
    travel_minutes: int


class Crew:
    """All volunteers and what they are already booked for."""

    def __init__(self, helpers: Sequence[Helper]) -> None:
        self._helpers = helpers
        self._skilled: dict[str, list[Helper]] = defaultdict(list)
        for one in helpers:
            for code in one.draft.skills:
                self._skilled[code].append(one)
        self._booked: dict[str, list[Span]] = defaultdict(list)

    def fitting(self, need: Need, span: Span, *, any_hour: bool = False) -> list[Pick]:
        """Everybody who breaks no hard rule, nearest first. `any_hour` leaves weekly hours out of account."""
        skilled = min((self._skilled[code] for code in need.skills), key=len, default=self._helpers)
        whole = [one for one in skilled if self._broken(one, need, span, any_hour) is None]
        return sorted((_pick(one, need.point) for one in whole), key=lambda pick: pick.distance_m)

    def lost(self, need: Need, span: Span) -> dict[str, int]:
        """How many volunteers each rule costs, counted at the first they break."""
        broken = (self._broken(one, need, span, any_hour=False) for one in self._helpers)
        return dict(Counter(rule for rule in broken if rule))

    def book(self, helper: Helper, span: Span) -> None:
        self._booked[helper.id].append(span)

    def _broken(self, one: Helper, need: Need, span: Span, any_hour: bool) -> str | None:
        return _personal_rule(one.draft, need, local(span[1]).date()) or self._time_rule(one, span, any_hour)

    def _time_rule(self, one: Helper, span: Span, any_hour: bool) -> str | None:
        if not any_hour and not covers(one.draft, span):
            return "availability"
        booked, day = self._booked[one.id], local(span[0]).date()
        if any(start - BUFFER < span[1] and span[0] < end + BUFFER for start, end in booked):
            return "overlap"
        if sum(local(start).date() == day for start, _ in booked) >= one.draft.daily_limit:
            return "daily_limit"
        week = [other for other in booked if local(other[0]).date().isocalendar()[:2] == day.isocalendar()[:2]]
        return "weekly_limit" if sum(map(_minutes, [*week, span])) > one.draft.weekly_limit_minutes else None


def covers(draft: VolunteerDraft, span: Span) -> bool:
    """Whether the weekly hours hold the whole service."""
    first, last = local(span[0]), local(span[1])
    since, until = first.hour * 60 + first.minute, last.hour * 60 + last.minute
    return first.date() == last.date() and any(
        day == first.weekday() and start <= since and until <= end for day, start, end in draft.slots
    )


def _minutes(span: Span) -> float:
    return (span[1] - span[0]).total_seconds() / 60


def _personal_rule(draft: VolunteerDraft, need: Need, day: date) -> str | None:
    if draft.is_paused or not draft.is_verified:
        return "active"
    if not need.skills <= set(draft.skills):
        return "skills"
    valid = {paper.kind for paper in draft.credentials if paper.expires_on is None or paper.expires_on >= day}
    if not need.credentials <= valid:
        return "credentials"
    if need.minimum_age is not None and day.year - draft.birth_year <= need.minimum_age:
        return "minimum_age"  # the birthday may still lie ahead, so a year more
    if need.sex not in (None, draft.sex):
        return "sex"
    return "radius" if metres(draft.point, need.point) > draft.radius_m else None


def _pick(one: Helper, point: Point) -> Pick:
    distance = metres(one.draft.point, point)
    minutes = distance * 1.3 / _METRES_A_MINUTE[one.draft.travel_mode]
    return Pick(one, round(distance), max(3, round(minutes)))
