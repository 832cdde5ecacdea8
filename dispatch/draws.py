"""The dice behind generate.py: every property of a made-up city as one column of numbers.

Nothing here is a statistic of a real place; the shares are chosen so that every rule has something to refuse and
rare skills are really rare. All of it comes from one seeded numpy generator, drawn in a fixed order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.crowd import DAY, FOREVER
from dispatch.geo import FloatArray, IntArray

MONDAY = 1_767_542_400  # Monday 5 January 2026, 00:00 in Shanghai
MINUTE = 60
CENTRE = (30.26, 120.17)  # Hangzhou
METRES_PER_DEGREE = 111_195.0
HALF_WIDTH_M = 15_000.0
CLUSTERS = 18
BACKGROUND = 0.12  # the share of places outside any cluster

# skill → share of volunteers who have it, share of orders that need it
SKILLS: dict[str, tuple[float, float]] = {
    "bathing": (0.025, 0.005),
    "childcare": (0.10, 0.02),
    "cleaning": (0.40, 0.10),
    "companionship": (0.70, 0.22),
    "computer": (0.06, 0.01),
    "cooking": (0.30, 0.07),
    "counselling": (0.01, 0.003),
    "driving": (0.07, 0.012),
    "errands": (0.55, 0.16),
    "escort": (0.25, 0.05),
    "first_aid": (0.05, 0.01),
    "gardening": (0.15, 0.025),
    "haircut": (0.08, 0.015),
    "interpreting": (0.02, 0.004),
    "legal_advice": (0.015, 0.004),
    "lifting": (0.04, 0.008),
    "massage": (0.03, 0.006),
    "nursing": (0.006, 0.003),
    "phone_help": (0.35, 0.08),
    "reading": (0.18, 0.03),
    "repairs": (0.12, 0.02),
    "shopping": (0.45, 0.12),
    "sign_language": (0.003, 0.002),
    "tutoring": (0.20, 0.04),
}
LANGUAGES: dict[str, tuple[float, float]] = {
    "hangzhou": (0.30, 0.10),
    "shaoxing": (0.10, 0.06),
    "wenzhou": (0.08, 0.04),
}
CERTIFICATE = "health_certificate"
SEXES = ("female", "male")  # columns hold 1 and 2, and 0 for unknown or any
RADII = {
    "walk": (1500, 2500, 3500),
    "bike": (3000, 5000, 7000),
    "ebike": (4000, 6000, 9000),
    "car": (8000, 15_000, 25_000),
    "transit": (5000, 8000, 12_000),
}
BUSY_DAYS = np.array([0.35, 0.20, 0.13, 0.10, 0.09, 0.07, 0.06])  # most orders are for soon
NONE = -1  # in a column of limits or ages: not given


@dataclass(frozen=True, slots=True)
class OrderColumns:
    """n orders; times in epoch seconds, `skills` and `languages` as bits in the order of SKILLS and LANGUAGES.

    `urgent` needs somebody on duty, `certified` needs CERTIFICATE.
    """

    lat: FloatArray
    lon: FloatArray
    window_start: IntArray
    window_end: IntArray
    duration: IntArray
    positions: IntArray
    priority: IntArray
    skills: NDArray[np.uint64]
    languages: NDArray[np.uint64]
    sex: NDArray[np.int8]
    minimum_age: IntArray
    urgent: NDArray[np.bool_]
    certified: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.lat)


@dataclass(frozen=True, slots=True)
class VolunteerColumns:
    """m volunteers; the free hours of volunteer i are rows ptr[i]:ptr[i + 1] of `begin` and `end`.

    `certified_until`: 0 without the certificate, FOREVER for one that never ends.
    """

    lat: FloatArray
    lon: FloatArray
    skills: NDArray[np.uint64]
    languages: NDArray[np.uint64]
    sex: NDArray[np.int8]
    age: IntArray
    mode: NDArray[np.int8]
    radius_m: IntArray
    daily_limit: IntArray
    weekly_limit_minutes: IntArray
    load: IntArray
    answer_chance: FloatArray
    on_duty: NDArray[np.bool_]
    active: NDArray[np.bool_]
    certified_until: IntArray
    ptr: IntArray
    begin: IntArray
    end: IntArray

    def __len__(self) -> int:
        return len(self.lat)


@dataclass(slots=True)
class Town:
    """Where people live: clusters of different weight and spread, and a thin background everywhere."""

    dice: np.random.Generator
    centres: FloatArray = field(init=False)
    spread: FloatArray = field(init=False)
    homes: FloatArray = field(init=False)
    needs: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.centres = (self.dice.random((CLUSTERS, 2)) * 2 - 1) * HALF_WIDTH_M * 0.8
        self.homes = self.dice.dirichlet(np.full(CLUSTERS, 0.9))
        self.needs = 0.5 * self.homes + 0.5 * self.dice.dirichlet(np.full(CLUSTERS, 0.9))
        self.spread = self.dice.uniform(500, 2500, CLUSTERS)

    def places(self, size: int, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Latitudes and longitudes, rounded to a decimetre or so, as maps give them."""
        cluster = self.dice.choice(CLUSTERS, size, p=weight)
        lonely = self.dice.random(size) < BACKGROUND
        east, north = (self._along(axis, cluster, lonely) for axis in (0, 1))
        lat = np.round(CENTRE[0] + north / METRES_PER_DEGREE, 6)
        lon = np.round(CENTRE[1] + east / (METRES_PER_DEGREE * np.cos(np.radians(CENTRE[0]))), 6)
        return lat, lon

    def _along(self, axis: int, cluster: IntArray, lonely: NDArray[np.bool_]) -> FloatArray:
        metres = self.dice.normal(size=len(cluster)) * self.spread[cluster] + self.centres[cluster, axis]
        metres[lonely] = (self.dice.random(int(lonely.sum())) * 2 - 1) * HALF_WIDTH_M
        return np.clip(metres, -HALF_WIDTH_M, HALF_WIDTH_M)


