"""Every feasible pair of an order in a city of tables, worked out anew in plain numpy: what instant results are held
against.

For cities without accepted work, preferences and open offers, which is what the measurements use.
"""

from dataclasses import dataclass

import numpy as np

from dispatch import Weights, geo
from dispatch.geo import FloatArray, IntArray
from dispatch.tables import Tables

LONGEST_LOAD = 60_000


@dataclass(frozen=True, slots=True)
class City:
    """Tables, and the columns of theirs that every order needs."""

    tables: Tables
    weights: Weights
    spots: FloatArray
    until: dict[int, IntArray]
    speed: IntArray
    delay: IntArray

    @classmethod
    def of(cls, tables: Tables, weights: Weights) -> "City":
        people = tables.volunteers
        if len(people.work_start) or len(tables.orders.preferred) or len(tables.orders.offered):
            raise ValueError("accepted work, preferences and open offers are not rechecked here")
        speed, delay = np.array(list(geo.MODES.values()), dtype=np.int64)[people.mode].T
        until = {int(kind): _held_until(tables, kind) for kind in np.unique(tables.orders.credential)}
        return cls(tables, weights, _places(people.lat, people.lon), until, speed, delay)

    def row(self, order: int) -> tuple[IntArray, IntArray]:
        """Volunteers who may serve this order, ascending, and the cost of each."""
        orders, people = self.tables.orders, self.tables.volunteers
        spot = _places(orders.lat[order : order + 1], orders.lon[order : order + 1])[:, 0]
        metres = geo.metres(self.spots, spot)
        who = np.flatnonzero((metres <= people.radius_m) & people.active)
        who = who[self._stands(order, who)]
        travel = geo.travel_seconds(metres[who], self.speed[who], self.delay[who])
        can = self._in_time(order, who, travel)
        return who[can], self._cost(order, who[can], travel[can])

    def _stands(self, order: int, who: IntArray) -> IntArray:
        orders, people = self.tables.orders, self.tables.volunteers
        keep = ((people.skills[who] & orders.skills[order]) == orders.skills[order]).all(axis=1)
        if orders.sex[order]:
            keep &= people.sex[who] == orders.sex[order]
        if orders.minimum_age[order] >= 0:
            keep &= people.age[who] >= orders.minimum_age[order]
        if orders.now[order]:
            keep &= people.on_duty[who]
        keep &= (people.daily_limit[who] >= 1) & (people.weekly_limit[who] >= orders.duration[order])
        banned = orders.banned[orders.banned_ptr[order] : orders.banned_ptr[order + 1]]
        return np.flatnonzero(keep & ~np.isin(who, banned))

    def _in_time(self, order: int, who: IntArray, travel: IntArray) -> IntArray:
        """Who has free hours in which the service can begin after the way there, and end within the window."""
        orders, people = self.tables.orders, self.tables.volunteers
        duration = orders.duration[order]
        earliest = np.maximum(self.tables.now + travel, orders.window_start[order])
        end = np.full(len(who), orders.window_end[order])
        for kind in orders.credential[orders.credential_ptr[order] : orders.credential_ptr[order + 1]].tolist():
            end = np.minimum(end, self.until[kind][who])
        latest = end - duration
        count = people.hours_ptr[who + 1] - people.hours_ptr[who]
        fits = np.zeros(len(who), dtype=np.bool_)
        for k in range(int(count.max(initial=0))):
            has = np.flatnonzero(count > k)
            at = people.hours_ptr[who[has]] + k
            start = np.maximum(earliest[has], people.hours_start[at])
            fits[has] |= (start <= latest[has]) & (start + duration <= people.hours_end[at])
        return np.flatnonzero(fits)

    def _cost(self, order: int, who: IntArray, travel: IntArray) -> IntArray:
        orders, people, weights = self.tables.orders, self.tables.volunteers, self.weights
        minutes = orders.duration[order] // 60
        load = np.minimum(people.load[who], LONGEST_LOAD)
        cost = travel * weights.travel_per_minute // 60
        cost += (2 * load + minutes) * minutes * weights.fairness // 3600
        cost += np.floor(people.silence[who] * weights.answer).astype(np.int64)
        if orders.languages[order].any():
            speaks = (people.languages[who] & orders.languages[order]).any(axis=1)
            cost += np.where(speaks, 0, weights.language)
        return cost


def _places(lat: FloatArray, lon: FloatArray) -> FloatArray:
    """WGS-84 degrees → metres, (3, n), in the very operations of geo.place."""
    return geo.places(list(zip(lat.tolist(), lon.tolist(), strict=True)))


def _held_until(tables: Tables, kind: int) -> IntArray:
    """When each volunteer's credential of a kind ends; 0 for those without."""
    people = tables.volunteers
    owner = np.repeat(np.arange(len(people)), np.diff(people.credential_ptr))
    until = np.zeros(len(people), dtype=np.int64)
    mine = people.credential == kind
    np.maximum.at(until, owner[mine], people.credential_until[mine])
    return until
