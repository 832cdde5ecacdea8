"""An instant plan seen as a market: who could serve what and for how much, who serves whom, and what each is worth.

`Market` holds every feasible pair of a problem and the decisions of a plan; from these alone it works out the prices
that prove the plan optimal. All explanations start here. Prices are in points:

    order price      what one more position of this order is worth to the plan
    volunteer price  what one more volunteer like this one would save elsewhere; 0 for who is idle

For every feasible pair cost + volunteer price - order price >= 0, and = 0 where the plan pairs them; an order's price
is at most the price of leaving it open, and just that where it is open. Where such prices exist, no plan is better.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from dispatch import costs, geo
from dispatch.candidates import screen
from dispatch.costs import Weights
from dispatch.crowd import BoolArray, Crowd
from dispatch.geo import FloatArray, IntArray
from dispatch.instant.matching import LARGE, Matching
from dispatch.plan import Plan
from dispatch.problem import OrderSpec, Problem
from dispatch.rules import RULES, Shortlist

IDLE = -1


@dataclass(frozen=True, slots=True)
class Row:
    """The pairs of one order (who: volunteers) or of one volunteer (who: orders), by index, with their costs."""

    who: IntArray
    cost: IntArray

    def __len__(self) -> int:
        return len(self.who)


NOBODY = Row(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Prices:
    """By index of problem.orders and problem.volunteers, in points."""

    order: IntArray
    volunteer: IntArray


@dataclass(frozen=True)
class Market:
    """Pairs laid end to end, those of order i are `ptr[i]:ptr[i + 1]`, in the order of problem.orders.

    `serves`: index of the order each volunteer serves, or IDLE. `vacant`: open positions of each order that the prices
    know of; an all-or-nothing order that is open counts as absent (`left_out`).
    """

    problem: Problem
    weights: Weights
    crowd: Crowd
    ptr: IntArray
    who: IntArray
    cost: IntArray
    serves: IntArray
    vacant: IntArray
    left_out: frozenset[int]
    index: dict[str, int] = field(repr=False)

    @classmethod
    def of(cls, problem: Problem, plan: Plan) -> "Market":
        """Every order screened against everybody under the plan's own weights."""
        weights = Weights.from_dict(plan.weights)
        crowd = Crowd(problem)
        index = {order.id: i for i, order in enumerate(problem.orders)}
        serves = np.full(crowd.size, IDLE, dtype=np.int64)
        for one in plan.proposals:
            serves[crowd.index[one.volunteer]] = index[one.order]
        return cls._made(crowd, weights, _rows(crowd, weights), serves, index)

    @classmethod
    def of_matching(cls, matching: Matching) -> "Market | None":
        """From what the solver looked at already: enough for prices, slacks and takers of everything at once.

        Its lists stop at somebody idle, beyond whom nobody matters to any price; anything else wants `Market.of`. None
        where they have gaps before that, as in great scarcity.
        """
        if matching.counts.get("added"):
            return None
        orders = matching.crowd.problem.orders
        index = {order.id: i for i, order in enumerate(orders)}
        serves = np.full(matching.crowd.size, IDLE, dtype=np.int64)
        rows = [NOBODY] * len(orders)
        for option, picks in zip(matching.options, matching.chosen, strict=True):
            at = index[option.order.id]
            rows[at] = Row(option.who, option.cost)
            serves[option.who[picks]] = at
        return cls._made(matching.crowd, matching.weights, rows, serves, index)

    @classmethod
    def _made(
        cls, crowd: Crowd, weights: Weights, rows: list[Row], serves: IntArray, index: dict[str, int]
    ) -> "Market":
        orders = crowd.problem.orders
        positions = np.array([order.positions for order in orders], dtype=np.int64)
        vacant = positions - np.bincount(serves[serves != IDLE], minlength=len(rows))
        absent = frozenset(i for i, order in enumerate(orders) if together(order) and vacant[i])
        vacant[list(absent)] = 0
        ptr = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64)
        who = np.concatenate([row.who for row in (NOBODY, *rows)])
        cost = np.concatenate([row.cost for row in (NOBODY, *rows)])
        return cls(crowd.problem, weights, crowd, ptr, who, cost, serves, vacant, absent, index)

    def row(self, order: int) -> Row:
        """Who could serve this order, by index, and for how much."""
        part = slice(self.ptr[order], self.ptr[order + 1])
        return Row(self.who[part], self.cost[part])

    def column(self, volunteer: int) -> Row:
        """What this volunteer could serve."""
        by_volunteer, bounds = self._columns
        part = by_volunteer[bounds[volunteer] : bounds[volunteer + 1]]
        return Row(self.owner[part], self.cost[part])

    @cached_property
    def _columns(self) -> tuple[IntArray, IntArray]:
        by_volunteer = np.argsort(self.who, kind="stable")
        bounds = np.searchsorted(self.who[by_volunteer], np.arange(self.crowd.size + 1))
        return by_volunteer, bounds

    @cached_property
    def owner(self) -> IntArray:
        """The order of each pair."""
        return np.repeat(np.arange(len(self.ptr) - 1, dtype=np.int64), np.diff(self.ptr))

    @cached_property
    def order_spots(self) -> FloatArray:
        """Places of the orders, (3, n)."""
        return geo.places([(order.lat, order.lon) for order in self.problem.orders])

    @cached_property
    def used(self) -> BoolArray:
        """Which pairs the plan has chosen."""
        return self.serves[self.who] == self.owner

    @cached_property
    def dearest(self) -> int:
        """The prices hold for pairs up to this cost; every feasible pair is far below it."""
        return 2 * int(self.cost.max(initial=0)) + 100_000

    @cached_property
    def point(self) -> int:
        """What a priority point weighs here: more than four times what all costs together could come to."""
        most = sum(order.positions for order in self.problem.orders) + 100
        return 4 * most * self.dearest

    @cached_property
    def open_price(self) -> IntArray:
        """Points for each position left open."""
        return np.array([self.price_of_leaving(order) for order in self.problem.orders], dtype=np.int64)

    def price_of_leaving(self, order: OrderSpec) -> int:
        """A served order of all-or-nothing people is never broken up, whatever the others gain by it."""
        if together(order) and self.index[order.id] not in self.left_out:
            return self.point * (1 + sum(one.priority * one.positions for one in self.problem.orders))
        return self.point * order.priority

    @cached_property
    def tied(self) -> bool:
        """Some order wants all its people or none: then prices prove less than they say, and are not quoted."""
        return any(together(order) for order in self.problem.orders)

    @cached_property
    def greatest(self) -> Prices | None:
        """The highest prices that prove the plan; None where it can be bettered, so that none exist."""
        chosen = self._chosen_cost()
        price = self.open_price.copy()
        other = ~self.used
        for _ in range(2 * len(price) + 2):
            theirs = np.where(self.serves == IDLE, 0, price[self.serves] - chosen) if len(price) else chosen
            if theirs.min(initial=0) < 0:
                return None
            lower = self.open_price.copy()
            np.minimum.at(lower, self.owner[other], self.cost[other] + theirs[self.who[other]])
            if np.array_equal(lower, price):
                return Prices(price, theirs) if self._fits(price) else None
            price = np.minimum(price, lower)
        return None

    @cached_property
    def least(self) -> Prices | None:
        """The lowest prices that prove the plan; None where it can be bettered."""
        chosen = self._chosen_cost()
        floor = np.where(self.vacant > 0, self.open_price, 0)
        busy, other = np.flatnonzero(self.serves != IDLE), ~self.used
        theirs, price = np.zeros(self.crowd.size, dtype=np.int64), floor
        for _ in range(2 * len(price) + 2):
            price = floor.copy()
            np.maximum.at(price, self.serves[busy], chosen[busy] + theirs[busy])
            if (price > self.open_price).any():
                return None
            higher = np.zeros_like(theirs)
            np.maximum.at(higher, self.who[other], price[self.owner[other]] - self.cost[other])
            if (higher <= theirs).all():
                theirs[busy] = price[self.serves[busy]] - chosen[busy]
                return Prices(price, theirs) if not theirs[self.serves == IDLE].any() else None
            theirs = np.maximum(theirs, higher)
        return None

    def _chosen_cost(self) -> IntArray:
        """What each volunteer's pair in the plan costs; 0 for the idle."""
        chosen = np.zeros(self.crowd.size, dtype=np.int64)
        chosen[self.who[self.used]] = self.cost[self.used]
        return chosen

    def _fits(self, price: IntArray) -> bool:
        open_ones = self.vacant > 0
        return bool((price[open_ones] == self.open_price[open_ones]).all())


