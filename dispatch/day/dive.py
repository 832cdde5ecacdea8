"""From probabilities to a plan: the likeliest routes are fixed, prices settle again for the rest, and so on."""

from collections.abc import Callable

import numpy as np

from dispatch.day import held as hold
from dispatch.day import pool as pools
from dispatch.day.columns import Columns, whole
from dispatch.day.held import Held
from dispatch.day.master import settle
from dispatch.day.pool import Pool
from dispatch.day.pricing import best_routes
from dispatch.day.shifts import Shifts
from dispatch.geo import FloatArray, IntArray

SURE = 0.9
SHARE = 12  # at least one in so many of the shifts that are left is fixed in each step
SWEEPS = 15
CAP = 2_000


class Dive:
    """One dive. `chosen` holds the route of every fixed shift."""

    def __init__(self, columns: Columns, turn: IntArray, over: Callable[[], bool]) -> None:
        self.columns, self.day, self.turn, self.over = columns, columns.day, turn, over
        self.supply = columns.supply.copy()
        self.price: FloatArray = columns.price.copy()
        self.banned = columns.banned.copy()
        self.fixed = np.zeros(len(self.day.begin), dtype=np.bool_)
        self.pool = columns.pool
        self.chosen: list[tuple[int, list[int]]] = []

    def run(self) -> Held:
        """Fix routes until nobody has one left."""
        while len(self.pool.shift) and not self.over():
            likely = self.settled()
            if not self.fix(likely):
                break
            self.pool = self.usable(self.pool)
            self.refill()
        return plan(self.day, self.chosen)

    def settled(self) -> FloatArray:
        pool, shares = self.pool, pools.uses(self.day, self.pool.shift, self.pool.route)
        return settle(
            pool.shift, pool.worth.astype(np.float64), shares, self.supply, self.price, self.columns.heat, SWEEPS,
            len(self.fixed),
        )  # fmt: skip

    def fix(self, likely: FloatArray) -> int:
        """The likeliest route of each shift, likeliest first, as far as they go together; answers how many."""
        pool = self.pool
        left = len(np.unique(pool.shift))
        order = np.lexsort((self.turn[pool.shift], -pool.worth, -np.round(likely, 3)))
        enough, done = max(1, -(-left // SHARE)), 0
        for r in order.tolist():
            if done >= enough and likely[r] < SURE:
                break
            pairs = self.pairs(int(pool.shift[r]), pool.route[r])
            if not self.fixed[pool.shift[r]] and self.fits(int(pool.shift[r]), pairs):
                self.take(int(pool.shift[r]), pairs)
                done += 1
        return done

    def pairs(self, shift: int, route: IntArray) -> list[int]:
        return [int(self.day.ptr[shift]) + place for place in route.tolist() if place >= 0]

    def fits(self, shift: int, pairs: list[int]) -> bool:
        tasks = self.day.pair_task[pairs].astype(np.int64)
        if self.banned[tasks].any():
            return False
        return all(self.supply[row] >= much - 1e-9 for row, much in self.limits(shift, tasks))

    def limits(self, shift: int, tasks: IntArray) -> list[tuple[int, float]]:
        """The shared limits a route uses, as rows, and how much of them."""
        day, orders = self.day, len(self.day.order_people)
        uses = (
            (day.day_limit[shift], float(len(tasks))),
            (day.week_limit[shift], day.task_seconds[tasks].sum() / 3600),
        )
        return [(orders + int(row), float(much)) for row, much in uses if row >= 0]

    def take(self, shift: int, pairs: list[int]) -> None:
        """A route is fixed: what it uses is gone, and a meeting it is part of has its start."""
        self.fixed[shift] = True
        self.chosen.append((shift, pairs))
        tasks = self.day.pair_task[pairs].astype(np.int64)
        for row, much in self.limits(shift, tasks):
            self.supply[row] -= much
        for task in tasks.tolist():
            order = self.day.task_order[task]
            self.supply[order] -= 1
            first, last = np.searchsorted(self.day.task_order, (order, order + 1))
            taken = self.banned[task] or self.supply[order] < 1
            self.banned[first:last] = True
            self.banned[task] = taken

    def usable(self, pool: Pool) -> Pool:
        """Routes of shifts that are not fixed, over tasks that are not gone, within what limits leave."""
        task = self.day.pair_task[np.maximum(self.day.ptr[pool.shift][:, None] + pool.route, 0)]
        gone = (self.banned[task] & (pool.route >= 0)).any(axis=1)
        return pool.only(~gone & ~self.fixed[pool.shift])

    def refill(self) -> None:
        """Routes that fit what is left now, worth more than those known."""
        day = self.day
        asked = np.flatnonzero(~self.fixed)
        prices = whole(day, self.price, self.pool)
        value, route, _, _ = best_routes(day, self.columns.table, prices, self.banned, asked, 2, CAP)
        fresh = pools.found(day, asked, value, route, prices)
        self.pool = pools.joined(self.pool, fresh)
        self.columns.learn(fresh)


def plan(day: Shifts, chosen: list[tuple[int, list[int]]]) -> Held:
    """The routes as a plan, without the meetings that lack somebody."""
    held = hold.nothing(day)
    for shift, pairs in chosen:
        for pair in pairs:
            hold.put(day, held, shift, pair, int(held.size[shift]), 0)
        held.worth[shift] = hold.worth(day, shift, held.stops[shift], held.size[shift])
    seated = (held.holder >= 0).sum(axis=1)
    for order in np.flatnonzero((seated > 0) & (seated < day.order_people)).tolist():
        hold.drop(day, held, order)
    return held
