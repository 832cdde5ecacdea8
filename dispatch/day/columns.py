"""Column generation: prices settle on the routes known, the best routes at these prices join them, and so on.

Any whole prices prove a bound: no plan is worth more than what the prices sell everything for, together with the most
that each shift can make of its time at these prices (Lagrangian duality).
"""

from dataclasses import dataclass, field

import numpy as np

from dispatch.day import pool as pools
from dispatch.day.master import settle
from dispatch.day.pool import Pool
from dispatch.day.pricing import Legs, Prices, best_routes, legs
from dispatch.day.shifts import Shifts
from dispatch.geo import FloatArray

FEW = 4  # routes a shift brings in each round
SWEEPS = 40
COOLER = 0.5
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
    most: int
    best: Prices
    rounds: int = 0
    likely: FloatArray = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, day: Shifts, pool: Pool) -> "Columns":
        supply = np.concatenate(
            [day.order_people, np.where(day.limit_orders < 0, day.limit_seconds / 3600, day.limit_orders)]
        )
        nothing = whole(day, np.zeros(len(supply)), pool)
        most = int(day.task_value.max(initial=0)) * int(day.order_people.sum())
        return cls(day, legs(day), pool, supply, np.zeros(len(supply)), day.unfilled / 5, most, nothing)

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
        banned = np.zeros(len(day.task_order), dtype=np.bool_)
        value, route, most, _ = best_routes(day, self.table, prices, banned, everybody, FEW, cap)
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


def generate(columns: Columns, coldest: float, close: float, rounds: int) -> None:
    """Rounds until the bound is within `close` (a share) of what the pool itself allows at its prices."""
    stalled = 0
    for _ in range(rounds):
        columns.settle()
        cap = THOROUGH if stalled else QUICK
        before = columns.most
        fresh = columns.price_out(cap)
        allowed = sold(columns.day, columns.best) + int(columns.best.shift.sum())
        if columns.heat <= coldest:
            if columns.most - allowed <= close * columns.most:
                return
            stalled = stalled + 1 if fresh < len(columns.day.begin) // 20 or columns.most > 0.9999 * before else 0
            if stalled > 3:
                return
        columns.heat = max(columns.heat * COOLER, coldest)