def together(order: OrderSpec) -> bool:
    """All its people or none."""
    return order.together and order.positions > 1


def _rows(crowd: Crowd, weights: Weights) -> list[Row]:
    """The pairs of all orders; of a large problem by the compiled search, where that is installed."""
    orders = crowd.problem.orders
    if len(orders) * crowd.size >= LARGE:
        from dispatch.compiled import COMPILED  # only now: loading what it compiles takes longer than a small problem

        if COMPILED:
            from dispatch.fast.everybody import everybody

            return [Row(who, cost) for who, cost in everybody(crowd.problem, weights)]
    return [row_of(crowd, order, weights) for order in orders]


def row_of(crowd: Crowd, order: OrderSpec, weights: Weights) -> Row:
    """Everybody who passes every rule for an order, in order of ids, with the cost of the pair."""
    short, _, _ = screen(crowd, order)
    return Row(short.who, price_of(short, weights))


def pair_cost(crowd: Crowd, order: OrderSpec, volunteer: int, weights: Weights) -> int | None:
    """What a single pair costs; None where a rule refuses it."""
    short = Shortlist(crowd, order, np.array([volunteer], dtype=np.int64))
    return int(price_of(short, weights)[0]) if all(rule.keeps(short)[0] for rule in RULES) else None


def price_of(short: Shortlist, weights: Weights) -> IntArray:
    """Points of every pair on a list."""
    total: IntArray = costs.price(short, weights).sum(axis=0)
    return total
