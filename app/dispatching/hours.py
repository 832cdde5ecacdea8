"""When volunteers are free: the weekly grid and its exceptions, as moments on the days that orders ask about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true

from app.kernel.clock import local, midnight
from models import Availability, AvailabilityException, Order, Volunteer, db

Interval = tuple[int, int]
"""Epoch seconds, half-open."""

LOOKAHEAD = timedelta(days=14)
"""A wide window is planned this far ahead; later runs move on with the clock."""
_DAY = timedelta(days=1)


MOST_NAMED = 20_000
"""Databases take about this many values in one statement."""
METRES_A_DEGREE = 111_000
GENEROUS = 1.1
"""Boxes drawn around places are this much wider than the distance, for the engine measures exactly."""


def among(column: Any, ids: list[str]) -> ColumnElement[bool]:
    """SQL: the column is one of these ids. Very many are not named: the caller looks up its own among all rows."""
    return column.in_(ids) if len(ids) <= MOST_NAMED else true()


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def span(order: Order, now: datetime) -> tuple[datetime, datetime]:
    """The part of an order's window that this run looks at."""
    begins = max(order.window_from, now)
    return order.window_from, min(order.window_until, max(begins + LOOKAHEAD, begins + order.duration))


def days_asked(orders: Iterable[Order], now: datetime) -> list[date]:
    """The local days that any window touches: one over midnight touches two."""
    days: set[date] = set()
    for order in orders:
        begins, ends = span(order, now)
        day, last = local(max(begins, now)).date(), local(ends).date()
        while day <= last:
            days.add(day)
            day += _DAY
    return sorted(days)


def free_hours(ids: list[str], days: list[date]) -> dict[str, list[Interval]]:
    """Free intervals of every volunteer selected, on these local days. Two queries, whatever their number."""
    found: dict[str, list[Interval]] = defaultdict(list)
    if not days or not ids:
        return found
    bases: dict[int, list[int]] = defaultdict(list)
    for day in days:
        bases[day.weekday()].append(seconds(midnight(day)))
    columns = (Availability.volunteer_id, Availability.weekday, Availability.from_minute, Availability.until_minute)
    slots = select(*columns).where(among(Availability.volunteer_id, ids), Availability.weekday.in_(list(bases)))
    for volunteer_id, weekday, start, end in db.session.execute(slots):
        found[volunteer_id] += [(base + start * 60, base + end * 60) for base in bases[weekday]]
    _depart_from_the_grid(found, ids, days)
    return found


def _depart_from_the_grid(found: dict[str, list[Interval]], ids: list[str], days: list[date]) -> None:
    """Exceptions: extra free time is added first, so that being away always wins."""
    columns = (
        AvailabilityException.volunteer_id,
        AvailabilityException.starts_at,
        AvailabilityException.ends_at,
        AvailabilityException.is_available,
    )
    rows = select(*columns).where(
        among(AvailabilityException.volunteer_id, ids),
        AvailabilityException.ends_at > midnight(days[0]),
        AvailabilityException.starts_at < midnight(days[-1] + _DAY),
    )
    for volunteer_id, start, end, is_free in sorted(db.session.execute(rows), key=lambda row: not row.is_available):
        if is_free:
            found[volunteer_id].append((seconds(start), seconds(end)))
        else:
            found[volunteer_id] = without(found[volunteer_id], seconds(start), seconds(end))


def without(intervals: list[Interval], start: int, end: int) -> list[Interval]:
    """The intervals with [start, end) cut out of them."""
    left = [(begin, min(stop, start)) for begin, stop in intervals]
    right = [(max(begin, end), stop) for begin, stop in intervals]
    return sorted({(begin, stop) for begin, stop in left + right if begin < stop})


def asleep(moment: datetime) -> ColumnElement[bool]:
    """SQL: volunteers who asked not to be disturbed at this moment; quiet hours may run over midnight."""
    clock = local(moment)
    minute, begins, ends = clock.hour * 60 + clock.minute, Volunteer.quiet_from, Volunteer.quiet_until
    by_day = and_(begins < ends, begins <= minute, minute < ends)
    over_midnight = and_(begins > ends, or_(begins <= minute, minute < ends))
    off_duty = or_(Volunteer.on_duty_until.is_(None), Volunteer.on_duty_until <= moment)
    return and_(or_(by_day, over_midnight), off_duty)
