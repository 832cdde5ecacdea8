"""A problem as columns of numbers: what a city of a million volunteers fits into, and what the compiled search reads.

Words (skills, languages, credentials, sexes) become small numbers that mean the same on both sides; who is who is the
row. Lists of different lengths lie end to end: row i of `hours` is `hours_start[hours_ptr[i]:hours_ptr[i + 1]]`.
Times are epoch seconds UTC, places WGS-84 degrees. tables.of() makes them from a Problem; a generator may write them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch import geo
from dispatch.crowd import FOREVER, NO_LIMIT, joined
from dispatch.geo import FloatArray, IntArray
from dispatch.problem import OrderSpec, Problem, VolunteerSpec

Masks = NDArray[np.uint64]
Bytes = NDArray[np.int8]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OrderTable:
    """n orders.

    lat, lon                          float64 (n)
    window_start, window_end,
    duration, positions, priority     int64 (n); seconds, counts, points
    skills, languages                 uint64 (n, words): bit b of word w is number 64 w + b; all skills are needed,
                                      any one language is wished for
    sex                               int8 (n): 0 any, else the number that volunteers of that sex have
    minimum_age                       int64 (n): -1 where nobody asks
    now, together                     bool (n)
    credential_ptr, credential        int64 (n + 1) and kinds needed, end to end
    banned_ptr, banned, preferred_ptr, preferred, offered_ptr, offered
                                      int64 (n + 1) and rows of volunteers, ascending within an order
    """

    lat: FloatArray
    lon: FloatArray
    window_start: IntArray
    window_end: IntArray
    duration: IntArray
    positions: IntArray
    priority: IntArray
    skills: Masks
    languages: Masks
    sex: Bytes
    minimum_age: IntArray
    now: Flags
    together: Flags
    credential_ptr: IntArray
    credential: IntArray
    banned_ptr: IntArray
    banned: IntArray
    preferred_ptr: IntArray
    preferred: IntArray
    offered_ptr: IntArray
    offered: IntArray

    def __len__(self) -> int:
        return len(self.lat)


@dataclass(frozen=True, slots=True)
class VolunteerTable:
    """m volunteers.

    lat, lon                            float64 (m)
    skills, languages                   uint64 (m, words), words as in the orders
    radius_m                            int64 (m), metres
    mode                                int8 (m): the place of the travel mode in geo.MODES
    sex, age                            int8 (m) 0 unknown; int64 (m) -1 unknown
    active, on_duty                     bool (m)
    daily_limit, weekly_limit           int64 (m): orders, seconds; crowd.NO_LIMIT for none
    load                                int64 (m): recent work, minutes
    silence                             float64 (m): 1 - the chance of any answer
    credential_ptr, credential, credential_until
                                        int64 (m + 1), kinds held, and the moment each ends (crowd.FOREVER: never)
    hours_ptr, hours_start, hours_end   int64 (m + 1) and free hours: ascending, no two touching, within a volunteer
    work_ptr, work_start, work_end      int64 (m + 1) and accepted commitments
    work_lat, work_lon                  float64, where those are
    """

    lat: FloatArray
    lon: FloatArray
    skills: Masks
    languages: Masks
    radius_m: IntArray
    mode: Bytes
    sex: Bytes
    age: IntArray
    active: Flags
    on_duty: Flags
    daily_limit: IntArray
    weekly_limit: IntArray
    load: IntArray
    silence: FloatArray
    credential_ptr: IntArray
    credential: IntArray
    credential_until: IntArray
    hours_ptr: IntArray
    hours_start: IntArray
    hours_end: IntArray
    work_ptr: IntArray
    work_start: IntArray
    work_end: IntArray
    work_lat: FloatArray
    work_lon: FloatArray

    def __len__(self) -> int:
        return len(self.lat)


@dataclass(frozen=True, slots=True)
class Tables:
    """Orders and volunteers at one moment (`now`); `utc_offset` seconds say where local days and weeks begin."""

    now: int
    utc_offset: int
    orders: OrderTable
    volunteers: VolunteerTable


def of(problem: Problem) -> Tables:
    """The same problem in columns, rows in the problem's order (that of ids)."""
    orders, people = problem.orders, problem.volunteers
    words = {
        "skills": _numbered(one.skills for one in orders),
        "languages": _numbered(one.languages for one in orders),
        "sex": _numbered(() if one.sex is None else (one.sex,) for one in orders),
        "credentials": _numbered(one.credentials for one in orders),
    }
    index = {person.id: i for i, person in enumerate(people)}
    return Tables(problem.now, problem.utc_offset, _orders(orders, words, index), _volunteers(people, words))


Numbers = Mapping[str, int]