def orders(dice: np.random.Generator, town: Town, size: int, days: int, now: int) -> OrderColumns:
    """Visits of half an hour to four hours, most by day and most for soon."""
    lat, lon = town.places(size, town.needs)
    weight = BUSY_DAYS[np.arange(days) % len(BUSY_DAYS)]
    day = dice.choice(days, size, p=weight / weight.sum()).astype(np.int64)
    minute = np.clip(dice.normal(13 * 60, 200, size), 7 * 60 + 30, 20 * 60).astype(np.int64) // 15 * 15
    start = np.maximum(MONDAY + day * DAY + minute * MINUTE, now + 30 * MINUTE)
    slack = pick(dice, size, (0, 30, 60, 120, 240), (0.2, 0.2, 0.25, 0.2, 0.15)) * MINUTE
    duration = pick(dice, size, (30, 45, 60, 90, 120, 180, 240), (0.15, 0.15, 0.3, 0.2, 0.12, 0.05, 0.03)) * MINUTE
    return OrderColumns(
        lat,
        lon,
        start,
        start + slack + duration,
        duration,
        positions=pick(dice, size, (1, 2, 3, 4), (0.85, 0.10, 0.035, 0.015)),
        priority=pick(dice, size, (1, 2, 4, 8, 16), (0.35, 0.35, 0.18, 0.09, 0.03)),
        skills=_bits(dice, size, [needed for _, needed in SKILLS.values()]),
        languages=_one_bit(dice, size, [wished for _, wished in LANGUAGES.values()]),
        sex=pick(dice, size, (0, 1, 2), (0.85, 0.12, 0.03)).astype(np.int8),
        minimum_age=pick(dice, size, (NONE, 18), (0.95, 0.05)),
        urgent=(day == 0) & (dice.random(size, dtype=np.float32) < 0.02),
        certified=dice.random(size, dtype=np.float32) < 0.02,
    )


