"""The routes found so far: one row each, sorted by shift, and which of them use what is scarce."""

from typing import NamedTuple

import numpy as np

from dispatch.compiled import compiled
from dispatch.day.held import Held
from dispatch.day.pricing import NOTHING, Prices
from dispatch.day.shifts import Shifts, SmallInts
from dispatch.geo import FloatArray, IntArray


class Pool(NamedTuple):
    """R routes: `shift` (ascending), `route` (R, deepest) places among the shift's pairs, -1 where it ends, and `worth`
    in points: the orders' value less every cost."""

    shift: IntArray
    route: SmallInts
    worth: IntArray

    def only(self, keep: IntArray) -> "Pool":
        """Some of the routes; `keep` is a mask or ascending places."""
        return Pool(self.shift[keep], self.route[keep], self.worth[keep])


class Uses(NamedTuple):
    """What routes use, by row: the orders (how many people, one at a time), then the shared limits (orders, hours).

    The routes of row i are `route[ptr[i]:ptr[i + 1]]` (ascending), and they use `amount` of it each.
    """

    ptr: IntArray
    route: IntArray
    amount: FloatArray


def empty(day: Shifts) -> Pool:
    deepest = int(day.most.max(initial=1))
    return Pool(np.zeros(0, dtype=np.int64), np.zeros((0, deepest), dtype=np.int32), np.zeros(0, dtype=np.int64))


def of_plan(day: Shifts, held: Held) -> Pool:
    """The routes of a plan."""
    shift = np.flatnonzero(held.size).astype(np.int64)
    stops = held.stops[shift, : int(day.most.max(initial=1))]
    route = np.where(stops >= 0, stops - day.ptr[shift][:, None], -1).astype(np.int32)
    return Pool(shift, route, held.worth[shift])


def joined(first: Pool, second: Pool) -> Pool:
    """Both, sorted by shift; of one shift, the first's come first."""
    shift = np.concatenate([first.shift, second.shift])
    turn = np.argsort(shift, kind="stable")
    route = np.concatenate([first.route, second.route])[turn]
    return Pool(shift[turn], route, np.concatenate([first.worth, second.worth])[turn])


def found(day: Shifts, asked: IntArray, value: IntArray, route: SmallInts, prices: Prices) -> Pool:
    """What pricing found, as routes with their true worth; see pricing.best_routes."""
    row, place = np.nonzero(value > NOTHING)
    wide = np.full((len(row), int(day.most.max(initial=1))), -1, dtype=np.int32)
    wide[:, : route.shape[2]] = route[row, place]
    fresh = Pool(asked[row], wide, value[row, place])
    turn = np.argsort(fresh.shift, kind="stable")
    fresh = fresh.only(turn)
    return fresh._replace(worth=fresh.worth + paid(day, fresh.shift, fresh.route, prices))


@compiled
def paid(day: Shifts, shift: IntArray, route: SmallInts, prices: Prices) -> IntArray:
    """What each route pays for its orders and limits: the same whole numbers as in pricing."""
    total = np.zeros(len(shift), dtype=np.int64)
    for r in range(len(shift)):
        by_day, by_week = day.day_limit[shift[r]], day.week_limit[shift[r]]
        for place in route[r]:
            if place < 0:
                break
            task = day.pair_task[day.ptr[shift[r]] + place]
            total[r] += prices.order[day.task_order[task]]
            if by_day >= 0:
                total[r] += prices.limit[by_day]
            if by_week >= 0:
                total[r] += prices.limit[by_week] * day.task_seconds[task] // 3600
    return total


@compiled
def uses(day: Shifts, shift: IntArray, route: SmallInts) -> Uses:
    """Row by row; a route that uses something twice has one entry for it."""
    orders, rows = len(day.order_people), len(day.order_people) + len(day.limit_volunteer)
    ptr = np.zeros(rows + 1, dtype=np.int64)
    for filling in range(2):
        if filling == 1:
            for i in range(rows):
                ptr[i + 1] += ptr[i]
            used = np.zeros(ptr[rows], dtype=np.int64)
            amount = np.ones(ptr[rows], dtype=np.float64)
            at = ptr.copy()
        for r in range(len(shift)):
            by_day, by_week = day.day_limit[shift[r]], day.week_limit[shift[r]]
            stops, seconds = 0, 0
            for place in route[r]:
                if place < 0:
                    break
                task = day.pair_task[day.ptr[shift[r]] + place]
                order = day.task_order[task]
                stops, seconds = stops + 1, seconds + day.task_seconds[task]
                if filling == 0:
                    ptr[order + 1] += 1
                else:
                    used[at[order]] = r
                    at[order] += 1
            for row, much in ((by_day, float(stops)), (by_week, seconds / 3600)):
                if row >= 0 and filling == 0:
                    ptr[orders + row + 1] += 1
                elif row >= 0:
                    used[at[orders + row]], amount[at[orders + row]] = r, much
                    at[orders + row] += 1
    return Uses(ptr, used, amount)