def _orders(orders: Sequence[OrderSpec], words: Mapping[str, Numbers], index: Numbers) -> OrderTable:
    kinds = words["credentials"]
    credential_ptr, credential = _lists([sorted(kinds[kind] for kind in one.credentials) for one in orders])
    banned_ptr, banned = _lists([_known({who for who, _ in one.bans}, index) for one in orders])
    preferred_ptr, preferred = _lists([_known(one.preferred, index) for one in orders])
    offered_ptr, offered = _lists([_known(one.offered, index) for one in orders])
    return OrderTable(
        lat=_column(orders, "lat", np.float64),
        lon=_column(orders, "lon", np.float64),
        window_start=_column(orders, "window_start", np.int64),
        window_end=_column(orders, "window_end", np.int64),
        duration=_column(orders, "duration", np.int64),
        positions=_column(orders, "positions", np.int64),
        priority=_column(orders, "priority", np.int64),
        skills=_masks([one.skills for one in orders], words["skills"]),
        languages=_masks([one.languages for one in orders], words["languages"]),
        sex=_sexes([one.sex for one in orders], words["sex"]),
        minimum_age=_ints(-1 if one.minimum_age is None else one.minimum_age for one in orders),
        now=_column(orders, "now", np.bool_),
        together=_column(orders, "together", np.bool_),
        credential_ptr=credential_ptr, credential=credential,
        banned_ptr=banned_ptr, banned=banned,
        preferred_ptr=preferred_ptr, preferred=preferred,
        offered_ptr=offered_ptr, offered=offered,
    )  # fmt: skip


def _volunteers(people: Sequence[VolunteerSpec], words: Mapping[str, Numbers]) -> VolunteerTable:
    modes = {mode: k for k, mode in enumerate(geo.MODES)}
    held = [_held(one, words["credentials"]) for one in people]
    credential_ptr, credential = _lists([[kind for kind, _ in row] for row in held])
    hours = [joined(one.availability) for one in people]
    hours_ptr, hours_start = _lists([[start for start, _ in row] for row in hours])
    work = [job for one in people for job in one.commitments]
    return VolunteerTable(
        lat=_column(people, "lat", np.float64),
        lon=_column(people, "lon", np.float64),
        skills=_masks([one.skills for one in people], words["skills"]),
        languages=_masks([one.languages for one in people], words["languages"]),
        radius_m=_column(people, "radius_m", np.int64),
        mode=np.array([modes[one.mode] for one in people], dtype=np.int8),
        sex=_sexes([one.sex for one in people], words["sex"]),
        age=_ints(-1 if one.age is None else one.age for one in people),
        active=_column(people, "active", np.bool_),
        on_duty=_column(people, "on_duty", np.bool_),
        daily_limit=_ints(_or_none(one.daily_limit) for one in people),
        weekly_limit=_ints(_or_none(one.weekly_limit_minutes) * 60 for one in people),
        load=_ints(round(one.load) for one in people),
        silence=np.array([1.0 - one.answer_chance for one in people], dtype=np.float64),
        credential_ptr=credential_ptr,
        credential=credential,
        credential_until=_ints(until for row in held for _, until in row),
        hours_ptr=hours_ptr,
        hours_start=hours_start,
        hours_end=_ints(end for row in hours for _, end in row),
        work_ptr=_starts([len(one.commitments) for one in people]),
        work_start=_column(work, "start", np.int64),
        work_end=_column(work, "end", np.int64),
        work_lat=_column(work, "lat", np.float64),
        work_lon=_column(work, "lon", np.float64),
    )


def _numbered(sets: Iterable[Iterable[str]]) -> dict[str, int]:
    """The words that some order names, numbered in order; what only volunteers have, nobody asks for."""
    return {word: k for k, word in enumerate(sorted({word for one in sets for word in one}))}


def _held(person: VolunteerSpec, kinds: Numbers) -> list[tuple[int, int]]:
    """Kinds and ends of the credentials that some order needs; of several of one kind the last to end."""
    until: dict[int, int] = {}
    for kind, end in person.credentials:
        if kind in kinds:
            until[kinds[kind]] = max(until.get(kinds[kind], 0), FOREVER if end is None else end)
    return sorted(until.items())


def _masks(rows: Sequence[Iterable[str]], numbers: Numbers) -> Masks:
    masks = np.zeros((len(rows), len(numbers) // 64 + 1), dtype=np.uint64)
    for i, row in enumerate(rows):
        for word in row:
            if word in numbers:
                masks[i, numbers[word] // 64] |= np.uint64(1 << numbers[word] % 64)
    return masks


def _sexes(values: Iterable[str | None], numbers: Numbers) -> Bytes:
    return np.array([0 if sex is None else numbers.get(sex, -1) + 1 for sex in values], dtype=np.int8)


def _known(ids: Iterable[str], index: Numbers) -> list[int]:
    return sorted(index[one] for one in ids if one in index)


def _lists(rows: Sequence[Sequence[int]]) -> tuple[IntArray, IntArray]:
    return _starts([len(row) for row in rows]), _ints(value for row in rows for value in row)


def _starts(lengths: Sequence[int]) -> IntArray:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(np.array(lengths, dtype=np.int64))])


def _column(specs: Sequence[Any], name: str, kind: Any) -> NDArray[Any]:
    return np.array([getattr(one, name) for one in specs], dtype=kind)


def _ints(values: Iterable[int]) -> IntArray:
    return np.array(list(values), dtype=np.int64)


def _or_none(limit: int | None) -> int:
    return NO_LIMIT if limit is None else limit
