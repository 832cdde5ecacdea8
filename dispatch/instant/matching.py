"""match(): candidates and the exact matching with its prices, before it is put into words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from dispatch import costs, geo
from dispatch.candidates import Candidates, gather, ranks
from dispatch.costs import Extremes, Weights
from dispatch.crowd import Crowd
from dispatch.geo import IntArray
from dispatch.instant import greedy
from dispatch.instant import network as instant
from dispatch.instant.network import Network
from dispatch.instant.paths import Arcs
from dispatch.instant.together import Solved, solve_together
from dispatch.problem import Problem

LARGE = 2_000_000  # orders × volunteers from which on the compiled search pays


@dataclass(slots=True)
class Stages:
    """Seconds each stage took, against the limit for all of them; `stopped` where that ended a search early, `plain`
    says why the compiled search was given up for the plain one."""

    limit: float
    began: float = field(default_factory=perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)
    stopped: bool = False
    plain: str = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + perf_counter() - start, 6)

    def over(self) -> bool:
        return perf_counter() - self.began >= self.limit


@dataclass(frozen=True, slots=True)
class Matching:
    """Who serves what, and why nothing else is better.

    `options` are in the seeded order of the orders; aligned with them: `chosen` (places in each option's arrays),
    `order_price` and `open_price` (points). `volunteer_price` is aligned with `crowd`.

    Prices: for every feasible pair cost + volunteer_price - order_price >= 0, and = 0 where it is chosen; an order's
    price is at most its open price, and equal to that where a position stays open; a volunteer asked for nothing has
    price 0. So an order's price is what its last place costs the plan, a volunteer's what others would pay for them.
    All prices are 0 where `certificate` is "none".

    `bound`: no plan costs less, the open positions included (None: not known). `counts` has the solver's own figures.
    """

    crowd: Crowd
    weights: Weights
    seed: int
    options: list[Candidates]
    chosen: list[IntArray]
    order_price: IntArray
    volunteer_price: IntArray
    open_price: IntArray
    unfilled: int
    objective: int
    bound: int | None
    solver: str
    certificate: str
    degraded: str | None
    stages: Stages
    counts: dict[str, int]


def match(
    problem: Problem,
    weights: Weights | None = None,
    seed: int = 0,
    *,
    time_limit: float = 5.0,
    method: str = "exact",
) -> Matching:
    """The exact matching, or the greedy one where that is asked for or nothing else can be had.

    The solvers cannot be interrupted once begun, so `time_limit` (seconds) is looked at just before them.
    """
    weights = weights or Weights()
    stages = Stages(time_limit)
    if method == "exact" and len(problem.orders) * len(problem.volunteers) >= LARGE and not stages.over():
        found = _fast(problem, weights, seed, stages)
        if found:
            return found
    with stages.stage("candidates"):
        crowd = Crowd(problem)
        options = find_candidates(crowd, weights, seed)
    with stages.stage("solve"):
        unfilled = _unfilled(crowd, options, weights)
        return _decide(crowd, weights, seed, options, unfilled, method, stages)


def _fast(problem: Problem, weights: Weights, seed: int, stages: Stages) -> Matching | None:
    """By the compiled search; None where that is not installed, or its numbers would not fit."""
    from dispatch.compiled import COMPILED  # only now: loading what it compiles takes longer than a small problem

    if not COMPILED:
        return None
    from dispatch.fast.problems import match_problem

    try:
        return match_problem(problem, weights, seed, stages)
    except Exception as failure:  # too large for 64 bits, say: the plain way is as exact
        stages.plain = f"{type(failure).__name__}: {failure}"
        return None


def find_candidates(crowd: Crowd, weights: Weights, seed: int) -> list[Candidates]:
    """Candidates of every order, the orders in the order of their seeded hashes.

    With n positions in all, at most n volunteers are busy: one of an order's n cheapest is always free for the
    last position, and one of n + 1 for a runner-up. So anybody dearer never matters, and the plan stays optimal.
    """
    orders = crowd.problem.orders
    most = sum(order.positions for order in orders) + 1
    rank = ranks((person.id for person in crowd.people), seed)
    turn = np.argsort(ranks((order.id for order in orders), seed)).tolist()
    return [gather(crowd, orders[i], weights, rank, most) for i in turn]


def _unfilled(crowd: Crowd, options: list[Candidates], weights: Weights) -> int:
    orders = [option.order for option in options]
    places = geo.places([(order.lat, order.lon) for order in orders])
    load, silence = int(crowd.load.max(initial=0)), float(crowd.silence.max(initial=0.0))
    reach = costs.reach(crowd.spots, places, crowd.radius)
    duration, positions = (
        np.array([getattr(one, name) for one in orders], np.int64) for name in ("duration", "positions")
    )
    return costs.unfilled_weight(Extremes(reach, crowd.speed, crowd.delay, load, silence), duration, positions, weights)


def _decide(
    crowd: Crowd, weights: Weights, seed: int, options: list[Candidates], unfilled: int, method: str, stages: Stages
) -> Matching:
    """Solve it, or fall back on greedy and say why."""
    net = network(options, crowd.size, unfilled)
    degraded = None
    found: Solved | None = None
    if method == "exact" and stages.over():
        degraded = f"time limit of {stages.limit:g} s was over before the solver began"
    elif method == "exact":
        together = np.array([option.order.together for option in options], dtype=np.bool_)
        try:
            found = solve_together(net, together, stages.limit)
            stages.stopped = found.stopped
        except Exception as failure:  # whatever goes wrong in the solver, people still get their offers
            degraded = f"{type(failure).__name__}: {failure}"
    chosen = greedy.solve(options) if found is None else _by_option(found.answer.used, net.arcs.ptr)
    used = [option.cost[picks] for option, picks in zip(options, chosen, strict=True)]
    left = net.positions - np.array([len(picks) for picks in chosen], dtype=np.int64)
    return Matching(
        crowd, weights, seed, options, chosen,
        order_price=np.zeros(len(options), np.int64) if found is None else found.answer.order_price,
        volunteer_price=np.zeros(crowd.size, np.int64) if found is None else found.answer.volunteer_price,
        open_price=net.open_price,
        unfilled=unfilled,
        objective=sum(int(points.sum()) for points in used) + _total(left, net.open_price),
        bound=None if found is None else found.bound,
        solver="greedy" if found is None else found.answer.solver,
        certificate="none" if found is None else "optimal" if found.proven else "bounded",
        degraded=degraded,
        stages=stages,
        counts={"arcs": len(net.arcs.cost), "scans": 0 if found is None else found.answer.scans},
    )  # fmt: skip


def network(options: list[Candidates], volunteers: int, unfilled: int) -> Network:
    """All arcs of all orders laid end to end. Urgent orders enter the solver first, equal ones in the order given."""
    priority = np.array([option.order.priority for option in options], dtype=np.int64)
    ptr = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(option) for option in options], dtype=np.int64)])
    who, cost = (_flat([getattr(option, name) for option in options]) for name in ("who", "cost"))
    positions = np.array([option.order.positions for option in options], dtype=np.int64)
    turn = np.argsort(-priority, kind="stable")
    return Network(Arcs(ptr, who, cost), positions, _times(priority, unfilled), volunteers, turn)


def _times(priority: IntArray, unfilled: int) -> IntArray:
    """Prices of open positions; those too large for 64 bits stop at what the solvers refuse by name."""
    return np.array([min(one * unfilled, instant.LARGEST) for one in priority.tolist()], dtype=np.int64)


def _total(counts: IntArray, prices: IntArray) -> int:
    return sum(count * price for count, price in zip(counts.tolist(), prices.tolist(), strict=True))


def _by_option(used: IntArray, ptr: IntArray) -> list[IntArray]:
    """For each order, places in its own arrays."""
    stops = np.searchsorted(used, ptr[1:-1])
    return [part - first for part, first in zip(np.split(used, stops), ptr[:-1].tolist(), strict=False)]


def _flat(parts: list[IntArray]) -> IntArray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
