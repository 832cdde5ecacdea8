"""What would fill an open order: every remedy shown is proven by finding the best plan of the changed problem.

With the prices of a plan at hand a changed order or volunteer needs a few shortest paths (residual.py), no new solution.
A remedy counts only if every best plan of the changed problem fills the order, whatever the costs, and the priority open
elsewhere is no more than before. Where all-or-nothing orders could change sides, the whole problem is solved again.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace

import numpy as np

from dispatch import geo
from dispatch.costs import Weights
from dispatch.crowd import Crowd
from dispatch.engine import solve
from dispatch.geo import IntArray
from dispatch.market import IDLE, Market, Row, price_of, row_of, together
from dispatch.plan import Plan
from dispatch.problem import OrderSpec, Problem
from dispatch.remedy import NEARBY_M, Remedy, apply, changed, newcomers
from dispatch.residual import Residual
from dispatch.rules import RULES, Shortlist

LATER_S = (1800, 3600, 7200)
FARTHER_M = (1000, 2000, 3000)
SHORTEST_VISIT_S = 900
MOST_OF_A_KIND = 3  # remedies of one kind that name people or orders
MOST_TRIED = 8


def remedies(
    problem: Problem,
    plan: Plan,
    order_id: str,
    weights: Weights | None = None,
    seed: int | None = None,
    *,
    market: Market | None = None,
) -> tuple[Remedy, ...]:
    """What would fill this order of an instant plan, least change for the resident first, then least cost.

    Empty where the order is filled already, or where nothing tried helps. `weights` and `seed` are the plan's unless
    given; `market` saves looking at everybody anew when several orders of one plan are asked about: `Market.of(problem,
    plan)`. Raises KeyError for an unknown order, ValueError for a day plan.
    """
    if plan.mode != "instant":
        raise ValueError("remedies are for instant plans")
    weights = weights or Weights.from_dict(plan.weights)
    seed = plan.seed if seed is None else seed
    if plan.certificate != "optimal" or weights.to_dict() != plan.weights:
        plan, market = solve(problem, weights, seed=seed), None
    trial = Trial(market or Market.of(problem, plan), plan, order_id, seed)
    return tuple(sorted(trial.found(), key=lambda one: one.burden)) if trial.open_positions else ()


class Trial:
    """One open order of an optimal plan, and what could be tried for it."""

    def __init__(self, market: Market, plan: Plan, order_id: str, seed: int) -> None:
        self.market, self.plan, self.seed = market, plan, seed
        self.problem, self.crowd = market.problem, market.crowd
        self.at = market.index[order_id]
        self.order = self.problem.orders[self.at]
        self.priorities = np.array([order.priority for order in self.problem.orders], dtype=np.int64)
        left = {one.order: one.open_positions for one in plan.unplaced}
        self.open_positions = left.get(order_id, 0)
        self.open_elsewhere = sum(
            order.priority * left.get(order.id, 0) for order in self.problem.orders if order.id != order_id
        )
        self.base_cost = sum(one.cost for one in plan.proposals)
        prices = market.greatest
        self.residual = None if prices is None else Residual(market, prices)
        self.strict = None if self.residual is None else self._strict(self.residual)

    def _strict(self, residual: Residual) -> Residual:
        """The order a little less urgent than it is: what fills it still, fills it whatever the costs."""
        residual = residual.copy()
        positions = self.order.positions if together(self.order) else self.order.positions
        residual.put_order(self.at, self.market.row(self.at), positions, self._urgency())
        return residual

    def _urgency(self) -> int:
        return self.market.point * self.order.priority - self.market.point // 2

    def found(self) -> Iterator[Remedy]:
        for kind in (self._drop, self._radius, self._move, self._later, self._staffing, self._newcomer):
            yield from kind()
