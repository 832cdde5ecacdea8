"""Proves remedies: the best plan of the changed problem is found, and looked at.

With the prices of a plan at hand a changed order or volunteer needs a few shortest paths (residual.py) and no new
solution. A remedy holds only if every best plan of the changed problem fills the order, whatever the costs, and no more
priority stays open elsewhere than before. Where all-or-nothing orders could change sides, all is solved again.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from dispatch.engine import solve
from dispatch.plan import Plan
from dispatch.problem import OrderSpec
from dispatch.reasons.market import Market, Row, row_of
from dispatch.reasons.remedy import Remedy, apply, changed, newcomers
from dispatch.reasons.residual import Residual
from dispatch.validation import ProblemError, check_order

Columns = Iterable[tuple[int, Row]]


class Trial:
    """One open order of an optimal plan, and whatever is tried for it."""

    def __init__(self, market: Market, plan: Plan, order_id: str) -> None:
        self.market, self.plan = market, plan
        self.problem, self.crowd = market.problem, market.crowd
        self.at = market.index[order_id]
        self.order = self.problem.orders[self.at]
        self.open_positions = next((one.open_positions for one in plan.unplaced if one.order == order_id), 0)
        self._priorities = np.array([order.priority for order in self.problem.orders], dtype=np.int64)
        self._cost = sum(one.cost for one in plan.proposals)
        prices = market.least
        self._now = None if prices is None else Residual(market, prices)
        self._pressed: Residual | None = None

    def order_changed(self, remedy: Remedy) -> Remedy | None:
        """The remedy with its cost and helpers, if this change of the order itself fills it."""
        specs = changed(self.order, remedy)
        if not self._allowed(specs):
            return None
        row, positions = row_of(self.crowd, specs[0], self.market.weights), sum(spec.positions for spec in specs)
        if len(row) < positions or (remedy.kind in ("later", "drop") and self._as_before(self.at, row)):
            return None
        in_part = self.open_positions < self.order.positions
        if self._now is None or not self._priced(row) or (self.market.tied and in_part):
            return self._solved(remedy)
        residual = self._now.copy()
        residual.put_order(self.at, row, positions, self._urgency)
        return self._judged(remedy, residual)

    def other_changed(self, remedy: Remedy) -> Remedy | None:
        """The same for a change of another order."""
        at = self.market.index[remedy.who[0]]
        (spec,) = changed(self.problem.orders[at], remedy)
        if not self._allowed((spec,)):
            return None
        row = row_of(self.crowd, spec, self.market.weights)
        if self._as_before(at, row):
            return None
        if self._now is None or self.market.tied or not self._priced(row):
            return self._solved(remedy)
        residual = self._ready(self._now).copy()
        residual.put_order(at, row, spec.positions, self.market.price_of_leaving(spec))
        return self._judged(remedy, residual)

    def people_changed(self, remedy: Remedy, columns: Columns) -> Remedy | None:
        """The same for volunteers who can do more, or new ones: with all that each could serve then."""
        columns = list(columns)
        if self._now is None or self.market.tied or not all(self._priced(column) for _, column in columns):
            return self._solved(remedy)
        residual = self._ready(self._now).copy()
        for volunteer, column in columns:
            residual.put_volunteer(volunteer, column)
        return self._judged(remedy, residual)

    @property
    def _urgency(self) -> int:
        """A little less than it is: what still fills the order fills it whatever the costs."""
        return self.market.point * self.order.priority - self.market.point // 2

    def _ready(self, now: Residual) -> Residual:
        """The plan as it is, but for the urgency of the order."""
        if self._pressed is None:
            self._pressed = now.copy()
            self._pressed.put_order(self.at, self.market.row(self.at), self.order.positions, self._urgency)
        return self._pressed

    def _allowed(self, specs: tuple[OrderSpec, ...]) -> bool:
        """Whether a problem may have such orders beside the others."""
        try:
            for spec in specs:
                check_order(spec, spec.id)
        except ProblemError:
            return False
        return len(specs) == 1 or all(spec.id not in self.market.index for spec in specs)

    def _as_before(self, order: int, row: Row) -> bool:
        """Asking for less has brought nobody new."""
        return len(row) == len(self.market.row(order))

    def _priced(self, row: Row) -> bool:
        return int(row.cost.max(initial=0)) <= self.market.dearest

    def _judged(self, remedy: Remedy, residual: Residual) -> Remedy | None:
        before = self._priorities * self.market.vacant
        after = self._priorities * residual.vacant
        if residual.vacant[self.at] or after.sum() > before.sum() - before[self.at]:
            return None
        people = [volunteer.id for volunteer in self.problem.volunteers]
        if remedy.kind == "newcomer":
            people += [one.id for one in newcomers(self.problem, self.order, remedy.amount)]
        helpers = tuple(people[one] for one in np.flatnonzero(residual.serves == self.at).tolist())
        return replace(remedy, cost=residual.cost() - self._cost, helpers=helpers)

    def _solved(self, remedy: Remedy) -> Remedy | None:
        """The long way: the changed problem solved from the beginning."""
        plan = solve(apply(remedy, self.problem), self.market.weights, seed=self.plan.seed)
        own = {self.order.id, *(f"{self.order.id}/{k}" for k in (1, 2) if remedy.kind == "split")}
        priority = {order.id: order.priority for order in self.problem.orders}
        allowed = sum(priority[one.order] * one.open_positions for one in self.plan.unplaced if one.order not in own)
        if any(one.order in own for one in plan.unplaced):
            return None
        if sum(priority[one.order] * one.open_positions for one in plan.unplaced) > allowed:
            return None
        helpers = tuple(one.volunteer for one in plan.proposals if one.order in own)
        return replace(remedy, cost=sum(one.cost for one in plan.proposals) - self._cost, helpers=helpers)