def volunteers(dice: np.random.Generator, town: Town, size: int, days: int, modes: Sequence[float]) -> VolunteerColumns:
    """People with their week: evenings and weekends, weekdays by day, flexible, or weekends only."""
    lat, lon = town.places(size, town.homes)
    mode = pick(dice, size, range(len(RADII)), modes).astype(np.int8)
    radii = np.array(list(RADII.values()), dtype=np.int64)
    return VolunteerColumns(
        lat,
        lon,
        skills=_bits(dice, size, [held for held, _ in SKILLS.values()]),
        languages=_bits(dice, size, [spoken for spoken, _ in LANGUAGES.values()]),
        sex=pick(dice, size, (0, 1, 2), (0.02, 0.63, 0.35)).astype(np.int8),
        age=_ages(dice, size),
        mode=mode,
        radius_m=radii[mode, dice.integers(0, radii.shape[1], size)],
        daily_limit=pick(dice, size, (1, 2, 3, 5), (0.35, 0.3, 0.2, 0.15)),
        weekly_limit_minutes=pick(dice, size, (NONE, 240, 600), (0.5, 0.2, 0.3)),
        load=dice.poisson(1.2, size) * 60,
        answer_chance=pick(dice, size, (50, 70, 80, 90, 100), (0.1, 0.2, 0.3, 0.2, 0.2)) / 100.0,
        on_duty=dice.random(size, dtype=np.float32) < 0.1,
        active=dice.random(size, dtype=np.float32) < 0.97,
        certified_until=pick(dice, size, (0, MONDAY + 3 * DAY, FOREVER), (0.85, 0.05, 0.10)),
        **_hours(dice, size, days),
    )


def pick(dice: np.random.Generator, size: int, values: Sequence[int], shares: Sequence[float]) -> IntArray:
    """One of the values each, by their shares (made to add up to one)."""
    edges = np.cumsum(np.array(shares, dtype=np.float64))
    at = np.searchsorted(edges / edges[-1], dice.random(size, dtype=np.float32), side="right")
    return np.array(values, dtype=np.int64)[np.minimum(at, len(values) - 1)]


def _bits(dice: np.random.Generator, size: int, shares: list[float]) -> NDArray[np.uint64]:
    """Each bit by itself with its share."""
    found = np.zeros(size, dtype=np.uint64)
    for bit, share in enumerate(shares):
        found[dice.random(size, dtype=np.float32) < share] |= np.uint64(1 << bit)
    return found


def _one_bit(dice: np.random.Generator, size: int, shares: list[float]) -> NDArray[np.uint64]:
    """At most one of the bits, each with its share."""
    masks = (0, *(1 << bit for bit in range(len(shares))))
    return pick(dice, size, masks, (1.0 - sum(shares), *shares)).astype(np.uint64)


def _ages(dice: np.random.Generator, size: int) -> IntArray:
    """Sixteen to eighty; one in twenty did not say."""
    age = dice.integers(16, 81, size)
    age[dice.random(size, dtype=np.float32) < 0.05] = NONE
    return age


def _hours(dice: np.random.Generator, size: int, days: int) -> dict[str, Any]:
    """At most one stretch of free time a day, in half hours."""
    kind = dice.choice(4, size, p=(0.35, 0.25, 0.25, 0.15)).astype(np.int8)
    first = np.zeros((size, days), dtype=np.int16)
    last = np.zeros((size, days), dtype=np.int16)
    for day in range(days):
        weekend = day % 7 >= 5
        usual = np.array([9 if weekend else 17, 9, 8, 9], dtype=np.int16)[kind] * 60
        until = np.array([19 if weekend else 22, 16, 21, 20], dtype=np.int16)[kind] * 60
        chance = np.array([0.6, 0.35 if weekend else 0.75, 0.7, 0.8 if weekend else 0.03], dtype=np.float32)[kind]
        begin = np.clip(usual + dice.integers(-4, 5, size, dtype=np.int16) * 30, 6 * 60, 22 * 60)
        end = np.clip(until + dice.integers(-4, 3, size, dtype=np.int16) * 30, begin + 60, 23 * 60)
        free = dice.random(size, dtype=np.float32) < chance
        first[free, day], last[free, day] = begin[free], end[free]
    row, day_of = np.nonzero(last)
    midnight = MONDAY + day_of * DAY
    ptr = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(np.count_nonzero(last, axis=1))])
    begin_s, end_s = (midnight + part[row, day_of].astype(np.int64) * MINUTE for part in (first, last))
    return {"ptr": ptr, "begin": begin_s, "end": end_s}
