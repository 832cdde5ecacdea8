"""One order and one volunteer: may they, when at the earliest, and at what cost. rules.py and costs.py, compiled.

Every function takes the pair as (order, v), rows of Needs and People. The rules are those of rules.py, and so is the
start: the earliest that all time rules allow together.
"""

import math

import numpy as np

from dispatch.compiled import compiled
from dispatch.crowd import FOREVER
from dispatch.fast.arrays import Dials, Needs, People
from dispatch.geo import WALK_SPEED

DAY_S = 86400
MONDAY = 3  # day 0 (1 January 1970) was a Thursday


@compiled
def metres_between(a: np.ndarray, b: np.ndarray) -> int:
    """Whole metres between two places, rounded up."""
    x, y, z = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    return np.int64(math.ceil(math.sqrt(x * x + y * y + z * z)))


@compiled
def travel_time(metres: int, speed: int, delay: int) -> int:
    """Seconds by one mode, or on foot where that is quicker."""
    walking = -(-metres * 10 // WALK_SPEED)
    return min(walking, delay - (-metres * 10 // speed))


@compiled
def contains(values: np.ndarray, first: int, stop: int, wanted: int) -> bool:
    """Whether a short ascending list, values[first:stop], has it."""
    for k in range(first, stop):
        if values[k] >= wanted:
            return bool(values[k] == wanted)
    return False


@compiled
def has_traits(people: People, needs: Needs, order: int, v: int) -> bool:
    """Skills, kinds of credentials, sex and duty."""
    for word in range(needs.traits.shape[1]):
        wanted = needs.traits[order, word]
        if people.traits[v, word] & wanted != wanted:
            return False
    return True


@compiled
def latest_start(people: People, needs: Needs, order: int, v: int) -> int:
    """So that the service ends within the window and before any credential it needs runs out."""
    latest = needs.latest[order]
    for asked in range(needs.credential_ptr[order], needs.credential_ptr[order + 1]):
        until = np.int64(0)
        for held in range(people.credential_ptr[v], people.credential_ptr[v + 1]):
            if people.credential[held] == needs.credential[asked]:
                until = max(until, people.credential_until[held])
        latest = min(latest, until - needs.duration[order])
    return latest


@compiled
def into_hours(people: People, v: int, start: int, duration: int) -> int:
    """The start itself where free hours cover the service, or the next at which they begin and are long enough."""
    for k in range(people.hours_ptr[v], people.hours_ptr[v + 1]):
        if people.hours_end[k] >= start + duration:
            return max(start, people.hours_start[k])
    return FOREVER


@compiled
def past_work(people: People, needs: Needs, order: int, v: int, start: int) -> int:
    """Behind any commitment that leaves too little time before it or after it, travel included."""
    later = start
    for job in range(people.work_ptr[v], people.work_ptr[v + 1]):
        metres = metres_between(people.work_spot[job], needs.spot[order])
        travel = travel_time(metres, people.speed[v], people.delay[v])
        ready = people.work_end[job] + travel
        if start + needs.duration[order] + travel > people.work_start[job] and start < ready:
            later = max(later, ready)
    return later


@compiled
def past_full_day(people: People, dials: Dials, v: int, start: int) -> int:
    """To the next local midnight, where that day has its number of orders already."""
    day = (start + dials.utc_offset) // DAY_S
    left = people.daily_limit[v]
    for job in range(people.work_ptr[v], people.work_ptr[v + 1]):
        if (people.work_start[job] + dials.utc_offset) // DAY_S == day:
            left -= 1
    return start if left > 0 else (day + 1) * DAY_S - dials.utc_offset


@compiled
def past_full_week(people: People, dials: Dials, v: int, start: int, duration: int) -> int:
    """To the next local Monday, where that week has no room for this service."""
    week = ((start + dials.utc_offset) // DAY_S + MONDAY) // 7
    left = people.weekly_limit[v] - duration
    for job in range(people.work_ptr[v], people.work_ptr[v + 1]):
        if ((people.work_start[job] + dials.utc_offset) // DAY_S + MONDAY) // 7 == week:
            left -= people.work_end[job] - people.work_start[job]
    return start if left >= 0 else (week * 7 + 7 - MONDAY) * DAY_S - dials.utc_offset


@compiled
def first_start(people: People, needs: Needs, dials: Dials, order: int, v: int, travel: int) -> int:
    """The earliest start that all time rules allow, or FOREVER."""
    latest = latest_start(people, needs, order, v)
    start, duration = needs.earliest[order], needs.duration[order]
    if not people.away[v]:  # else they leave from that work
        start = max(start, dials.now + travel)
    before = start - 1
    while before < start <= latest:
        before = start
        start = into_hours(people, v, start, duration)
        start = past_work(people, needs, order, v, start)
        start = past_full_day(people, dials, v, start)
        start = past_full_week(people, dials, v, start, duration)
    return start if start <= latest else FOREVER


@compiled
def cost_of(people: People, needs: Needs, dials: Dials, order: int, v: int, travel: int) -> int:
    """All terms of costs.py together, in points."""
    minutes = needs.duration[order] // 60
    points = travel * dials.travel_per_minute // 60 + people.silence[v]
    points += (2 * people.load[v] + minutes) * minutes * dials.fairness // 3600
    points += dials.language * lacks_language(people, needs, order, v)
    first, stop = needs.preferred_ptr[order], needs.preferred_ptr[order + 1]
    if first < stop and not contains(needs.preferred, first, stop, v):
        points += dials.continuity
    first, stop = needs.offered_ptr[order], needs.offered_ptr[order + 1]
    if first < stop and not contains(needs.offered, first, stop, v):
        points += dials.stability
    return points


@compiled
def lacks_language(people: People, needs: Needs, order: int, v: int) -> int:
    """1 where languages are wished for and this volunteer speaks none of them."""
    lacks = 0
    for word in range(needs.languages.shape[1]):
        if needs.languages[order, word] != 0:
            if needs.languages[order, word] & people.languages[v, word] != 0:
                return 0
            lacks = 1
    return lacks


@compiled
def is_banned(needs: Needs, order: int, v: int) -> bool:
    return contains(needs.banned, needs.banned_ptr[order], needs.banned_ptr[order + 1], v)


@compiled
def judge(people: People, needs: Needs, dials: Dials, order: int, v: int, metres: int) -> int:
    """The cost of an active volunteer with the traits asked for, who lives at this distance; FOREVER: a rule refuses."""
    if metres > people.radius[v] or people.age[v] < needs.age[order]:
        return FOREVER
    travel = travel_time(metres, people.speed[v], people.delay[v])
    if first_start(people, needs, dials, order, v, travel) == FOREVER or is_banned(needs, order, v):
        return FOREVER
    return cost_of(people, needs, dials, order, v, travel)
