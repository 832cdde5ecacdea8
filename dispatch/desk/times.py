"""One person and one order: where the way and the clock leave them. The time rules of rules.py for a single pair.

Each rule moves a start to the earliest moment that may still be right, so the order of the moves does not matter: they
end at the same start, or all behind the latest.
"""

import math

import numpy as np

from dispatch.compiled import compiled
from dispatch.crowd import DAY, FOREVER
from dispatch.desk.layout import (
    AVAILABILITY,
    BEGIN,
    DAILY,
    DELAY,
    ELIGIBLE,
    END,
    HOURS,
    HOURS_AT,
    PLACE,
    REACH,
    SPEED,
    UNLIMITED,
    WEEKLY,
    WORK,
    WORK_AT,
    RowArray,
)
from dispatch.geo import WALK_SPEED, FloatArray, IntArray

FULL_WEEKS = 3
"""The last of the time rules, counted from availability."""


@compiled
def travel_seconds(metres: int, speed: int, delay: int) -> int:
    """geo.travel_seconds for one way. A quotient in floating point misses no whole number at these sizes."""
    tenfold = np.float64(metres * 10)
    walking = math.ceil(tenfold / WALK_SPEED)
    return min(walking, delay + math.ceil(tenfold / speed))


@compiled
def square_between(ax: float, ay: float, az: float, bx: float, by: float, bz: float) -> float:
    """The square of geo.metres before it is rounded: the same operations in the same order."""
    dx, dy, dz = ax - bx, ay - by, az - bz
    return dx * dx + dy * dy + dz * dz


@compiled
def whole_metres(square: float) -> int:
    return math.ceil(math.sqrt(square))


@compiled
def into_hours(hours: IntArray, first: int, number: int, start: int, duration: int) -> int:
    """Into the first free hours that end late enough; FOREVER when there are none."""
    for k in range(first, first + number):
        if hours[k, 1] >= start + duration:
            start = max(start, hours[k, 0])
            if hours[k, 1] >= start + duration:
                return start
    return FOREVER


@compiled
def past_work(work: FloatArray, ways: IntArray, first: int, number: int, start: int, duration: int) -> int:
    """Behind every accepted commitment that leaves too little time before it or after it, travel included."""
    later = start
    for k in range(number):
        ready = int(work[first + k, END]) + ways[k]
        if start + duration + ways[k] > work[first + k, BEGIN] and start < ready:
            later = max(later, ready)
    return later


@compiled
def past_full_day(work: FloatArray, first: int, number: int, start: int, limit: int, offset: int) -> int:
    """To the next local midnight, while the day of the start has its number of orders already."""
    day, booked = (start + offset) // DAY, 0
    for k in range(first, first + number):
        if (int(work[k, BEGIN]) + offset) // DAY == day:
            booked += 1
    return (day + 1) * DAY - offset if booked >= limit else start


@compiled
def past_full_week(work: FloatArray, first: int, number: int, start: int, room: int, offset: int) -> int:
    """To the next local Monday, while the week of the start has more than `room` seconds of work."""
    week, booked = ((start + offset) // DAY + 3) // 7, 0
    for k in range(first, first + number):
        if ((int(work[k, BEGIN]) + offset) // DAY + 3) // 7 == week:
            booked += int(work[k, END] - work[k, BEGIN])
    return (week * 7 + 4) * DAY - offset if booked > room else start


@compiled
def settled(
    hours: IntArray, work: FloatArray, ways: IntArray, people: RowArray, slot: int, start: int,
    latest: int, duration: int, offset: int, level: int,
) -> int:  # fmt: skip
    """The earliest start that free hours (level 0), work (1), full days (2) and full weeks (3) allow, if in time."""
    first, number, at, many = people[slot, HOURS_AT], people[slot, HOURS], people[slot, WORK_AT], people[slot, WORK]
    while True:
        start = into_hours(hours, first, number, start, duration)
        moved = start
        if level >= 1 and many:
            moved = past_work(work, ways, at, many, start, duration)
        if level >= 2 and moved == start and people[slot, DAILY] <= many:
            moved = past_full_day(work, at, many, start, people[slot, DAILY], offset)
        if level >= FULL_WEEKS and moved == start and people[slot, WEEKLY] < UNLIMITED:
            moved = past_full_week(work, at, many, start, people[slot, WEEKLY] - duration, offset)
        if moved == start or start > latest:
            return start
        start = moved


@compiled
def timed(
    hours: IntArray, work: FloatArray, ways: IntArray, people: RowArray, slot: int, x: float, y: float,
    z: float, now: int, arrival: int, earliest: int, latest: int, duration: int, offset: int,
) -> tuple[int, int]:  # fmt: skip
    """(rule, start): the first time rule that somebody fails, or ELIGIBLE, and the start they come to.

    `ways` is room for the travel between the order and each of their commitments.
    """
    at, many = people[slot, WORK_AT], people[slot, WORK]
    for k in range(many):
        square = square_between(work[at + k, PLACE], work[at + k, PLACE + 1], work[at + k, PLACE + 2], x, y, z)
        ways[k] = travel_seconds(whole_metres(square), people[slot, SPEED], people[slot, DELAY])
        if work[at + k, BEGIN] <= now < work[at + k, END]:
            arrival = 0  # they set out from that work, which its own rule sees to
    start = max(arrival, earliest)
    if start > latest:
        return REACH, start
    moved = settled(hours, work, ways, people, slot, start, latest, duration, offset, FULL_WEEKS)
    if moved <= latest:
        return ELIGIBLE, moved
    for level in range(FULL_WEEKS):
        start = settled(hours, work, ways, people, slot, start, latest, duration, offset, level)
        if start > latest:
            return AVAILABILITY + level, start
    return AVAILABILITY + FULL_WEEKS, moved
