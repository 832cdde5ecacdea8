"""What a desk needs to know of one volunteer: the bit columns they are in, and where they belong among the others."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from dispatch import geo
from dispatch.crowd import joined
from dispatch.desk.layout import HALF_HOUR
from dispatch.geo import IntArray
from dispatch.problem import Commitment, VolunteerSpec

Key = tuple[str, str | int | tuple[int, int]]
"""The name of a bit column: ("skill", "nursing"), ("sex", "female"), ("on_duty", "")."""
ACTIVE, ON_DUTY = ("active", ""), ("on_duty", "")
ODD, LIMITED, TIGHT = ("odd", ""), ("limited", ""), ("tight", "")
"""Doubts. Odd: hours that do not keep half hours. Limited: a limit a week. Tight: limits that may refuse a usual order
even where there is no work. Besides, ("day", d): work near that local day, and ("week", (w, s)): that week has no room
for an order of s seconds, for each of LENGTHS."""
LENGTHS = (3600, 2 * 3600, 4 * 3600)
_DAY = 86400


def columns_of(person: VolunteerSpec, utc_offset: int) -> Iterator[Key]:
    """The names of the bit columns that somebody is in (but for ages)."""
    traits = {
        ACTIVE: person.active,
        ON_DUTY: person.on_duty,
        ("sex", person.sex or ""): person.sex is not None,
        ODD: any(begin % HALF_HOUR or end % HALF_HOUR for begin, end in joined(person.availability)),
        LIMITED: person.weekly_limit_minutes is not None,
        TIGHT: person.daily_limit == 0 or _room(person, 0) < LENGTHS[-1],
    }
    yield from (key for key, holds in traits.items() if holds)
    yield from (("skill", skill) for skill in person.skills)
    yield from (("language", language) for language in person.languages)
    yield from (("credential", kind) for kind, _ in person.credentials)
    if person.commitments:
        yield from _busy(person, utc_offset)


def _busy(person: VolunteerSpec, utc_offset: int) -> Iterator[Key]:
    booked: dict[int, int] = {}
    for work in person.commitments:
        margin = _longest_way(person, work)
        for day in days(work.start - margin, work.end + margin, utc_offset):
            yield "day", day
        week = week_of_day((work.start + utc_offset) // _DAY)
        booked[week] = booked.get(week, 0) + work.end - work.start
    for week, seconds in booked.items():
        yield from (("week", (week, length)) for length in LENGTHS if _room(person, seconds) < length)


def _room(person: VolunteerSpec, booked: int) -> float:
    """Seconds left of a week's limit."""
    return math.inf if person.weekly_limit_minutes is None else person.weekly_limit_minutes * 60 - booked


def _longest_way(person: VolunteerSpec, work: Commitment) -> int:
    """Seconds from that work to the farthest place within their own radius, at most."""
    gap = math.dist(geo.place(person.lat, person.lon), geo.place(work.lat, work.lon))
    return int(geo.travel_seconds(math.ceil(gap) + person.radius_m + 2, *geo.MODES[person.mode]))


def days(begin: int, end: int, utc_offset: int) -> range:
    """The local days that an interval touches."""
    return range((begin + utc_offset) // _DAY, (end + utc_offset) // _DAY + 1)


def week_of_day(day: int) -> int:
    """Weeks begin on Monday; day 0 was a Thursday."""
    return (day + 3) // 7


def hash_of(volunteer_id: str, seed: int) -> int:
    """What candidates.ranks() sorts by: ties between equal costs go to the smaller."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{volunteer_id}".encode(), digest_size=8).digest())


@lru_cache(maxsize=1024)
def longest_square(metres: int) -> float:
    """The largest square whose root, rounded up, is no more than so many metres."""
    square = float(metres * metres)
    while math.sqrt(further := math.nextafter(square, math.inf)) <= metres:
        square = further
    return square


def neighbourly(people: Sequence[VolunteerSpec]) -> IntArray:
    """Places in `people`: those who travel alike together, and among these by squares within squares."""
    if not people:
        return np.zeros(0, dtype=np.int64)
    modes = {mode: number for number, mode in enumerate(geo.MODES)}
    ways = np.array([modes[one.mode] for one in people], dtype=np.int64)
    degrees = np.array([(one.lat, one.lon) for one in people], dtype=np.float64).T
    low, high = degrees.min(axis=1, keepdims=True), degrees.max(axis=1, keepdims=True)
    steps = ((degrees - low) / np.maximum(high - low, 1e-9) * 65535).astype(np.int64)
    code = np.zeros(len(people), dtype=np.int64)
    for bit in range(16):
        for axis in range(2):
            code |= ((steps[axis] >> bit) & 1) << (2 * bit + axis)
    return np.lexsort((code, ways))


def doubts(touched: range, length: int) -> Iterator[Key]:
    """The columns of those whom an order on these local days may meet at work or at their limits.

    `length` is that of LENGTHS for an order as long, 0 where it is longer than all.
    """
    yield from (ODD, TIGHT)
    yield from (("day", day) for day in touched)
    if not length:
        yield LIMITED
        return
    weeks = range(week_of_day(touched[0]), week_of_day(touched[-1]) + 1)
    yield from (("week", (week, length)) for week in weeks)
