"""The hard rules a second time, in plain Python for one pair at a time, for check.py alone.

Written from the rules' documentation and sharing no code with rules.py, crowd.py and geo.py, so that a
mistake there does not excuse itself here. Slow and obvious on purpose.
"""

import math
from collections.abc import Callable, Iterator

from dispatch.problem import OrderSpec, Problem, VolunteerSpec

# mode → (decimetres a second in a straight line, seconds lost before moving)
SPEEDS = {"walk": (12, 0), "bike": (30, 120), "ebike": (45, 120), "car": (55, 300), "transit": (40, 480)}
EARTH_M = 6_371_008.8
DAY = 86400
NEVER = 1 << 50


def metres_between(lat1: float, lon1: float, lat2: float, lon2: float) -> int:
    """Straight line by the haversine, rounded up."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    a = math.sin((phi2 - phi1) / 2) ** 2
    a += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return math.ceil(2 * EARTH_M * math.sqrt(a))


def seconds_for(metres: int, mode: str) -> int:
    speed, delay = SPEEDS[mode]
    return min(math.ceil(metres * 10 / SPEEDS["walk"][0]), delay + math.ceil(metres * 10 / speed))


def first_broken(problem: Problem, order: OrderSpec, volunteer: VolunteerSpec) -> tuple[str | None, int]:
    """The first rule the pair breaks and NEVER, or None and the earliest start that all rules allow."""
    for name, holds in standing(problem, order, volunteer):
        if not holds:
            return name, NEVER
    broken, start = _first_start(problem, order, volunteer)
    if broken is None and any(banned == volunteer.id for banned, _ in order.bans):
        return "banned", NEVER
    return broken, start


def standing(problem: Problem, order: OrderSpec, volunteer: VolunteerSpec) -> Iterator[tuple[str, bool]]:
    done = max(order.window_start, problem.now) + order.duration
    yield "active", volunteer.active
    yield "skills", all(skill in volunteer.skills for skill in order.skills)
    yield "credentials", all(held_until(volunteer, kind) >= done for kind in order.credentials)
    age = volunteer.age
    yield "minimum_age", order.minimum_age is None or (age is not None and age >= order.minimum_age)
    yield "sex", order.sex is None or volunteer.sex == order.sex
    yield "on_duty", volunteer.on_duty or not order.now
    yield "radius", metres_between(order.lat, order.lon, volunteer.lat, volunteer.lon) <= volunteer.radius_m


def held_until(volunteer: VolunteerSpec, kind: str) -> int:
    ends = [NEVER if until is None else until for held, until in volunteer.credentials if held == kind]
    return max(ends, default=-1)


def _first_start(problem: Problem, order: OrderSpec, volunteer: VolunteerSpec) -> tuple[str | None, int]:
    """Rule by rule, the earliest start that it and the time rules before it allow."""
    limits = [order.window_end, *(held_until(volunteer, kind) for kind in order.credentials)]
    latest = min(limits) - order.duration
    start = max(order.window_start, problem.now)
    if not any(one.start <= problem.now < one.end for one in volunteer.commitments):
        metres = metres_between(order.lat, order.lon, volunteer.lat, volunteer.lon)
        start = max(start, problem.now + seconds_for(metres, volunteer.mode))
    if start > latest:
        return "reach", NEVER
    tests = (_after_hours, _after_commitments, _after_full_day, _after_full_week)
    for count, name in enumerate(("availability", "overlap", "daily_limit", "weekly_limit"), start=1):
        start = _earliest(problem, order, volunteer, start, latest, tests[:count])
        if start > latest:
            return name, NEVER
    return None, start


Test = Callable[[Problem, OrderSpec, VolunteerSpec, int], int]


def _earliest(
    problem: Problem,
    order: OrderSpec,
    volunteer: VolunteerSpec,
    start: int,
    latest: int,
    tests: tuple[Test, ...],
) -> int:
    """Step over every obstacle until none is left in the way."""
    while start <= latest:
        later = max(test(problem, order, volunteer, start) for test in tests)
        if later == start:
            return start
        start = later
    return NEVER


def _after_hours(problem: Problem, order: OrderSpec, volunteer: VolunteerSpec, start: int) -> int:
    """The start itself if free hours cover the service, else the next moment at which free hours begin."""
    covered = start
    for begin, end in sorted(volunteer.availability):
        if begin <= covered < end:
            covered = end
    if covered >= start + order.duration:
        return start
    return min((begin for begin, _ in volunteer.availability if begin > start), default=NEVER)


def _after_commitments(problem: Problem, order: OrderSpec, volunteer: VolunteerSpec, start: int) -> int:
    for one in volunteer.commitments:
        way = seconds_for(metres_between(order.lat, order.lon, one.lat, one.lon), volunteer.mode)
        if start < one.end + way and one.start < start + order.duration + way:
            start = one.end + way
    return start


def _after_full_day(problem: Problem, order: OrderSpec, volunteer: VolunteerSpec, start: int) -> int:
    day = (start + problem.utc_offset) // DAY
    taken = sum((one.start + problem.utc_offset) // DAY == day for one in volunteer.commitments)
    full = volunteer.daily_limit is not None and taken >= volunteer.daily_limit
    return (day + 1) * DAY - problem.utc_offset if full else start


def _after_full_week(problem: Problem, order: OrderSpec, volunteer: VolunteerSpec, start: int) -> int:
    if volunteer.weekly_limit_minutes is None:
        return start
    monday = monday_before(start, problem.utc_offset)
    week = [one for one in volunteer.commitments if monday_before(one.start, problem.utc_offset) == monday]
    taken = sum(one.end - one.start for one in week)
    full = taken + order.duration > volunteer.weekly_limit_minutes * 60
    return monday + 7 * DAY if full else start


def monday_before(moment: int, utc_offset: int) -> int:
    """The local Monday midnight before a moment (5 January 1970 was a Monday)."""
    local = moment + utc_offset - 4 * DAY
    return local - local % (7 * DAY) + 4 * DAY - utc_offset
