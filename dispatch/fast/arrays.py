"""Tables and weights as the compiled loops read them: one record an order and a volunteer, lists end to end.

Records keep what is looked at together in one place of memory, and make few arrays of many: compiled functions pay for
every array they are handed.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from dispatch import geo
from dispatch.compiled import compiled
from dispatch.costs import LONGEST_LOAD, Weights
from dispatch.crowd import BoolArray
from dispatch.fast.traits import asked_traits, held_traits
from dispatch.geo import FloatArray, IntArray
from dispatch.tables import OrderTable, Tables, VolunteerTable

EARTH_RADIUS_M = geo.EARTH_RADIUS_M
SPEEDS = np.array([speed for speed, _ in geo.MODES.values()], dtype=np.int64)
DELAYS = np.array([delay for _, delay in geo.MODES.values()], dtype=np.int64)

SPOT = [("x", "f8"), ("y", "f8"), ("z", "f8")]  # metres from the centre of the Earth
VOLUNTEER = np.dtype(
    [
        *SPOT, ("daily_limit", "i8"), ("weekly_limit", "i8"), ("hours", "i8"), ("work", "i8"), ("held", "i8"),
        ("radius", "i4"), ("load", "i4"), ("silence", "i4"), ("age", "i2"), ("mode", "i1"), ("away", "?"),
        ("active", "?"),
    ],
    align=True,
)  # fmt: skip
ORDER = np.dtype(
    [
        *SPOT, ("earliest", "i8"), ("latest", "i8"), ("duration", "i8"), ("age", "i8"),
        ("asked", "i8"), ("banned", "i8"), ("preferred", "i8"), ("offered", "i8"),
    ],
    align=True,
)  # fmt: skip
HOURS = np.dtype([("start", "i8"), ("end", "i8")])
WORK = np.dtype([*SPOT, ("start", "i8"), ("end", "i8")])
HELD = np.dtype([("kind", "i8"), ("until", "i8")])


class People(NamedTuple):
    """m volunteers: `row` (VOLUNTEER), and one more at the end, so that hours, work and held (credentials) of row v
    are row[v].hours … row[v + 1].hours. silence is in points, mode a place in SPEEDS; away: leaves from work at this
    moment. masks: traits, then languages, uint64 (m, words)."""

    row: Any
    masks: Any
    hours: Any
    work: Any
    held: Any


class Needs(NamedTuple):
    """n orders, the same way: asked (kinds of credentials), banned, preferred, offered (volunteers, ascending).
    earliest and latest start, credentials aside. The first `traits` words of masks are traits."""

    row: Any
    masks: Any
    traits: int
    asked: Any
    banned: Any
    preferred: Any
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


def dials_of(tables: Tables, weights: Weights) -> Dials:
    return Dials(
        tables.now, tables.utc_offset, weights.travel_per_minute, weights.fairness,
        weights.language, weights.continuity, weights.stability,
    )  # fmt: skip


def people_of(tables: Tables, weights: Weights) -> People:
    of = tables.volunteers
    row = np.zeros(len(of) + 1, dtype=VOLUNTEER)
    place(row, of.lat, of.lon)
    for name in ("daily_limit", "weekly_limit", "age", "mode", "active"):
        row[name][:-1] = getattr(of, name)
    row["radius"][:-1] = of.radius_m
    row["load"][:-1] = np.minimum(of.load, LONGEST_LOAD)
    row["silence"][:-1] = np.floor(of.silence * weights.answer)
    row["hours"], row["work"], row["held"] = of.hours_ptr, of.work_ptr, of.credential_ptr
    leaves_from_work(of.work_ptr, of.work_start, of.work_end, tables.now, row["away"])
    masks = np.hstack([held_traits(tables), of.languages])
    return People(row, masks, _hours(of), _work(of), _held(of))


def _hours(of: VolunteerTable) -> np.ndarray:
    hours = np.empty(len(of.hours_start), dtype=HOURS)
    hours["start"], hours["end"] = of.hours_start, of.hours_end
    return hours


def _work(of: VolunteerTable) -> np.ndarray:
    work = np.empty(len(of.work_start), dtype=WORK)
    place(work, of.work_lat, of.work_lon)
    work["start"], work["end"] = of.work_start, of.work_end
    return work


def _held(of: VolunteerTable) -> np.ndarray:
    held = np.empty(len(of.credential), dtype=HELD)
    held["kind"], held["until"] = of.credential, of.credential_until
    return held


def needs_of(tables: Tables) -> Needs:
    of: OrderTable = tables.orders
    row = np.zeros(len(of) + 1, dtype=ORDER)
    place(row, of.lat, of.lon)
    row["earliest"][:-1] = np.maximum(of.window_start, tables.now)
    row["latest"][:-1] = of.window_end - of.duration
    row["duration"][:-1], row["age"][:-1] = of.duration, of.minimum_age
    row["asked"], row["banned"] = of.credential_ptr, of.banned_ptr
    row["preferred"], row["offered"] = of.preferred_ptr, of.offered_ptr
    traits = asked_traits(tables)
    masks = np.hstack([traits, of.languages])
    return Needs(row, masks, traits.shape[1], of.credential, of.banned, of.preferred, of.offered)


@compiled
def place(row: np.ndarray, lat: FloatArray, lon: FloatArray) -> None:
    """geo.place for many: the x, y, z of the first rows."""
    for i in range(len(lat)):
        phi, lam = math.radians(lat[i]), math.radians(lon[i])
        flat = EARTH_RADIUS_M * math.cos(phi)
        row[i]["x"] = flat * math.cos(lam)
        row[i]["y"] = flat * math.sin(lam)
        row[i]["z"] = EARTH_RADIUS_M * math.sin(phi)


@compiled
def leaves_from_work(ptr: IntArray, start: IntArray, end: IntArray, now: int, away: BoolArray) -> None:
    """Who is serving at this moment, and so does not set out from home."""
    for v in range(len(ptr) - 1):
        for job in range(ptr[v], ptr[v + 1]):
            if start[job] <= now < end[job]:
                away[v] = True
