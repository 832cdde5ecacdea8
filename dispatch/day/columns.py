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
from dispatch.day.meetings import coverable, hopeless
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
    supply: FloatArray
    price: FloatArray
    heat: float
    coldest: float
    most: int
    best: Prices
    banned: NDArray[np.bool_]
    rounds: int = 0
    likely: FloatArray = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, day: Shifts, pool: Pool) -> "Columns":
        supply = np.concatenate(
            [day.order_people, np.where(day.limit_orders < 0, day.limit_seconds / 3600, day.limit_orders)]
        )
        nothing = whole(day, np.zeros(len(supply)), pool)
        hottest, coldest = max(day.unfilled * HOTTEST, 1.0), max(day.unfilled * COLDEST, 1.0)
        return cls(
            day,
            legs(day),
            pool,
            supply,
            np.zeros(len(supply)),
            hottest,
            coldest,
            coverable(day),
            nothing,
            hopeless(day),
        )

    def settle(self, sweeps: int = SWEEPS) -> None:
        """Prices and probabilities for the routes in the pool."""
        shares = pools.uses(self.day, self.pool.shift, self.pool.route)
        worth = self.pool.worth.astype(np.float64)
        self.likely = settle(
            self.pool.shift, worth, shares, self.supply, self.price, self.heat, sweeps, len(self.day.begin)
        )

    def learn(self, fresh: Pool) -> None:
        """Routes found elsewhere join the pool."""
        self.pool = pools.joined(self.pool, fresh)

    def price_out(self, cap: int) -> int:
        """The best routes of every shift at the present prices join the pool. Returns how many they are."""
        day = self.day
        prices = whole(day, self.price, self.pool)
        everybody = np.arange(len(day.begin), dtype=np.int64)
        value, route, most, _ = best_routes(day, self.table, prices, self.banned, everybody, FEW, cap)
        proven = sold(day, prices) + int(most.sum())
        if proven < self.most:
            self.most, self.best = proven, prices
        fresh = pools.found(day, everybody, value, route, prices)
        self.learn(fresh)
        self.rounds += 1
        return len(fresh.shift)


def whole(day: Shifts, price: FloatArray, pool: Pool) -> Prices:
    """Prices as whole numbers; each shift's is what the best of its routes in the pool makes at them."""
    rounded = np.rint(price).astype(np.int64)
    orders = len(day.order_people)
    prices = Prices(rounded[:orders], rounded[orders:], np.zeros(len(day.begin), dtype=np.int64))
    left = pool.worth - pools.paid(day, pool.shift, pool.route, prices)
    np.maximum.at(prices.shift, pool.shift, left)
    return prices


def sold(day: Shifts, prices: Prices) -> int:
    """What everything there is would fetch."""
    limits = np.where(
        day.limit_orders < 0, -(-prices.limit * day.limit_seconds // 3600), prices.limit * day.limit_orders
    )
    return int((prices.order * day.order_people).sum() + limits.sum())


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
            allowed = sold(columns.day, columns.best) + int(columns.best.shift.sum())
            if columns.most - allowed <= CLOSE * columns.most:
                return
            moved = fresh >= len(columns.day.begin) // 20 and columns.most < (1 - CLOSE / 5) * before
            stalled = 0 if moved else stalled + 1
            if stalled > PATIENCE:
                return
        columns.heat = max(columns.heat * COOLER, columns.coldest)
