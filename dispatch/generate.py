"""Made-up cities near Hangzhou, the same for the same seed: for trying the engine out and for measuring it.

`problem` and `city` are one week (or `days` days) seen on Monday morning, as specs and as bare columns; `day` is one
day of volunteers who all said yes, planned the evening before. draws.py has the dice.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch import draws
from dispatch.crowd import FOREVER, NO_LIMIT
from dispatch.draws import CERTIFICATE, LANGUAGES, MINUTE, MONDAY, NONE, SEXES, SKILLS, OrderColumns, VolunteerColumns
from dispatch.geo import MODES, FloatArray, IntArray
from dispatch.problem import Commitment, OrderSpec, Problem, VolunteerSpec
from dispatch.tables import Bytes, Masks, OrderTable, Tables, VolunteerTable

MORNING = MONDAY + 7 * 3600
EVENING_BEFORE = MONDAY - 4 * 3600
MIXED = tuple({"walk": 0.25, "bike": 0.1, "ebike": 0.2, "car": 0.2, "transit": 0.25}[mode] for mode in MODES)
DAY_OUT = tuple({"walk": 0.35, "transit": 0.4, "car": 0.25}.get(mode, 0.0) for mode in MODES)
WHY = ("declined", "blocked")


@dataclass(frozen=True, slots=True)
class Work:
    """Accepted commitments: those of volunteer i are rows ptr[i]:ptr[i + 1]."""

    ptr: IntArray
    start: IntArray
    end: IntArray
    lat: FloatArray
    lon: FloatArray


@dataclass(frozen=True, slots=True)
class Bans:
    """Pairs that must not meet: those of order i are rows ptr[i]:ptr[i + 1]; `why` is a place in WHY."""

    ptr: IntArray
    volunteer: IntArray
    why: IntArray


@dataclass(frozen=True, slots=True)
class Columns:
    """A whole made-up city."""

    now: int
    orders: OrderColumns
    volunteers: VolunteerColumns
    work: Work
    bans: Bans


def problem(orders: int, volunteers: int, seed: int, days: int = 7, *, work: float = 0.0, bans: float = 0.0) -> Problem:
    """A week of orders for a crowd. `work` is the share of free stretches with accepted work in them, `bans` the mean
    number of refusals an order."""
    return specs(columns(orders, volunteers, seed, days, work=work, bans=bans))


def day(orders: int, volunteers: int, seed: int, meetings: float = 0.0) -> Problem:
    """One day on which every volunteer is free for one stretch, with nothing accepted yet.

    `meetings` is the share of orders that need two to four people at the same time; the others need one.
    """
    dice = np.random.default_rng(seed)
    town = draws.Town(dice)
    needs = draws.orders(dice, town, orders, 1, EVENING_BEFORE)
    together = draws.pick(dice, orders, (2, 3, 4), (0.7, 0.2, 0.1))
    positions = np.where(dice.random(orders) < meetings, together, 1)
    people = _all_free(dice, draws.volunteers(dice, town, volunteers, 1, DAY_OUT))
    city = Columns(EVENING_BEFORE, replace(needs, positions=positions), people, _no_work(volunteers), _no_bans(orders))
    return specs(city)


def city(orders: int, volunteers: int, seed: int, days: int = 7, *, work: float = 0.0, bans: float = 0.0) -> Tables:
    """The city of `problem` as tables, without ever making a spec: a million volunteers fit into memory."""
    drawn = columns(orders, volunteers, seed, days, work=work, bans=bans)
    return Tables(drawn.now, 28800, _order_table(drawn.orders, drawn.bans), _volunteer_table(drawn))


def columns(orders: int, volunteers: int, seed: int, days: int = 7, *, work: float = 0.0, bans: float = 0.0) -> Columns:
    """The dice of `problem` and `city`."""
    dice = np.random.default_rng(seed)
    town = draws.Town(dice)
    needs = draws.orders(dice, town, orders, days, MORNING)
    people = draws.volunteers(dice, town, volunteers, days, MIXED)
    accepted = _work(dice, town, people, work) if work else _no_work(volunteers)
    return Columns(MORNING, needs, people, accepted, _bans(dice, orders, volunteers, bans))


def _all_free(dice: np.random.Generator, people: VolunteerColumns) -> VolunteerColumns:
    """Who has no hours that day gets some: three to eight of them, begun between eight and four."""
    size = len(people)
    begin = MONDAY + dice.integers(8, 17, size) * 3600
    end = np.minimum(begin + draws.pick(dice, size, (3, 4, 6, 8), (1, 1, 1, 1)) * 3600, MONDAY + 22 * 3600)
    has = np.diff(people.ptr) > 0
    begin[has], end[has] = people.begin, people.end
    limits = np.full(size, NONE, dtype=np.int64)
    ones = np.ones(size, dtype=np.bool_)
    ptr = np.arange(size + 1, dtype=np.int64)
    return replace(people, ptr=ptr, begin=begin, end=end, weekly_limit_minutes=limits, active=ones)


def _work(dice: np.random.Generator, town: draws.Town, people: VolunteerColumns, share: float) -> Work:
    """An hour within some of the free stretches."""
    taken = np.flatnonzero(dice.random(len(people.begin)) < share)
    room = (people.end[taken] - people.begin[taken] - 60 * MINUTE) // (15 * MINUTE)
    start = people.begin[taken] + (dice.random(len(taken)) * (room + 1)).astype(np.int64) * 15 * MINUTE
    lat, lon = town.places(len(taken), town.needs)
    return Work(np.searchsorted(taken, people.ptr).astype(np.int64), start, start + 60 * MINUTE, lat, lon)


def _bans(dice: np.random.Generator, orders: int, volunteers: int, mean: float) -> Bans:
    if not (mean and volunteers):
        return _no_bans(orders)
    count = np.minimum(dice.poisson(mean, orders), volunteers)
    pairs = np.repeat(np.arange(orders, dtype=np.int64), count) * volunteers
    pairs = np.unique(pairs + dice.integers(0, volunteers, len(pairs)))
    ptr = np.searchsorted(pairs, np.arange(orders + 1, dtype=np.int64) * volunteers).astype(np.int64)
    return Bans(ptr, pairs % volunteers, draws.pick(dice, len(pairs), (0, 1), (0.8, 0.2)))


def _no_work(volunteers: int) -> Work:
    none, nowhere = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float64)
    return Work(np.zeros(volunteers + 1, dtype=np.int64), none, none, nowhere, nowhere)


def _no_bans(orders: int) -> Bans:
    none = np.zeros(0, dtype=np.int64)
    return Bans(np.zeros(orders + 1, dtype=np.int64), none, none)


def _order_table(of: OrderColumns, bans: Bans) -> OrderTable:
    none, nobody = np.zeros(0, dtype=np.int64), np.zeros(len(of) + 1, dtype=np.int64)
    credential_ptr = np.concatenate([nobody[:1], np.cumsum(of.certified)])
    same = ("lat", "lon", "window_start", "window_end", "duration", "positions", "priority", "minimum_age")
    return OrderTable(
        **{name: getattr(of, name) for name in same},
        skills=_named(of.skills, of.skills), languages=_named(of.languages, of.languages), sex=_sexes(of.sex, of.sex),
        now=of.urgent, together=np.zeros(len(of), dtype=np.bool_),
        credential_ptr=credential_ptr, credential=np.zeros(credential_ptr[-1], dtype=np.int64),
        banned_ptr=bans.ptr, banned=bans.volunteer,
        preferred_ptr=nobody, preferred=none, offered_ptr=nobody, offered=none,
    )  # fmt: skip


def _volunteer_table(drawn: Columns) -> VolunteerTable:
    of, work, needs = drawn.volunteers, drawn.work, drawn.orders
    certified = of.certified_until > (0 if needs.certified.any() else FOREVER)  # else no order knows this kind
    weekly = np.where(of.weekly_limit_minutes == NONE, NO_LIMIT, of.weekly_limit_minutes) * 60
    same = ("lat", "lon", "radius_m", "mode", "age", "active", "on_duty", "daily_limit", "load")
    return VolunteerTable(
        **{name: getattr(of, name) for name in same},
        skills=_named(of.skills, needs.skills), languages=_named(of.languages, needs.languages),
        sex=_sexes(of.sex, needs.sex), weekly_limit=weekly, silence=1.0 - of.answer_chance,
        credential_ptr=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(certified)]),
        credential=np.zeros(np.count_nonzero(certified), dtype=np.int64),
        credential_until=of.certified_until[certified],
        hours_ptr=of.ptr, hours_start=of.begin, hours_end=of.end,
        work_ptr=work.ptr, work_start=work.start, work_end=work.end, work_lat=work.lat, work_lon=work.lon,
    )  # fmt: skip


def _named(bits: NDArray[np.uint64], needed: NDArray[np.uint64]) -> Masks:
    """Bits moved together, so that only those some order needs are numbered."""
    used = int(np.bitwise_or.reduce(needed, initial=np.uint64(0)))
    kept = [bit for bit in range(64) if used >> bit & 1]
    if kept == list(range(len(kept))):
        return (bits & np.uint64(used)).reshape(-1, 1)
    moved = np.zeros((len(bits), 1), dtype=np.uint64)
    for place, bit in enumerate(kept):
        moved[:, 0] |= (bits >> np.uint64(bit) & np.uint64(1)) << np.uint64(place)
    return moved


def _sexes(codes: Bytes, wished: Bytes) -> Bytes:
    """Codes numbered anew, so that only those some order wishes for have a number."""
    numbers = np.zeros(len(SEXES) + 1, dtype=np.int8)
    asked = np.unique(wished[wished > 0])
    numbers[asked] = np.arange(1, len(asked) + 1)
    return numbers[codes]


def specs(city: Columns) -> Problem:
    """The same city as dataclasses, for everything that is not too large for them."""
    return Problem(city.now, _order_specs(city.orders, city.bans), _volunteer_specs(city.volunteers, city.work))


def _order_specs(of: OrderColumns, bans: Bans) -> tuple[OrderSpec, ...]:
    rows = zip(*(_plain(getattr(of, name)) for name in OrderColumns.__slots__), strict=True)
    refused = zip(_plain(bans.volunteer), _plain(bans.why), strict=True)
    why = [(volunteer_id(volunteer), WHY[code]) for volunteer, code in refused]
    ptr = _plain(bans.ptr)
    return tuple(
        OrderSpec(
            order_id(i), lat, lon, start, end, duration, positions, _words(skills, SKILLS),
            frozenset([CERTIFICATE] if certified else ()), priority, urgent,
            languages=_words(languages, LANGUAGES), sex=_sex(sex), minimum_age=_given(age),
            excluded=tuple(why[ptr[i] : ptr[i + 1]]),
        )
        for i, (
            lat, lon, start, end, duration, positions, priority, skills, languages, sex, age, urgent, certified,
        ) in enumerate(rows)
    )  # fmt: skip


def _volunteer_specs(of: VolunteerColumns, work: Work) -> tuple[VolunteerSpec, ...]:
    one_each = [name for name in VolunteerColumns.__slots__ if name not in ("ptr", "begin", "end")]
    rows = zip(*(_plain(getattr(of, name)) for name in one_each), strict=True)
    hours = list(zip(_plain(of.begin), _plain(of.end), strict=True))
    places = zip(_plain(work.start), _plain(work.end), _plain(work.lat), _plain(work.lon), strict=True)
    accepted = [Commitment(*place) for place in places]
    free, busy, modes = _plain(of.ptr), _plain(work.ptr), tuple(MODES)
    return tuple(
        VolunteerSpec(
            volunteer_id(i), lat, lon, _words(skills, SKILLS), _certificate(until),
            tuple(hours[free[i] : free[i + 1]]), radius, modes[mode], tuple(accepted[busy[i] : busy[i + 1]]),
            _given(daily), _given(weekly), duty, float(load), chance, _sex(sex),
            _words(languages, LANGUAGES), _given(age), active,
        )
        for i, (
            lat, lon, skills, languages, sex, age, mode, radius, daily, weekly, load, chance, duty, active, until,
        ) in enumerate(rows)
    )  # fmt: skip


def _certificate(until: int) -> tuple[tuple[str, int | None], ...]:
    return ((CERTIFICATE, None if until == FOREVER else until),) if until else ()


def order_id(place: int) -> str:
    return f"o{place:07d}"


def volunteer_id(place: int) -> str:
    return f"v{place:07d}"


def _plain(column: np.ndarray) -> list:
    return column.tolist()


def _words(bits: int, names: dict[str, tuple[float, float]]) -> frozenset[str]:
    return frozenset(name for bit, name in enumerate(names) if bits >> bit & 1) if bits else frozenset()


def _sex(code: int) -> str | None:
    return SEXES[code - 1] if code else None


def _given(value: int) -> int | None:
    return None if value == NONE else value
