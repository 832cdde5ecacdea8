"""solve(): candidates, then the exact flow (or greedy), then the plan in words and counts."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from time import perf_counter
from typing import Any

import numpy as np

from dispatch import greedy, instant, outcome
from dispatch.candidates import Candidates, gather, ranks
from dispatch.costs import Weights
from dispatch.crowd import Crowd
from dispatch.geo import IntArray
from dispatch.plan import Plan, Proposal, Unplaced
from dispatch.problem import Problem

METHODS = ("exact", "greedy")
ENGINE_VERSION = "2"


@dataclass(slots=True)
class Stages:
    """Seconds each stage took, against the limit for all of them."""

    limit: float
    began: float = field(default_factory=perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.seconds[name] = round(perf_counter() - start, 6)

    def over(self) -> bool:
        return perf_counter() - self.began >= self.limit


@dataclass(frozen=True, slots=True)
class Decision:
    """Which of each order's candidates serve it, and how that was found."""

    chosen: list[IntArray]
    solver: str
    certificate: str
    degraded: str | None = None


def solve(
    problem: Problem,
    weights: Weights | None = None,
    *,
    seed: int = 0,
    time_limit: float = 5.0,
    method: str = "exact",
) -> Plan:
    """Who should be asked for what. The same problem, weights, seed and method give the same plan.

    The flow cannot be interrupted once begun, so `time_limit` (seconds) is looked at just before it.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    weights = weights or Weights()
    stages = Stages(time_limit)
    with stages.stage("candidates"):
        crowd = Crowd(problem)
        options = find_candidates(crowd, weights, seed)
    with stages.stage("solve"):
        unfilled = unfilled_weight(options, crowd.size, weights)
        decision = decide(options, unfilled, method, stages)
    with stages.stage("explain"):
        proposals, unplaced = outcome.conclude(crowd, options, decision.chosen, weights)
    return _plan(options, proposals, unplaced, decision, unfilled, weights, seed, stages)


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


def unfilled_weight(options: list[Candidates], volunteers: int, weights: Weights) -> int:
    """Points a priority point: more than the dearest plan could cost, so that filling always comes first."""
    dearest = max((int(option.cost[-1]) for option in options if len(option)), default=0)
    fillable = min(sum(option.order.positions for option in options), volunteers)
    return max(weights.unfilled, fillable * dearest + 1)


def decide(options: list[Candidates], unfilled: int, method: str, stages: Stages) -> Decision:
    if method == "greedy":
        return Decision(greedy.solve(options), "greedy", "none")
    if stages.over():
        return _fall_back(options, f"time limit of {stages.limit:g} s was over before the flow began")
    try:
        priorities = np.array([option.order.priority for option in options], dtype=np.int64)
        return Decision(instant.solve(options, priorities * unfilled), "min_cost_flow", "optimal")
    except Exception as failure:  # whatever goes wrong in the solver, people still get their offers
        return _fall_back(options, f"{type(failure).__name__}: {failure}")


def _fall_back(options: list[Candidates], why: str) -> Decision:
    return Decision(greedy.solve(options), "greedy", "none", why)


def _plan(
    options: list[Candidates],
    proposals: tuple[Proposal, ...],
    unplaced: tuple[Unplaced, ...],
    decision: Decision,
    unfilled: int,
    weights: Weights,
    seed: int,
    stages: Stages,
) -> Plan:
    priority = {option.order.id: option.order.priority for option in options}
    open_priority = sum(priority[one.order] * one.open_positions for one in unplaced)
    stats: dict[str, Any] = {
        "orders": len(options),
        "positions": sum(option.order.positions for option in options),
        "pairs": sum(option.eligible for option in options),
        "filled": len(proposals),
        "unfilled_priority": open_priority,
        "unfilled_weight": unfilled,
        "travel_s": sum(proposal.travel_s for proposal in proposals),
        "seconds": stages.seconds,
    }
    return Plan(
        proposals, unplaced, open_priority * unfilled + sum(proposal.cost for proposal in proposals),
        decision.solver, decision.degraded, decision.certificate, stats, versions(), weights.to_dict(), seed,
    )  # fmt: skip


def versions() -> dict[str, str]:
    """What a replay should be compared under."""
    libraries = {name: version(name) for name in ("numpy", "ortools")}
    return {"engine": ENGINE_VERSION, "python": platform.python_version(), **libraries}
