"""The one place inside the solver where a route is timed and priced. Everything here is compiled.

A route is the sequence of a shift's pairs (their numbers within the shift). Each service begins as early as it can,
which is always best, for the price of a route does not depend on the hour. Where a rest is due, two clocks run: the
earliest time with the rest still to come, and with the rest behind. The pause may be on the way or while waiting.
"""

import numpy as np

from dispatch.compiled import compiled
from dispatch.day.shifts import Shifts
from dispatch.geo import WALK_SPEED, IntArray

NEVER = 1 << 50


@compiled
def travel(day: Shifts, shift: int, here: int, there: int) -> int:
    """Seconds between two places in the mode of a shift: exactly geo.travel_seconds(geo.metres(...))."""
    x = day.spots[here, 0] - day.spots[there, 0]
    y = day.spots[here, 1] - day.spots[there, 1]
    z = day.spots[here, 2] - day.spots[there, 2]
    tenfold = np.int64(np.ceil(np.sqrt(x * x + y * y + z * z))) * 10
    walking = -(-tenfold // WALK_SPEED)
    riding = day.delay[shift] - (-tenfold // day.speed[shift])
    return min(walking, riding)


@compiled
def begin(day: Shifts, shift: int) -> tuple[int, int]:
    """The two clocks as a shift begins: (rest to come, rest behind); without a rest only the second runs."""
    if day.rest_seconds[shift] == 0:
        return NEVER, day.begin[shift]
    return day.begin[shift], NEVER


@compiled
def ready(day: Shifts, shift: int, to_come: int, behind: int, leg: int) -> tuple[int, int]:
    """The two clocks after a leg of so many seconds, the rest being taken during it or not."""
    arrived = min(behind + leg, NEVER)
    if to_come > day.rest_last[shift]:
        return NEVER, arrived
    rested = max(to_come + leg, day.rest_first[shift]) + day.rest_seconds[shift]
    return to_come + leg, min(arrived, rested)


@compiled
def serve(first: int, last: int, seconds: int, to_come: int, behind: int) -> tuple[int, int]:
    """The two clocks after a service, NEVER where it would begin too late."""
    return (
        max(to_come, first) + seconds if to_come <= last else NEVER,
        max(behind, first) + seconds if behind <= last else NEVER,
    )


@compiled
def points(day: Shifts, shift: int, seconds: int, minutes: int) -> int:
    """Points of a route's travel and of its share in the load."""
    load = day.load[shift]
    return seconds * day.travel_per_minute // 60 + (2 * load + minutes) * minutes * day.fairness // 3600


@compiled
def schedule(day: Shifts, shift: int, route: IntArray, starts: IntArray) -> tuple[bool, int, int, int, int]:
    """(feasible, leave, back, travel seconds, points) of a route, given as places among the shift's pairs.

    Fills the beginning of `starts` with the start of each service. Leaves as late as the first start allows. `back`
    is the moment of arrival, a rest on the last leg included.
    """
    stops = len(route)
    before = np.empty(stops, dtype=np.int64)  # arrivals with the rest still to come
    to_come, behind = begin(day, shift)
    here = day.from_place[shift]
    way, minutes, extra, service, leg, first_leg, rested = 0, 0, 0, 0, 0, 0, -1
    for k in range(stops + 1):
        pair = day.ptr[shift] + route[k] if k < stops else -1
        task = day.pair_task[pair] if k < stops else -1
        there = day.task_order[task] if k < stops else day.to_place[shift]
        leg = travel(day, shift, here, there)
        way, here = way + leg, there
        first_leg = leg if k == 0 else first_leg
        unrested = behind + leg
        to_come, behind = ready(day, shift, to_come, behind, leg)
        rested = k if behind < unrested else rested
        if k < stops:
            before[k], starts[k] = max(to_come, day.task_first[task]), max(behind, day.task_first[task])
            seconds = day.task_seconds[task]
            to_come, behind = serve(day.task_first[task], day.pair_last[pair], seconds, to_come, behind)
            minutes += seconds // 60
            service += seconds
            extra += day.pair_points[pair]
    feasible = behind <= day.end[shift] and stops <= day.most[shift] and service <= day.most_seconds[shift]
    if not feasible or stops == 0:
        return feasible, day.begin[shift], day.begin[shift], 0, 0
    for k in range(max(rested, 0)):
        starts[k] = before[k]
    leave = starts[0] - first_leg
    if rested == 0 and leave < max(day.begin[shift], day.rest_first[shift]) + day.rest_seconds[shift]:
        leave -= day.rest_seconds[shift]
    return True, leave, behind, way, extra + points(day, shift, way, minutes)
