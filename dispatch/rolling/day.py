"""Re-planning a day: the connected parts that a change touches are solved anew, every other route is taken over.

Two orders are connected when somebody could serve both of them. A part that nothing touched has the same choices as
before, so its routes lose no more than the whole earlier plan might have lost: that carries the bound over.
"""

from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from dispatch.costs import Weights
from dispatch.crowd import BoolArray, Crowd
from dispatch.day.result import Result
from dispatch.day.shifts import Shifts
from dispatch.day.solve import solve_day
from dispatch.engine import versions
from dispatch.geo import IntArray
from dispatch.plan import Plan, Route
from dispatch.problem import Problem

LARGEST_SHARE = 0.5  # of the orders; beyond it the whole day is solved anew


def step(before: Problem, plan: Plan, problem: Problem, weights: Weights, time_limit: float) -> Plan | None:
    """The day plan after what changed between two problems; None where the whole day has to be solved."""
    settings = ("utc_offset", "meeting_step", "most_stops")
    if any(getattr(before, name) != getattr(problem, name) for name in settings):
        return None
    return _Step(before, plan, problem, weights).plan(time_limit)


@dataclass(frozen=True, slots=True)
class _Reach:
    """Which orders and volunteers (by place) a change reaches."""

    orders: BoolArray
    people: BoolArray


class _Step:
    def __init__(self, before: Problem, plan: Plan, problem: Problem, weights: Weights) -> None:
        self.began = perf_counter()
        self.before, self.old, self.problem, self.weights = before, plan, problem, weights
        self.crowd = Crowd(problem)
        self.day = Shifts.of(problem, weights, self.crowd)
        self.place = {order.id: i for i, order in enumerate(problem.orders)}
        self.late = max(before.now, problem.now) if before.now != problem.now else 0  # begun by then: touched

    def plan(self, time_limit: float) -> Plan | None:
        reach = self._reach()
        orders, people = self.problem.orders, self.problem.volunteers
        if np.count_nonzero(reach.orders) > LARGEST_SHARE * len(orders):
            return None
        part = solve_day(self._part(reach), self.weights, seed=self.old.seed, time_limit=time_limit)
        touched = {person.id for person, hit in zip(people, reach.people.tolist(), strict=True) if hit}
        kept = [route for route in self.old.routes if route.volunteer in self.crowd.index]
        kept = [route for route in kept if route.volunteer not in touched]
        chosen = [self._tasks(route) for route in (*kept, *part.routes)]
        result = Result(self.crowd, self.day, self.weights, chosen)
        stats: dict[str, Any] = {
            "reused": len(orders) - int(np.count_nonzero(reach.orders)),
            "resolved": int(np.count_nonzero(reach.orders)),
            "stopped_by": part.stats.get("stopped_by", "limits"),
            "seconds": {"replan": round(perf_counter() - self.began, 6)},
        }
        bound = self._bound(reach, kept, part)
        return result.plan(bound=bound, solver="components", seed=self.old.seed, stats=stats, versions=versions())

    def _bound(self, reach: _Reach, kept: list[Route], part: Plan) -> int | None:
        if self.old.bound is None or part.bound is None:
            return None
        served = {order for route in kept for order in route.orders}
        left = sum(
            order.priority * order.positions
            for order, hit in zip(self.problem.orders, reach.orders.tolist(), strict=True)
            if not hit and order.id not in served
        )
        rest = left * self.weights.unfilled + sum(route.cost for route in kept)
        return part.bound + rest - (self.old.objective - self.old.bound)

    def _reach(self) -> _Reach:
        """Everything connected with something that is new, gone or other than before."""
        order_part, person_part = self._parts()
        orders, people = self._orders_touched(), self._people_touched()
        for one in self.old.proposals:  # whose partner is gone, or cannot be theirs any more
            order, who = self.place.get(one.order), self.crowd.index.get(one.volunteer)
            if order is not None and (who is None or order_part[order] != person_part[who]):
                orders[order] = True
            if who is not None and (order is None or order_part[order] != person_part[who]):
                people[who] = True
        hit = np.unique(np.concatenate([order_part[orders], person_part[people]]))
        return _Reach(np.isin(order_part, hit), np.isin(person_part, hit))

    def _people_touched(self) -> BoolArray:
        then = {person.id: person for person in self.before.volunteers}
        found = [
            then.get(person.id) != person or any(start < self.late for start, _ in person.availability)
            for person in self.crowd.people
        ]
        return np.array(found, dtype=np.bool_)

    def _orders_touched(self) -> BoolArray:
        then = {order.id: order for order in self.before.orders}
        moved_in_or_out = {person.id for person in self.before.volunteers} ^ self.crowd.index.keys()
        found = [
            then.get(order.id) != order
            or order.window_start < self.late
            or not moved_in_or_out.isdisjoint(order.preferred | order.offered)
            for order in self.problem.orders
        ]
        return np.array(found, dtype=np.bool_)

    def _parts(self) -> tuple[IntArray, IntArray]:
        """A number for the connected part of every order and of every volunteer."""
        day, orders = self.day, len(self.problem.orders)
        task = day.task_order[day.pair_task].astype(np.int64)
        who = orders + np.repeat(day.volunteer.astype(np.int64), np.diff(day.ptr))
        part = np.arange(orders + self.crowd.size, dtype=np.int64)
        while True:
            least = part.copy()
            np.minimum.at(least, task, part[who])
            np.minimum.at(least, who, part[task])
            least = least[least]
            if np.array_equal(least, part):
                return part[:orders], part[orders:]
            part = least

    def _part(self, reach: _Reach) -> Problem:
        """The touched part as a problem of its own. Volunteers from elsewhere whom it names are there, but idle."""
        orders = tuple(o for o, hit in zip(self.problem.orders, reach.orders.tolist(), strict=True) if hit)
        named = {one for order in orders for one in order.preferred | order.offered}
        people = [
            person if hit else replace(person, active=False)
            for person, hit in zip(self.crowd.people, reach.people.tolist(), strict=True)
            if hit or person.id in named
        ]
        return replace(self.problem, orders=orders, volunteers=tuple(people))

    def _tasks(self, route: Route) -> tuple[int, list[int]]:
        """A route in the numbers of this day: its shift and its tasks."""
        day = self.day
        mine = np.flatnonzero(day.volunteer == self.crowd.index[route.volunteer])
        shift = next(s for s in mine.tolist() if day.begin[s] <= route.leave and route.back <= day.end[s])
        return shift, [self._task(order, start) for order, start in zip(route.orders, route.starts, strict=True)]

    def _task(self, order: str, start: int) -> int:
        first, last = np.searchsorted(self.day.task_order, [self.place[order], self.place[order] + 1]).tolist()
        held = (self.day.task_first[first:last] <= start) & (start <= self.day.task_last[first:last])
        return int(first + np.argmax(held))
