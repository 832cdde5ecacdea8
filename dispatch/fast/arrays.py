"""Tables and weights as what the compiled loops read: places in metres, one mask of traits, points ready to add."""

import math
from typing import Any, NamedTuple

import numpy as np

from dispatch import geo
from dispatch.compiled import compiled
from dispatch.costs import LONGEST_LOAD, Weights
from dispatch.crowd import BoolArray
from dispatch.geo import FloatArray, IntArray
from dispatch.tables import Masks, OrderTable, Tables, VolunteerTable

EARTH_RADIUS_M = geo.EARTH_RADIUS_M


class People(NamedTuple):
    """m volunteers. spot float64 (m, 3), metres from the centre of the Earth; traits and languages uint64 (m, words);
    silence in points; away: leaves from work at this moment; the rest as in VolunteerTable."""

    spot: Any
    traits: Any
    languages: Any
    active: Any
    age: Any
    radius: Any
    speed: Any
    delay: Any
    load: Any
    silence: Any
    daily_limit: Any
    weekly_limit: Any
    away: Any
    credential_ptr: Any
    credential: Any
    credential_until: Any
    hours_ptr: Any
    hours_start: Any
    hours_end: Any
    work_ptr: Any
    work_start: Any
    work_end: Any
    work_spot: Any


class Needs(NamedTuple):
    """n orders. earliest and latest start (credentials aside); traits asked for; the rest as in OrderTable."""

    spot: Any
    traits: Any
    languages: Any
    age: Any
    earliest: Any
    latest: Any
    duration: Any
    credential_ptr: Any
    credential: Any
    banned_ptr: Any
    banned: Any
    preferred_ptr: Any
    preferred: Any
    offered_ptr: Any
    offered: Any


class Dials(NamedTuple):
    """The weights (costs.Weights), this moment, and where local days begin."""

    now: int
    utc_offset: int
    travel_per_minute: int
    fairness: int
    language: int
    continuity: int
    stability: int


@compiled
def spots(lat: FloatArray, lon: FloatArray) -> FloatArray:
    """geo.place for many: float64 (n, 3)."""
    made = np.empty((len(lat), 3), dtype=np.float64)
    for i in range(len(lat)):
        phi, lam = math.radians(lat[i]), math.radians(lon[i])
        flat = EARTH_RADIUS_M * math.cos(phi)
        made[i, 0] = flat * math.cos(lam)
        made[i, 1] = flat * math.sin(lam)
        made[i, 2] = EARTH_RADIUS_M * math.sin(phi)
    return made


@compiled
def leaves_from_work(ptr: IntArray, start: IntArray, end: IntArray, now: int) -> BoolArray:
    """Who is serving at this moment, and so does not set out from home."""
    away = np.zeros(len(ptr) - 1, dtype=np.bool_)
    for v in range(len(away)):
        for job in range(ptr[v], ptr[v + 1]):
            if start[job] <= now < end[job]:
                away[v] = True
    return away


def dials_of(tables: Tables, weights: Weights) -> Dials:
    return Dials(
        tables.now, tables.utc_offset, weights.travel_per_minute, weights.fairness,
        weights.language, weights.continuity, weights.stability,
    )  # fmt: skip


def people_of(tables: Tables, weights: Weights) -> People:
    of = tables.volunteers
    speeds, delays = (np.array(column, dtype=np.int64) for column in zip(*geo.MODES.values(), strict=True))
    return People(
        spots(of.lat, of.lon), _held(of, _kinds(tables.orders)), of.languages, of.active, of.age, of.radius_m,
        speeds[of.mode], delays[of.mode], np.minimum(of.load, LONGEST_LOAD),
        np.floor(of.silence * weights.answer).astype(np.int64), of.daily_limit, of.weekly_limit,
        leaves_from_work(of.work_ptr, of.work_start, of.work_end, tables.now),
        of.credential_ptr, of.credential, of.credential_until, of.hours_ptr, of.hours_start, of.hours_end,
        of.work_ptr, of.work_start, of.work_end, spots(of.work_lat, of.work_lon),
    )  # fmt: skip


def needs_of(tables: Tables) -> Needs:
    of = tables.orders
    return Needs(
        spots(of.lat, of.lon), _asked(of, _kinds(of)), of.languages, of.minimum_age,
        np.maximum(of.window_start, tables.now), of.window_end - of.duration, of.duration,
        of.credential_ptr, of.credential, of.banned_ptr, of.banned,
        of.preferred_ptr, of.preferred, of.offered_ptr, of.offered,
    )  # fmt: skip


class Kinds(NamedTuple):
    """How many sexes and kinds of credentials some order asks for."""

    sexes: int
    credentials: int

    def words(self) -> int:
        """Masks for these, one bit each, and one for being on duty."""
        return (self.sexes + self.credentials) // 64 + 1


def _kinds(of: OrderTable) -> Kinds:
    return Kinds(int(of.sex.max(initial=0)), int(of.credential.max(initial=-1)) + 1)


def _held(of: VolunteerTable, kinds: Kinds) -> Masks:
    """Skills, then one bit each for being on duty, for every sex, and for every kind of credential."""
    more = np.zeros((len(of), kinds.words()), dtype=np.uint64)
    owner = np.repeat(np.arange(len(of)), np.diff(of.credential_ptr))
    asked = of.credential < kinds.credentials
    known = (of.sex > 0) & (of.sex <= kinds.sexes)
    _set(more, np.flatnonzero(of.on_duty), np.zeros(1, dtype=np.int64))
    _set(more, np.flatnonzero(known), of.sex[known].astype(np.int64))
    _set(more, owner[asked], of.credential[asked] + 1 + kinds.sexes)
    return np.hstack([of.skills, more])


def _asked(of: OrderTable, kinds: Kinds) -> Masks:
    more = np.zeros((len(of), kinds.words()), dtype=np.uint64)
    owner = np.repeat(np.arange(len(of)), np.diff(of.credential_ptr))
    wished = of.sex > 0
    _set(more, np.flatnonzero(of.now), np.zeros(1, dtype=np.int64))
    _set(more, np.flatnonzero(wished), of.sex[wished].astype(np.int64))
    _set(more, owner, of.credential + 1 + kinds.sexes)
    return np.hstack([of.skills, more])


def _set(masks: Masks, rows: IntArray, bits: IntArray) -> None:
    """Set one bit of each row (a row may come more than once)."""
    flags = np.left_shift(np.uint64(1), (bits % 64).astype(np.uint64))
    np.bitwise_or.at(masks, (rows, bits // 64), flags)
