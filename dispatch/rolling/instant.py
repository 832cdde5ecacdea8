"""Re-planning an instant plan: region.py solves what a change reaches, and the rest of the plan is taken over."""

from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np

from dispatch import costs, geo
from dispatch.candidates import ranks
from dispatch.costs import Extremes, Weights
from dispatch.crowd import NO_LIMIT, Crowd
from dispatch.engine import plan_of, versions
from dispatch.geo import IntArray
from dispatch.instant.matching import match
from dispatch.instant.network import FlowFailed
from dispatch.plan import Plan, Proposal, Unplaced
from dispatch.problem import OrderSpec, Problem, VolunteerSpec
from dispatch.reasons import outcome
from dispatch.rolling.region import NOBODY, Columns, Region, Settled, TooWide

EXACT_SHARE = 4  # prices split into priority points and cost points while the latter stay below a quarter of a point


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan with what it stands on: the problem it answers and the prices that prove it (order id → points, and
    volunteer id → points where not 0; both None where nothing is proven). `crowd` is kept for the next time, when
    nobody in it may have changed."""

    problem: Problem
    weights: Weights
    plan: Plan
    order_price: dict[str, int] | None = None
    volunteer_price: dict[str, int] | None = None
    crowd: "Ranked | None" = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The volunteers as arrays, and their ranks among equals."""

    crowd: Crowd
    rank: IntArray

    @classmethod
    def of(cls, problem: Problem, seed: int) -> "Ranked":
        crowd = Crowd(problem)
        return cls(crowd, ranks((person.id for person in crowd.people), seed))

    def facing(self, problem: Problem) -> "Ranked":
        """The same people, to whom other orders are shown."""
        crowd = copy(self.crowd)
        crowd.problem = problem
        return Ranked(crowd, self.rank)


def solved(problem: Problem, weights: Weights, seed: int, time_limit: float) -> Standing:
    """A plan from nothing, with its prices where it is proven and no order wants all its people or none."""
    matching = match(problem, weights, seed, time_limit=time_limit)
    plan = plan_of(matching)
    if plan.certificate != "optimal" or any(order.together and order.positions > 1 for order in problem.orders):
        return Standing(problem, matching.weights, plan)
    ids = (option.order.id for option in matching.options)
    priced = np.flatnonzero(matching.volunteer_price).tolist()
    volunteer_price = {problem.volunteers[one].id: int(matching.volunteer_price[one]) for one in priced}
    order_price = dict(zip(ids, matching.order_price.tolist(), strict=True))
    return Standing(problem, matching.weights, plan, order_price, volunteer_price)


def step(previous: Standing, problem: Problem) -> Standing | None:
    """From one plan to the next by what changed; None where everything must be solved."""
    if previous.order_price is None or problem.utc_offset != previous.problem.utc_offset:
        return None
    if any(order.together and order.positions > 1 for order in problem.orders):
        return None
    began = perf_counter()
    try:
        return Step(previous, problem).standing(began)
    except (TooWide, FlowFailed):
        return None


