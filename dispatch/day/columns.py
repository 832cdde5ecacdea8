"""Column generation: prices settle on the routes known, the best routes at these prices join them, and so on.

Any whole prices prove a bound: no plan is worth more than what the prices sell everything for, together with the most
that each shift can make of its time at these prices (Lagrangian duality).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.day import pool as pools
from dispatch.day.master import settle
from dispatch.day.meetings import Teams, fetched, teams
from dispatch.day.pool import Pool
from dispatch.day.pricing import Legs, Prices, best_routes, legs
from dispatch.day.shifts import Shifts
from dispatch.geo import FloatArray

FEW = 4  # routes a shift brings in each round
SWEEPS = 100
HOTTEST, COOLER, COLDEST = 0.2, 0.5, 1e-3  # heat in priority points
CLOSE = 2e-4  # share of the bound that the routes not known yet may account for
PATIENCE = 3
QUICK, THOROUGH = 3_000, 300_000  # nodes a shift


@dataclass
class Columns:
    """The state of column generation on one day. `most` is the proven bound: no plan is worth more points."""

    day: Shifts
    table: Legs
    pool: Pool
    team: Teams
    supply: FloatArray
    price: FloatArray
    heat: float
    coldest: float
    most: int
    best: Prices
    rounds: int = 0
    likely: FloatArray = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, day: Shifts, pool: Pool) -> "Columns":
        supply = np.concatenate(
            [day.order_people, np.where(day.limit_orders < 0, day.limit_seconds / 3600, day.limit_orders)]
        )
        team = teams(day)
        price = np.zeros(len(supply) + len(team.pair))
        nothing = whole(day, team, price, pool)
        hottest, coldest = max(day.unfilled * HOTTEST, 1.0), max(day.unfilled * COLDEST, 1.0)
        return cls(day, legs(day), pool, team, supply, price, hottest, coldest, coverable(day), nothing)

    def settle(self, sweeps: int = SWEEPS) -> None:
        """Prices and probabilities for the routes in the pool."""
        shares = pools.uses(self.day, self.team.seat_of, len(self.team.pair), self.pool.shift, self.pool.route)
        worth = self.pool.worth.astype(np.float64)
        shifts = len(self.day.begin)
        self.likely = settle(
            self.pool.shift, worth, shares, self.supply, self.team, self.price, self.heat, sweeps, shifts
        )

    def learn(self, fresh: Pool) -> None:
        """Routes found elsewhere join the pool."""
        self.pool = pools.joined(self.pool, fresh)

    def price_out(self, cap: int) -> int:
        """The best routes of every shift at the present prices join the pool. Returns how many they are."""
        day = self.day
        prices = whole(day, self.team, self.price, self.pool)
        everybody = np.arange(len(day.begin), dtype=np.int64)
        banned = hopeless(day, self.team)
        value, route, most, _ = best_routes(day, self.table, prices, banned, everybody, FEW, cap)
        proven = sold(day, self.team, prices) + int(most.sum())
        if proven < self.most:
            self.most, self.best = proven, prices
        fresh = pools.found(day, everybody, value, route, prices)
        self.learn(fresh)
        self.rounds += 1
        return len(fresh.shift)


def whole(day: Shifts, team: Teams, price: FloatArray, pool: Pool) -> Prices:
    """Prices as whole numbers; each shift's is what the best of its routes in the pool makes at them."""
    rounded = np.rint(price).astype(np.int64)
    orders, plain = len(day.order_people), len(price) - len(team.pair)
    pair = np.zeros(len(day.pair_task), dtype=np.int64)
    pair[team.pair] = rounded[plain:]
    prices = Prices(rounded[:orders], rounded[orders:plain], np.zeros(len(day.begin), dtype=np.int64), pair)
    left = pool.worth - pools.paid(day, pool.shift, pool.route, prices)
    np.maximum.at(prices.shift, pool.shift, left)
    return prices


def sold(day: Shifts, team: Teams, prices: Prices) -> int:
    """What everything there is would fetch."""
    limits = np.where(
        day.limit_orders < 0, -(-prices.limit * day.limit_seconds // 3600), prices.limit * day.limit_orders
    )
    meetings = fetched(team, prices.pair[team.pair].astype(np.float64))
    return int(prices.order[day.order_people == 1].sum() + limits.sum()) + int(meetings)


def hopeless(day: Shifts, team: Teams) -> NDArray[np.bool_]:
    """Common starts to which not enough people can come."""
    banned = np.asarray(day.order_people[day.task_order] > 1)
    banned[team.task] = False
    return banned


def coverable(day: Shifts) -> int:
    """What the orders are worth that somebody could serve at all, alone or with as many others as it takes."""
    people = np.bincount(day.pair_task, minlength=len(day.task_order))  # nobody's shifts overlap
    enough = people >= day.order_people[day.task_order]
    orders, first = np.unique(day.task_order[enough], return_index=True)
    return int((day.task_value[enough][first] * day.order_people[orders]).sum())


def generate(columns: Columns, rounds: int, over: Callable[[], bool]) -> None:
    """Rounds until the bound is close to what the pool itself allows at its prices, or nothing moves any more."""
    stalled = 0
    for _ in range(rounds):
        if over():
            return
        columns.settle()
        before = columns.most
        fresh = columns.price_out(THOROUGH if stalled else QUICK)
        if columns.heat <= columns.coldest:
            allowed = sold(columns.day, columns.team, columns.best) + int(columns.best.shift.sum())
            if columns.most - allowed <= CLOSE * columns.most:
                return
            moved = fresh >= len(columns.day.begin) // 20 and columns.most < (1 - CLOSE / 5) * before
            stalled = 0 if moved else stalled + 1
            if stalled > PATIENCE:
                return
        columns.heat = max(columns.heat * COOLER, columns.coldest)
