"""From chosen routes to a plan: who is asked for what and when, every leg's price, and why the rest stays open."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from dispatch import geo
from dispatch.candidates import screen
from dispatch.costs import TERMS, Weights
from dispatch.crowd import Crowd
from dispatch.day import routes as timing
from dispatch.day.shifts import Shifts
from dispatch.geo import IntArray
from dispatch.plan import Plan, Proposal, Route, Unplaced
from dispatch.problem import OrderSpec
from dispatch.reasons.outcome import reasons_for
from dispatch.rules import Shortlist

# (shift, its tasks in sequence)
ShiftRoutes = Sequence[tuple[int, Sequence[int]]]
STANDING_TERMS = ("language", "continuity", "answer", "stability")


class Pool(NamedTuple):
    """Of every order, how many people could serve it alone in some shift, and their load together."""

    eligible: IntArray
    load: IntArray


@dataclass(frozen=True)
class Result:
    """Routes against the problem they answer; every number a plan shows is worked out here once."""

    crowd: Crowd
    day: Shifts
    weights: Weights
    chosen: ShiftRoutes

    def plan(
        self,
        *,
        bound: int | None,
        solver: str,
        seed: int,
        stats: dict[str, Any],
        versions: dict[str, str],
        degraded: str | None = None,
    ) -> Plan:
        """`bound` is proven to be below every plan's objective, or None."""
        routes, proposals = self.routes_and_proposals()
        unplaced = self.unplaced(proposals)
        priority = {order.id: order.priority for order in self.crowd.problem.orders}
        left = sum(priority[one.order] * one.open_positions for one in unplaced)
        objective = left * self.weights.unfilled + sum(route.cost for route in routes)
        certificate = "none" if bound is None else "optimal" if bound == objective else "bounded"
        told: dict[str, Any] = {
            "orders": len(priority),
            "positions": sum(order.positions for order in self.crowd.problem.orders),
            "pairs": len(self.day.pair_task),
            "filled": len(proposals),
            "unfilled_priority": left,
            "unfilled_weight": self.weights.unfilled,
            "travel_s": sum(route.travel_s for route in routes),
        }
        return Plan(
            proposals, unplaced, objective, solver, degraded, certificate, {**told, **stats}, versions,
            self.weights.to_dict(), seed, "day", bound, self.gap(objective, bound), routes,
        )  # fmt: skip

    def gap(self, objective: int, bound: int | None) -> float | None:
        """The share of the best possible value that a plan may miss, at most."""
        if bound is None:
            return None
        worst = self.weights.unfilled * sum(one.priority * one.positions for one in self.crowd.problem.orders)
        return (objective - bound) / (worst - bound) if worst > bound else 0.0

    def routes_and_proposals(self) -> tuple[tuple[Route, ...], tuple[Proposal, ...]]:
        """Every route and its proposals, in order of ids and hours."""
        routes: list[Route] = []
        proposals: list[Proposal] = []
        for shift, tasks in self.chosen:
            if len(tasks):
                route, served = self._route(shift, tasks)
                routes.append(route)
                proposals += served
        routes.sort(key=lambda one: (one.volunteer, one.leave))
        proposals.sort(key=lambda one: (one.order, one.volunteer))
        return tuple(routes), tuple(proposals)

    def _route(self, shift: int, tasks: Sequence[int]) -> tuple[Route, list[Proposal]]:
        day, orders = self.day, self.crowd.problem.orders
        mine = day.pair_task[day.ptr[shift] : day.ptr[shift + 1]]
        starts = np.zeros(len(tasks), dtype=np.int64)
        route = np.searchsorted(mine, np.array(tasks, dtype=np.int64)).astype(np.int64)
        feasible, leave, back, seconds, points = timing.schedule(day, shift, route, starts)
        if not feasible:
            raise ValueError(f"shift {shift} cannot do the tasks {list(tasks)}")
        served: list[Proposal] = []
        here, travelled, minutes = int(day.from_place[shift]), 0, 0
        for task, start in zip(tasks, starts.tolist(), strict=True):
            order = int(day.task_order[task])
            one = self._proposal(shift, order, start, here, travelled, minutes)
            served.append(one)
            here, travelled, minutes = order, travelled + one.travel_s, minutes + orders[order].duration // 60
        volunteer = self.crowd.people[day.volunteer[shift]].id
        visits = tuple(one.order for one in served), tuple(one.start for one in served)
        return Route(volunteer, int(leave), int(back), *visits, int(seconds), int(points)), served

    def _proposal(self, shift: int, at: int, start: int, here: int, travelled: int, minutes: int) -> Proposal:
        """The leg from place `here` to an order, after so many seconds of travel and minutes of service."""
        crowd, day, order = self.crowd, self.day, self.crowd.problem.orders[at]
        who = int(day.volunteer[shift])
        metres = geo.metres(day.spots[here][:, None], day.spots[at])
        leg = int(geo.travel_seconds(metres, day.speed[shift], day.delay[shift])[0])
        short = Shortlist(crowd, order, np.array([who], dtype=np.int64))
        terms = {name: int(TERMS[name](short, self.weights)[0]) for name in STANDING_TERMS}
        terms["travel"] = self._travel(travelled + leg) - self._travel(travelled)
        terms["fairness"] = self._tired(shift, minutes + order.duration // 60) - self._tired(shift, minutes)
        return Proposal(
            volunteer=crowd.people[who].id,
            start=start,
            end=start + order.duration,
            distance_m=int(metres[0]),
            travel_s=leg,
            cost=sum(terms.values()),
            terms={name: terms[name] for name in TERMS},
            reasons=self._reasons(at, who, int(metres[0]), leg),
            order=order.id,
            runner_up=None,
            margin=None,
        )

    def _travel(self, seconds: int) -> int:
        return seconds * self.weights.travel_per_minute // 60

    def _tired(self, shift: int, minutes: int) -> int:
        return (2 * int(self.day.load[shift]) + minutes) * minutes * self.weights.fairness // 3600

    def _reasons(self, at: int, who: int, metres: int, seconds: int) -> tuple[str, ...]:
        eligible, load = int(self.pool.eligible[at]), int(self.pool.load[at])
        order, volunteer = self.crowd.problem.orders[at], self.crowd.people[who]
        return reasons_for(order, volunteer, (metres, seconds), eligible, load, self.weights)

    @cached_property
    def pool(self) -> Pool:
        day, people, orders = self.day, max(self.crowd.size, 1), len(self.crowd.problem.orders)
        who = np.repeat(day.volunteer.astype(np.int64), np.diff(day.ptr))
        pairs = np.unique(day.task_order[day.pair_task].astype(np.int64) * people + who)
        load = np.zeros(orders, dtype=np.int64)
        np.add.at(load, pairs // people, self.crowd.load[pairs % people] if len(pairs) else 0)
        return Pool(np.bincount(pairs // people, minlength=orders), load)

    def unplaced(self, proposals: Sequence[Proposal]) -> tuple[Unplaced, ...]:
        """Every order nobody serves, in order of ids, with what became of everybody."""
        served = {one.order for one in proposals}
        serves: dict[str, list[str]] = defaultdict(list)
        for one in proposals:
            serves[one.volunteer].append(one.order)
        orders = self.crowd.problem.orders
        return tuple(self._why(at, order, serves) for at, order in enumerate(orders) if order.id not in served)

    def _why(self, at: int, order: OrderSpec, serves: dict[str, list[str]]) -> Unplaced:
        """Who passes every rule but has no time for it, both ways included, is counted as not available."""
        short, lost, bans = screen(self.crowd, order)
        able = set(short.who.tolist()) & self._alone(at)
        lost["availability"] += len(short.who) - len(able)
        takers = {taken for who in able for taken in serves.get(self.crowd.people[who].id, ())}
        verdict = "taken_by_others" if takers else "nobody_eligible"
        return Unplaced(order.id, order.positions, lost, bans, len(able), verdict, tuple(sorted(takers)))

    def _alone(self, order: int) -> set[int]:
        """Volunteers with a shift in which they could do this order and nothing else."""
        day, starts = self.day, np.zeros(1, dtype=np.int64)
        pairs = self._pairs_by_order[1][slice(*self._pairs_by_order[0][order : order + 2].tolist())]
        shifts = np.searchsorted(day.ptr, pairs, side="right") - 1
        return {
            int(day.volunteer[shift])
            for pair, shift in zip(pairs.tolist(), shifts.tolist(), strict=True)
            if timing.schedule(day, shift, np.array([pair - day.ptr[shift]], dtype=np.int64), starts)[0]
        }

    @cached_property
    def _pairs_by_order(self) -> tuple[IntArray, IntArray]:
        """The pairs of order o are [1][[0][o]:[0][o + 1]]."""
        orders = self.day.task_order[self.day.pair_task]
        count = np.bincount(orders, minlength=len(self.crowd.problem.orders))
        return np.concatenate([[0], np.cumsum(count)]), np.argsort(orders, kind="stable")