class Step:
    """One re-planning of an instant plan."""

    def __init__(self, previous: Standing, problem: Problem) -> None:
        self.previous, self.problem, self.weights = previous, problem, previous.weights
        self.people_changed = _changed(previous.problem.volunteers, problem.volunteers)
        self.ranked = self._ranked()
        self.crowd = self.ranked.crowd
        self.place = {order.id: i for i, order in enumerate(problem.orders)}
        self.touched = {self.crowd.index[one] for one in self.people_changed if one in self.crowd.index}
        self.unfilled = max(needed_weight(self.crowd, self.weights), int(previous.plan.stats["unfilled_weight"]))
        self.old, freed = self._settled()
        self.region = Region(
            self.crowd, self.weights, self.ranked.rank, self.unfilled, self.old, self._orders_touched(), self.touched,
            freed,
        )  # fmt: skip

    def _ranked(self) -> Ranked:
        kept = self.previous.crowd
        if kept is None or self.people_changed or self.problem.now != self.previous.problem.now:
            return Ranked.of(self.problem, self.previous.plan.seed)
        return kept.facing(self.problem)

    def standing(self, began: float) -> Standing:
        """The new plan with its prices."""
        self.region.solve()
        seen = self._to_look_at()
        plan = self._plan(seen, began)
        orders, people = self.problem.orders, self.problem.volunteers
        order_price = {order.id: int(points) for order, points in zip(orders, self.region.order_price, strict=True)}
        priced = np.flatnonzero(self.region.volunteer_price).tolist()
        volunteer_price = {people[one].id: int(self.region.volunteer_price[one]) for one in priced}
        return Standing(self.problem, self.weights, plan, order_price, volunteer_price, self.ranked)

    def _settled(self) -> tuple[Settled, set[int]]:
        """The old plan and its prices in the new places, and who served an order that is gone."""
        serves = np.full(self.crowd.size, NOBODY, dtype=np.int64)
        freed: set[int] = set()
        for one in self.previous.plan.proposals:
            who = self.crowd.index.get(one.volunteer)
            if who is not None and one.order in self.place:
                serves[who] = self.place[one.order]
            elif who is not None:
                freed.add(who)
        orders = [(self.previous.order_price or {}).get(order.id, 0) for order in self.problem.orders]
        people = np.zeros(self.crowd.size, dtype=np.int64)
        for name, points in (self.previous.volunteer_price or {}).items():
            if name in self.crowd.index:
                people[self.crowd.index[name]] = points
        return Settled(serves, self._reweighed(np.array(orders, dtype=np.int64)), self._reweighed(people)), freed

    def _reweighed(self, prices: IntArray) -> IntArray:
        """Prices under the new weight of a priority point. Raises TooWide where the two parts cannot be told apart."""
        weight = int(self.previous.plan.stats["unfilled_weight"])
        if weight == self.unfilled:
            return prices
        points = (prices + weight // 2) // weight
        rest = prices - points * weight
        if EXACT_SHARE * int(np.abs(rest).max(initial=0)) > weight:
            raise TooWide
        return points * self.unfilled + rest

    def _orders_touched(self) -> set[int]:
        """New and changed orders, those a changed volunteer served, and those near enough in time for the clock."""
        before = {order.id: order for order in self.previous.problem.orders}
        held = {person.id for person in self.previous.problem.volunteers}
        moved_in_or_out = self.people_changed & (held ^ self.crowd.index.keys())
        served = {one.order for one in self.previous.plan.proposals if one.volunteer in self.people_changed}
        soon = self._soon()
        return {
            i
            for i, order in enumerate(self.problem.orders)
            if before.get(order.id) != order
            or order.id in served
            or order.window_start < soon
            or not moved_in_or_out.isdisjoint(order.preferred | order.offered)
        }

    def _soon(self) -> int:
        """Orders from this moment on do not depend on the clock: everybody can be there when they begin."""
        now, then = self.problem.now, self.previous.problem.now
        if now == then:
            return 0
        trips = geo.travel_seconds(self.crowd.radius, self.crowd.speed, self.crowd.delay)
        return max(now, then) + int(trips.max(initial=0))

    def _to_look_at(self) -> set[int]:
        """Orders whose reasons, runners-up or counts may have changed, the region's own among them."""
        serves, plan = self.region.serves, self.previous.plan
        busy = (serves != NOBODY) & (self.old.serves == NOBODY)
        taken = {self.crowd.people[one].id for one in np.flatnonzero(busy).tolist()} | self.people_changed
        found = set(self.region.inside)
        found |= {self.place[one.order] for one in plan.proposals if one.runner_up in taken and one.order in self.place}
        found |= {self.place[one.order] for one in plan.unplaced if one.order in self.place}
        for who in self.touched:
            found.update(self.region.columns.all(who).tolist())
        idle = (serves == NOBODY) & (self.old.serves != NOBODY)
        for who in {*self.region.freed, *np.flatnonzero(idle).tolist()} - self.touched:
            found.update(self.region.columns.below(who, self._next_in_line)[0].tolist())
        return found | self._could_before()

    @cached_property
    def _next_in_line(self) -> IntArray:
        """For each order the cost from which on nobody becomes its runner-up."""
        cost = np.full(len(self.problem.orders), NO_LIMIT, dtype=np.int64)
        for one in self.previous.plan.proposals:
            if one.margin is not None and one.order in self.place:
                cost[self.place[one.order]] = one.cost + one.margin + 1
        return cost

    def _could_before(self) -> set[int]:
        """Orders that changed volunteers could have served before they changed."""
        before = self.previous.problem
        gone = tuple(person for person in before.volunteers if person.id in self.people_changed)
        if not gone:
            return set()
        columns = Columns(Crowd(replace(before, volunteers=gone)), self.weights)
        ids = {before.orders[order].id for who in range(len(gone)) for order in columns.all(who).tolist()}
        return {self.place[one] for one in ids if one in self.place}

    def _plan(self, seen: set[int], began: float) -> Plan:
        serves, orders = self.region.serves, self.problem.orders
        options = [self.region.option(order) for order in sorted(seen)]
        chosen = [
            np.flatnonzero(serves[option.who] == order) for option, order in zip(options, sorted(seen), strict=True)
        ]
        at = np.flatnonzero((serves != NOBODY) & ~np.isin(serves, np.array(sorted(seen), dtype=np.int64)))
        elsewhere = {who: orders[order].id for who, order in zip(at.tolist(), serves[at].tolist(), strict=True)}
        proposals, unplaced = outcome.conclude(self.crowd, options, chosen, self.weights, elsewhere)
        old = self.previous.plan
        kept = [one for one in old.proposals if self.place.get(one.order, NOBODY) not in {NOBODY, *seen}]
        asked = tuple(sorted([*kept, *proposals], key=lambda one: (one.order, one.volunteer)))
        return self._counted(asked, unplaced, len(orders) - len(seen), began)

    def _counted(
        self, proposals: tuple[Proposal, ...], unplaced: tuple[Unplaced, ...], reused: int, began: float
    ) -> Plan:
        orders, old = self.problem.orders, self.previous.plan
        left = sum(orders[self.place[one.order]].priority * one.open_positions for one in unplaced)
        objective = left * self.unfilled + sum(one.cost for one in proposals)
        stats: dict[str, Any] = {
            "orders": len(orders),
            "positions": sum(order.positions for order in orders),
            "filled": len(proposals),
            "unfilled_priority": left,
            "unfilled_weight": self.unfilled,
            "travel_s": sum(one.travel_s for one in proposals),
            "reused": reused,
            "resolved": len(self.region.inside),
            "seconds": {"replan": round(perf_counter() - began, 6)},
        }
        return Plan(
            proposals, unplaced, objective, "region", None, "optimal", stats, versions(), self.weights.to_dict(),
            old.seed, bound=objective, gap=0.0,
        )  # fmt: skip


def _changed(before: tuple[VolunteerSpec, ...], after: tuple[VolunteerSpec, ...]) -> set[str]:
    """Ids of those who are new, gone or not what they were."""
    then = {person.id: person for person in before}
    now = {person.id: person for person in after}
    return {name for name in then.keys() | now.keys() if then.get(name) != now.get(name)}


def needed_weight(crowd: Crowd, weights: Weights) -> int:
    """Points a priority point must weigh in this problem, as in a full solve."""
    orders: tuple[OrderSpec, ...] = crowd.problem.orders
    places = geo.places([(order.lat, order.lon) for order in orders])
    load, silence = int(crowd.load.max(initial=0)), float(crowd.silence.max(initial=0.0))
    reach = costs.reach(crowd.spots, places, crowd.radius)
    duration = np.array([order.duration for order in orders], dtype=np.int64)
    positions = np.array([order.positions for order in orders], dtype=np.int64)
    return costs.unfilled_weight(Extremes(reach, crowd.speed, crowd.delay, load, silence), duration, positions, weights)
