"""When volunteers are free: the weekly grid and its exceptions, as moments on the days that orders ask about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.kernel.clock import LOCAL, local, midnight
from models import Availability, AvailabilityException, Order, db

Interval = tuple[int, int]
"""Epoch seconds, half-open."""

LOOKAHEAD = timedelta(days=14)
"""A wide window is planned this far ahead; later runs move on with the clock."""
_DAY = timedelta(days=1)


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


def free_hours(whose: Any, days: list[date]) -> dict[str, list[Interval]]:
    """Free intervals of every volunteer selected, on these local days. Two queries, whatever their number."""
    found: dict[str, list[Interval]] = defaultdict(list)
    if not days:
        return found
    bases: dict[int, list[int]] = defaultdict(list)
    for day in days:
        bases[day.weekday()].append(seconds(midnight(day)))
    columns = (Availability.volunteer_id, Availability.weekday, Availability.from_minute, Availability.until_minute)
    slots = select(*columns).where(Availability.volunteer_id.in_(whose), Availability.weekday.in_(list(bases)))
    for volunteer_id, weekday, start, end in db.session.execute(slots):
        found[volunteer_id] += [(base + start * 60, base + end * 60) for base in bases[weekday]]
    _depart_from_the_grid(found, whose, days)
    return found


def _depart_from_the_grid(found: dict[str, list[Interval]], whose: Any, days: list[date]) -> None:
    """Exceptions: extra free time is added first, so that being away always wins."""
    columns = (
        AvailabilityException.volunteer_id,
        AvailabilityException.starts_at,
        AvailabilityException.ends_at,
        AvailabilityException.is_available,
    )
    rows = select(*columns).where(
        AvailabilityException.volunteer_id.in_(whose),
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


def is_quiet(moment: datetime, quiet_from: int | None, quiet_until: int | None) -> bool:
    """Whether a volunteer asked not to be disturbed at this moment; quiet hours may run over midnight."""
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return False
    clock = moment.astimezone(LOCAL)
    minute = clock.hour * 60 + clock.minute
    if quiet_from < quiet_until:
        return quiet_from <= minute < quiet_until
    return minute >= quiet_from or minute < quiet_until
