"""Where a day plan may send somebody: the free hours of every volunteer, cut into shifts.

A shift is a stretch of free time inside which a route begins and ends, travel included. Accepted work that overlaps
free hours cuts them: one shift ends at its place as it begins, the next sets out from there as it ends. Work outside
them leaves time for the way between it and home. Hours of volunteers with a limit a day or a week are also cut at
local midnight (everybody's, where they last longer than a day), so that a shift counts for one day and one week.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dispatch.crowd import DAY, joined
from dispatch.geo import MODES, metres, place, travel_seconds
from dispatch.problem import Commitment, Problem, VolunteerSpec
from dispatch.validation import ProblemError

HOME = -1
NO_REST = (0, 0, 0)


class Stretch(NamedTuple):
    """One shift: `origin` and `target` are places in the volunteer's commitments, or HOME."""

    begin: int
    end: int
    origin: int
    target: int
    rest: tuple[int, int, int]


def stretches(problem: Problem, volunteer: VolunteerSpec, path: str) -> Iterator[Stretch]:
    """The shifts of one volunteer in order of time. Raises ProblemError where two rests fall into one shift."""
    for begin, end in _pieces(problem, volunteer):
        for stretch in _cut(volunteer, begin, end):
            rests = [rest for rest in volunteer.rests if stretch.begin <= rest[1] < stretch.end]
            if len(rests) > 1:
                raise ProblemError(f"{path}.rests", "has more than one rest in the same stretch of free hours")
            yield stretch._replace(rest=rests[0] if rests else NO_REST)


def _pieces(problem: Problem, volunteer: VolunteerSpec) -> Iterator[tuple[int, int]]:
    """Free hours that are still to come, touching intervals joined, cut at midnight where that is due."""
    limited = volunteer.daily_limit is not None or volunteer.weekly_limit_minutes is not None
    for begin, end in joined(volunteer.availability):
        begin = max(begin, problem.now)
        by_day = limited or end - begin > DAY
        while by_day and begin < end:
            midnight = ((begin + problem.utc_offset) // DAY + 1) * DAY - problem.utc_offset
            yield begin, min(midnight, end)
            begin = midnight
        if begin < end:
            yield begin, end


def _cut(volunteer: VolunteerSpec, begin: int, end: int) -> Iterator[Stretch]:
    """One piece of free time between the commitments that overlap it."""
    inside = [(k, one) for k, one in enumerate(volunteer.commitments) if one.start < end and one.end > begin]
    after = [one.start - way_home(volunteer, one) for one in volunteer.commitments if one.start >= end]
    moment, origin = begin, HOME
    for one in volunteer.commitments:
        if one.end <= moment:
            moment = max(moment, one.end + way_home(volunteer, one))
    for k, work in inside:
        if moment < work.start:
            yield Stretch(moment, work.start, origin, k, NO_REST)
        if work.end > moment:
            moment, origin = work.end, k
    end = min([end, *after])
    if moment < end:
        yield Stretch(moment, end, origin, HOME, NO_REST)


def way_home(volunteer: VolunteerSpec, work: Commitment) -> int:
    """Seconds between a commitment and home."""
    here = np.array(place(work.lat, work.lon))[:, None]
    home = np.array(place(volunteer.lat, volunteer.lon))
    speed, delay = MODES[volunteer.mode]
    return int(travel_seconds(metres(here, home), speed, delay)[0])
