"""The rules of a day plan a second time, in plain Python for one route at a time, for day.py alone.

Written from the documentation of the model and sharing no code with the solvers. Slow and obvious on purpose.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dispatch.checking.rules import DAY, held_until, metres_between, monday_before, seconds_for
from dispatch.problem import OrderSpec, Problem, VolunteerSpec

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Free time between two places a volunteer must be at: home, or the place of accepted work."""

    begin: int
    end: int
    origin: Place
    goal: Place
    rests: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """One order on somebody's way."""

    order: OrderSpec
    start: int

    @property
    def end(self) -> int:
        return self.start + self.order.duration

    @property
    def place(self) -> Place:
        return (self.order.lat, self.order.lon)


def way(volunteer: VolunteerSpec, here: Place, there: Place) -> int:
    """Seconds from place to place in the volunteer's mode."""
    return seconds_for(metres_between(*here, *there), volunteer.mode)


def stretches(problem: Problem, volunteer: VolunteerSpec) -> list[Stretch]:
    """Free hours from now on, cut by accepted work; work outside them still costs the way from it or to it."""
    home = (volunteer.lat, volunteer.lon)
    found: list[Stretch] = []
    for begin, end in _pieces(problem, volunteer):
        moment, place = begin, home
        for one in volunteer.commitments:
            if one.end <= moment:
                moment = max(moment, one.end + way(volunteer, (one.lat, one.lon), home))
        for one in volunteer.commitments:
            if one.end > begin and one.start < end:
                found.append(_stretch(volunteer, moment, one.start, place, (one.lat, one.lon)))
                if one.end > moment:
                    moment, place = one.end, (one.lat, one.lon)
        for one in volunteer.commitments:
            if one.start >= end:
                end = min(end, one.start - way(volunteer, home, (one.lat, one.lon)))
        found.append(_stretch(volunteer, moment, end, place, home))
    return [one for one in found if one.begin < one.end]


def _pieces(problem: Problem, volunteer: VolunteerSpec) -> list[tuple[int, int]]:
    """Free hours to come, cut at local midnight for volunteers with a limit, and where they last over a day."""
    limited = volunteer.daily_limit is not None or volunteer.weekly_limit_minutes is not None
    pieces: list[tuple[int, int]] = []
    for begin, end in _joined(volunteer.availability):
        begin = max(begin, problem.now)
        if limited or end - begin > DAY:
            first = (begin + problem.utc_offset) // DAY
            midnights = [day * DAY - problem.utc_offset for day in range(first, first + 2 + (end - begin) // DAY)]
            pieces += [(max(begin, one), min(end, one + DAY)) for one in midnights]
        else:
            pieces.append((begin, end))
    return [(begin, end) for begin, end in pieces if begin < end]


def _joined(intervals: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(intervals):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _stretch(volunteer: VolunteerSpec, begin: int, end: int, origin: Place, goal: Place) -> Stretch:
    return Stretch(begin, end, origin, goal, tuple(rest for rest in volunteer.rests if begin <= rest[1] < end))


def timing(
    problem: Problem, volunteer: VolunteerSpec, stretch: Stretch, leave: int, stops: Sequence[Stop], back: int
) -> Iterator[str]:
    """What is impossible or needless about a timetable, from leaving one place to reaching the other."""
    if leave < stretch.begin:
        yield f"leaves at {leave}, but is free from {stretch.begin} on"
    place, moment = stretch.origin, leave
    for stop in stops:
        yield from _service(problem, volunteer, stretch, stop, moment + way(volunteer, place, stop.place))
        place, moment = stop.place, stop.end
    home = moment + way(volunteer, place, stretch.goal)
    if back < home or (back > home and not stretch.rests):
        yield f"is back at {back}, but it should be {home}"
    if back > stretch.end:
        yield f"is back at {back}, but must be by {stretch.end}"
    for rest in stretch.rests:
        if not any(_fits(rest, gap) for gap in _gaps(volunteer, stretch, leave, stops, back)):
            yield f"leaves no pause of {rest[2]} s that begins from {rest[0]} to {rest[1]}"


def _service(problem: Problem, volunteer: VolunteerSpec, stretch: Stretch, stop: Stop, arrival: int) -> Iterator[str]:
    order, ready = stop.order, max(arrival, stop.order.window_start)
    if stop.start < ready:
        yield f"begins {order.id} at {stop.start}, but not before {ready} is possible"
    if stop.end > order.window_end:
        yield f"ends {order.id} at {stop.end}, but the window closes at {order.window_end}"
    if any(held_until(volunteer, kind) < stop.end for kind in order.credentials):
        yield f"a credential for {order.id} ends before {stop.end}"
    if order.positions > 1 and (stop.start - order.window_start) % problem.meeting_step:
        yield f"begins {order.id} at {stop.start}, which is no whole number of steps after {order.window_start}"
    if order.positions == 1 and stop.start > ready and not stretch.rests:
        yield f"begins {order.id} at {stop.start}, but {ready} is possible"


Gap = tuple[int, int, int]


def _gaps(volunteer: VolunteerSpec, stretch: Stretch, leave: int, stops: Sequence[Stop], back: int) -> Iterator[Gap]:
    """Every time between services: from, to, and the seconds of travel in it."""
    place, moment = stretch.origin, stretch.begin
    for stop in stops:
        yield moment, stop.start, way(volunteer, place, stop.place)
        place, moment = stop.place, stop.end
    yield moment, stretch.end, way(volunteer, place, stretch.goal)


def _fits(rest: tuple[int, int, int], gap: Gap) -> bool:
    (first, last, seconds), (begin, end, travel) = rest, gap
    return end - begin - travel >= seconds and max(begin, first) <= min(last, end - seconds)


def alone(problem: Problem, order: OrderSpec, volunteer: VolunteerSpec) -> bool:
    """Whether the volunteer has time and limits left to serve this order and nothing else, both ways included."""
    for stretch in stretches(problem, volunteer):
        if not _limits_allow(problem, order, volunteer, stretch):
            continue
        here = (order.lat, order.lon)
        there, home = way(volunteer, stretch.origin, here), way(volunteer, here, stretch.goal)
        for start in _starts(problem, order, stretch, there):
            stop = Stop(order, start)
            if not any(timing(problem, volunteer, stretch, start - there, [stop], stop.end + home)):
                return True
    return False


def _starts(problem: Problem, order: OrderSpec, stretch: Stretch, there: int) -> Sequence[int]:
    """Every moment worth trying: as soon as possible, as soon as rested, or every common start."""
    if order.positions > 1:
        return range(order.window_start, order.window_end - order.duration + 1, problem.meeting_step)
    soon = max(order.window_start, stretch.begin + there)
    return [soon] + [max(soon, stretch.begin + there + rest[2], rest[0] + rest[2]) for rest in stretch.rests]


def _limits_allow(problem: Problem, order: OrderSpec, volunteer: VolunteerSpec, stretch: Stretch) -> bool:
    """One order more on the day, and its minutes more in the week, in which the free time begins."""
    offset, work = problem.utc_offset, volunteer.commitments
    if volunteer.daily_limit is not None:
        day = (stretch.begin + offset) // DAY
        if sum((one.start + offset) // DAY == day for one in work) >= volunteer.daily_limit:
            return False
    if volunteer.weekly_limit_minutes is None:
        return True
    monday = monday_before(stretch.begin, offset)
    taken = sum(one.end - one.start for one in work if monday_before(one.start, offset) == monday)
    return taken + order.duration <= volunteer.weekly_limit_minutes * 60
