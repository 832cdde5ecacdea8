"""One order and one volunteer: may they, when at the earliest, and at what cost. rules.py and costs.py, compiled.

The pair is (need, v): the order's record and the volunteer's row. The rules are those of rules.py, and so is the start:
the earliest that all time rules allow together.
"""

import math
from typing import Any

import numpy as np

from dispatch.compiled import compiled
from dispatch.crowd import FOREVER
from dispatch.fast.arrays import DELAYS, SPEEDS, Dials, Needs, People
from dispatch.geo import WALK_SPEED

DAY_S = 86400
MONDAY = 3  # day 0 (1 January 1970) was a Thursday


@compiled
def metres_between(a: Any, b: Any) -> int:
    """Whole metres between two records with places, rounded up."""
    x, y, z = a["x"] - b["x"], a["y"] - b["y"], a["z"] - b["z"]
    return math.ceil(math.sqrt(x * x + y * y + z * z))


@compiled
def travel_time(metres: int, mode: int) -> int:
    """Seconds by one mode, or on foot where that is quicker."""
    walking = -(-metres * 10 // WALK_SPEED)
    return min(walking, DELAYS[mode] - (-metres * 10 // SPEEDS[mode]))


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
    for word in range(needs.traits):
        wanted = needs.masks[order, word]
        if people.masks[v, word] & wanted != wanted:
            return False
    return True


@compiled
def lacks_language(people: People, needs: Needs, order: int, v: int) -> bool:
    """Whether languages are wished for and this volunteer speaks none of them."""
    lacks = False
    for word in range(needs.traits, needs.masks.shape[1]):
        if needs.masks[order, word] != 0:
            if needs.masks[order, word] & people.masks[v, word] != 0:
                return False
            lacks = True
    return lacks


@compiled
def latest_start(people: People, needs: Needs, order: int, v: int) -> int:
    """So that the service ends within the window and before any credential it needs runs out."""
    latest = needs.row[order]["latest"]
    for k in range(needs.row[order]["asked"], needs.row[order + 1]["asked"]):
        until = np.int64(0)
        for held in range(people.row[v]["held"], people.row[v + 1]["held"]):
            if people.held[held]["kind"] == needs.asked[k]:
                until = max(until, people.held[held]["until"])
        latest = min(latest, until - needs.row[order]["duration"])
    return latest


@compiled
def into_hours(people: People, v: int, start: int, duration: int) -> int:
    """The start itself where free hours cover the service, or the next at which they begin and are long enough."""
    for k in range(people.row[v]["hours"], people.row[v + 1]["hours"]):
        if people.hours[k]["end"] >= start + duration:
            return max(start, people.hours[k]["start"])
    return FOREVER


@compiled
def past_work(people: People, need: Any, v: int, start: int) -> int:
    """Behind any commitment that leaves too little time before it or after it, travel included."""
    later = start
    for k in range(people.row[v]["work"], people.row[v + 1]["work"]):
        job = people.work[k]
        travel = travel_time(metres_between(job, need), people.row[v]["mode"])
        ready = job["end"] + travel
        if start + need["duration"] + travel > job["start"] and start < ready:
            later = max(later, ready)
    return later


@compiled
def past_full_day(people: People, dials: Dials, v: int, start: int) -> int:
    """To the next local midnight, where that day has its number of orders already."""
    day = (start + dials.utc_offset) // DAY_S
    left = people.row[v]["daily_limit"]
    for k in range(people.row[v]["work"], people.row[v + 1]["work"]):
        if (people.work[k]["start"] + dials.utc_offset) // DAY_S == day:
            left -= 1
    return start if left > 0 else (day + 1) * DAY_S - dials.utc_offset


@compiled
def past_full_week(people: People, dials: Dials, v: int, start: int, duration: int) -> int:
    """To the next local Monday, where that week has no room for this service."""
    week = ((start + dials.utc_offset) // DAY_S + MONDAY) // 7
    left = people.row[v]["weekly_limit"] - duration
    for k in range(people.row[v]["work"], people.row[v + 1]["work"]):
        if ((people.work[k]["start"] + dials.utc_offset) // DAY_S + MONDAY) // 7 == week:
            left -= people.work[k]["end"] - people.work[k]["start"]
    return start if left >= 0 else (week * 7 + 7 - MONDAY) * DAY_S - dials.utc_offset


@compiled
def first_start(people: People, needs: Needs, dials: Dials, order: int, v: int, travel: int) -> int:
    """The earliest start that all time rules allow, or FOREVER."""
    need = needs.row[order]
    latest = latest_start(people, needs, order, v)
    start, duration = need["earliest"], need["duration"]
    if not people.row[v]["away"]:  # else they leave from that work
        start = max(start, dials.now + travel)
    before = start - 1
    while before < start <= latest:
        before = start
        start = into_hours(people, v, start, duration)
        start = past_work(people, need, v, start)
        start = past_full_day(people, dials, v, start)
        start = past_full_week(people, dials, v, start, duration)
    return start if start <= latest else FOREVER


@compiled
def free_start(row: Any, hours: Any, need: Any, now: int, v: int, travel: int) -> int:
    """first_start of somebody without accepted work, for an order without credentials: most pairs are of that kind."""
    duration = need["duration"]
    if duration > row[v]["weekly_limit"] or row[v]["daily_limit"] <= 0:
        return FOREVER
    start = max(need["earliest"], now + travel)
    for k in range(row[v]["hours"], row[v + 1]["hours"]):
        begin = max(start, hours[k]["start"])
        if hours[k]["end"] >= begin + duration:
            return begin if begin <= need["latest"] else FOREVER
    return FOREVER


@compiled
def own_cost(row: Any, need: Any, dials: Dials, travel: int) -> int:
    """The terms that do not depend on who knows whom: travel, fairness, answer."""
    minutes = need["duration"] // 60
    load = np.int64(row["load"])
    points = travel * dials.travel_per_minute // 60 + np.int64(row["silence"])
    return points + (2 * load + minutes) * minutes * dials.fairness // 3600


@compiled
def named_cost(needs: Needs, dials: Dials, order: int, v: int) -> int:
    """Continuity and stability."""
    points = 0
    first, stop = needs.row[order]["preferred"], needs.row[order + 1]["preferred"]
    if first < stop and not contains(needs.preferred, first, stop, v):
        points += dials.continuity
    first, stop = needs.row[order]["offered"], needs.row[order + 1]["offered"]
    if first < stop and not contains(needs.offered, first, stop, v):
        points += dials.stability
    return points


@compiled
def is_named(needs: Needs, order: int, v: int) -> bool:
    """Preferred or offered."""
    if contains(needs.preferred, needs.row[order]["preferred"], needs.row[order + 1]["preferred"], v):
        return True
    return contains(needs.offered, needs.row[order]["offered"], needs.row[order + 1]["offered"], v)


@compiled
def is_banned(needs: Needs, order: int, v: int) -> bool:
    return contains(needs.banned, needs.row[order]["banned"], needs.row[order + 1]["banned"], v)
