"""The volunteers of one problem as arrays, in order of ids: what the rules and the costs look at."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dispatch import geo
from dispatch.geo import IntArray
from dispatch.problem import Commitment, Problem, VolunteerSpec

BoolArray = NDArray[np.bool_]
NO_LIMIT = 1 << 40  # more than any count or any number of minutes
FOREVER = 1 << 50  # later than any moment a problem may name
DAY = 86400


class Crowd:
    """m volunteers: places (3, m), one array per property, rows of intervals and commitments laid end to
    end."""

    def __init__(self, problem: Problem) -> None:
        people = self.people = problem.volunteers
        self.problem = problem
        self.size = len(people)
        self.index = {person.id: i for i, person in enumerate(people)}
        self.spots = geo.places([(person.lat, person.lon) for person in people])
        self.radius = _ints(person.radius_m for person in people)
        self.speed = _ints(geo.MODES[person.mode][0] for person in people)
        self.delay = _ints(geo.MODES[person.mode][1] for person in people)
        self.active = _bools(person.active for person in people)
        self.on_duty = _bools(person.on_duty for person in people)
        self.age = _ints(-1 if person.age is None else person.age for person in people)
        self.daily_limit = _ints(_or_none(person.daily_limit) for person in people)
        self.weekly_limit = _ints(_or_none(person.weekly_limit_minutes) * 60 for person in people)
        self.load = _ints(round(person.load) for person in people)
        self.silence = np.array([1.0 - person.answer_chance for person in people], dtype=np.float64)
        self._index_words(people)
        self.hours = Hours([person.availability for person in people])
        self.work = Work([person.commitments for person in people], problem.utc_offset)
        self.under_way = self.work.under_way(problem.now)

    def _index_words(self, people: tuple[VolunteerSpec, ...]) -> None:
        self._skills: dict[str, list[int]] = defaultdict(list)
        self._languages: dict[str, list[int]] = defaultdict(list)
        self._sexes: dict[str, list[int]] = defaultdict(list)
        self._credentials: dict[str, dict[int, int]] = defaultdict(dict)
        for i, person in enumerate(people):
            if person.sex is not None:
                self._sexes[person.sex].append(i)
            for skill in person.skills:
                self._skills[skill].append(i)
            for language in person.languages:
                self._languages[language].append(i)
            for kind, until in person.credentials:
                held = self._credentials[kind]
                held[i] = max(held.get(i, 0), FOREVER if until is None else until)
        self._columns: dict[tuple[str, str], BoolArray] = {}

    def _column(self, kind: str, name: str, lists: dict[str, list[int]]) -> BoolArray:
        column = self._columns.get((kind, name))
        if column is None:
            column = np.zeros(self.size, dtype=np.bool_)
            column[lists.get(name, [])] = True
            self._columns[kind, name] = column
        return column

    def skilled(self, skill: str) -> BoolArray:
        return self._column("skill", skill, self._skills)

    def speaking(self, language: str) -> BoolArray:
        return self._column("language", language, self._languages)

    def of_sex(self, sex: str) -> BoolArray:
        return self._column("sex", sex, self._sexes)

    def valid_until(self, kind: str) -> IntArray:
        """The moment each volunteer's credential of that kind ends; 0 for those without."""
        until = np.zeros(self.size, dtype=np.int64)
        held = self._credentials.get(kind, {})
        until[list(held)] = list(held.values())
        return until

    def positions_of(self, ids: Iterable[str]) -> IntArray:
        """Places in the arrays of those ids that are in this problem."""
        return np.array(sorted(self.index[one] for one in ids if one in self.index), dtype=np.int64)


class Hours:
    """Free hours: touching intervals joined, so that service may run over midnight or from one into the
    next."""

    def __init__(self, rows: list[tuple[tuple[int, int], ...]]) -> None:
        merged = [joined(row) for row in rows]
        flat = [interval for row in merged for interval in row]
        self.starts = _ints(start for start, _ in flat)
        self.ends = _ints(end for _, end in flat)
        self.stop = np.cumsum(_ints(len(row) for row in merged))
        self.span = int(self.ends.max(initial=0)) + 2
        owner = np.repeat(np.arange(len(rows), dtype=np.int64), _ints(len(row) for row in merged))
        self.keys = owner * self.span + self.ends

    def next_start(self, who: IntArray, start: IntArray, duration: int) -> IntArray:
        """`start` where an interval of `who` ends late enough for it, or that interval's later start, or
        FOREVER.

        A pushed start may overrun a short interval: ask again until nothing moves.
        """
        wanted = np.minimum(start + duration, self.span - 1)
        at = np.searchsorted(self.keys, who * self.span + wanted)
        found = at < self.stop[who]
        later = np.full(len(who), FOREVER, dtype=np.int64)
        later[found] = np.maximum(start[found], self.starts[at[found]])
        return later


class Work:
    """Accepted commitments laid end to end: when, where, on which local day and in which local week."""

    def __init__(self, rows: list[tuple[Commitment, ...]], utc_offset: int) -> None:
        flat = [one for row in rows for one in row]
        self.utc_offset = utc_offset
        self.starts = _ints(one.start for one in flat)
        self.ends = _ints(one.end for one in flat)
        self.spots = geo.places([(one.lat, one.lon) for one in flat])
        self.count = _ints(len(row) for row in rows)
        self.first = np.cumsum(self.count) - self.count
        self.day = local_day(self.starts, utc_offset)
        self.week = local_week(self.day)

    def of(self, who: IntArray) -> tuple[IntArray, IntArray]:
        """All commitments of `who`: for each, its row in `who` and its place in the flat arrays."""
        counts = self.count[who]
        row = np.repeat(np.arange(len(who), dtype=np.int64), counts)
        within = np.arange(len(row), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
        return row, self.first[who][row] + within

    def under_way(self, now: int) -> BoolArray:
        """Who is serving at this moment, and so does not set out from home."""
        row, at = self.of(np.arange(len(self.count), dtype=np.int64))
        busy = (self.starts[at] <= now) & (now < self.ends[at])
        found = np.zeros(len(self.count), dtype=np.bool_)
        found[row[busy]] = True
        return found


def local_day(moment: IntArray, utc_offset: int) -> IntArray:
    return (moment + utc_offset) // DAY


def local_week(day: IntArray) -> IntArray:
    """Weeks begin on Monday; day 0 (1 January 1970) was a Thursday."""
    return (day + 3) // 7


def joined(intervals: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in intervals:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _or_none(limit: int | None) -> int:
    return NO_LIMIT if limit is None else limit


def _ints(values: Iterable[int]) -> IntArray:
    return np.array(list(values), dtype=np.int64)


def _bools(values: Iterable[bool]) -> BoolArray:
    return np.array(list(values), dtype=np.bool_)
