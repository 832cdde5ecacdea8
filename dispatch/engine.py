"""solve(): the matching, then the plan in words and counts."""

import platform
from importlib.metadata import version
from typing import Any

from dispatch.costs import Weights
from dispatch.instant.matching import Matching, match
from dispatch.plan import Plan, Proposal, Unplaced
from dispatch.problem import Problem
from dispatch.reasons import outcome

__all__ = ["ENGINE_VERSION", "METHODS", "Matching", "match", "plan_of", "solve", "versions"]

METHODS = ("exact", "greedy")
MODES = ("instant", "day")
ENGINE_VERSION = "3"


def solve(
    problem: Problem,
    weights: Weights | None = None,
    *,
    seed: int = 0,
    time_limit: float = 5.0,
    method: str = "exact",
    mode: str = "instant",
) -> Plan:
    """Who should be asked for what. The same problem, weights, seed, method and mode give the same plan.

    `mode`: "instant" (at most one new order a volunteer) or "day" (routes, see dispatch/day).
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
    if mode == "day":
        from dispatch.day.solve import solve_day  # only now: the compiler takes a second to load

        return solve_day(problem, weights, seed=seed, time_limit=time_limit, method=method, versions=versions)
    matching = match(problem, weights, seed, time_limit=time_limit, method=method)
    return plan_of(matching)


def plan_of(matching: Matching) -> Plan:
    """What a matching means for people: the plan."""
    with matching.stages.stage("explain"):
        proposals, unplaced = outcome.conclude(matching.crowd, matching.options, matching.chosen, matching.weights)
    return _plan(matching, proposals, unplaced)


def _plan(matching: Matching, proposals: tuple[Proposal, ...], unplaced: tuple[Unplaced, ...]) -> Plan:
    options, unfilled = matching.options, matching.unfilled
    priority = {option.order.id: option.order.priority for option in options}
    open_priority = sum(priority[one.order] * one.open_positions for one in unplaced)
    nothing = unfilled * sum(option.order.priority * option.order.positions for option in options)
    stats: dict[str, Any] = {
        "orders": len(options),
        "positions": sum(option.order.positions for option in options),
        "pairs": sum(option.eligible for option in options),
        "filled": len(proposals),
        "unfilled_priority": open_priority,
        "unfilled_weight": unfilled,
        "travel_s": sum(proposal.travel_s for proposal in proposals),
        "seconds": matching.stages.seconds,
        **matching.counts,
    }
    if matching.stages.plain:
        stats["plain_because"] = matching.stages.plain
    if matching.stages.stopped:
        stats["stopped_by"] = "time"
    return Plan(
        proposals, unplaced, matching.objective, matching.solver, matching.degraded, matching.certificate,
        stats, versions(), matching.weights.to_dict(), matching.seed,
        bound=matching.bound, gap=_gap(matching.objective, matching.bound, nothing),
    )  # fmt: skip


def _gap(objective: int, bound: int | None, nothing: int) -> float | None:
    """The share of the best possible value that may be missing."""
    if bound is None:
        return None
    return 0.0 if objective == bound else round((objective - bound) / (nothing - bound), 6)


def versions() -> dict[str, str]:
    """What a replay should be compared under."""
    libraries = {name: version(name) for name in ("numpy", "ortools")}
    return {"engine": ENGINE_VERSION, "python": platform.python_version(), **libraries}
