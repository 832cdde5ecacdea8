"""Planning again after something changed: a new order, a refusal, somebody ill, somebody who accepted.

Accepted work is a commitment and never moves; an open offer (OrderSpec.offered) moves only for Weights.stability or
more; a refusal is a ban of the pair. Only what the change reaches is solved again, and the answer is as good as a full
solve: region.py and day.py say why. The plan comes with everything that moved, each with its cause.
"""

from dataclasses import dataclass

from dispatch.costs import Weights
from dispatch.engine import solve
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.rolling import instant as rolling_instant
from dispatch.rolling.changes import Change, causes
from dispatch.rolling.instant import Standing

__all__ = ["Replan", "Standing", "begin", "replan"]


@dataclass(frozen=True, slots=True)
class Replan:
    """The new plan; everything that moved and why; how many orders were taken over without another look; and what the
    next re-planning starts from."""

    plan: Plan
    changes: tuple[Change, ...]
    reused: int
    standing: Standing


def begin(
    problem: Problem,
    weights: Weights | None = None,
    *,
    seed: int = 0,
    mode: str = "instant",
    time_limit: float = 5.0,
) -> Standing:
    """A plan from nothing, with what the next re-planning needs."""
    return _afresh(problem, weights or Weights(), seed, mode, time_limit)


def replan(
    problem: Problem,
    previous: Standing | Plan,
    weights: Weights | None = None,
    *,
    seed: int | None = None,
    mode: str | None = None,
    time_limit: float = 5.0,
) -> Replan:
    """The best plan for `problem`, and how it differs from the previous one.

    From a Standing of the same weights and seed only what changed is solved again. From a bare Plan, which knows
    neither its problem nor its prices, and in every other case, everything is. Weights, seed and mode are those of the
    previous plan unless given.
    """
    plan = previous if isinstance(previous, Plan) else previous.plan
    before = None if isinstance(previous, Plan) else previous.problem
    weights = weights or Weights.from_dict(plan.weights)
    seed = plan.seed if seed is None else seed
    mode = mode or plan.mode
    standing = None
    if isinstance(previous, Standing) and (weights, seed, mode) == (previous.weights, plan.seed, plan.mode):
        standing = (
            rolling_instant.step(previous, problem) if mode == "instant" else _day_step(previous, problem, time_limit)
        )
    if standing is None:
        standing = _afresh(problem, weights, seed, mode, time_limit)
    reused = int(standing.plan.stats.get("reused", 0))
    return Replan(standing.plan, causes(plan, standing.plan, problem, before), reused, standing)


def _afresh(problem: Problem, weights: Weights, seed: int, mode: str, time_limit: float) -> Standing:
    if mode == "instant":
        return rolling_instant.solved(problem, weights, seed, time_limit)
    return Standing(problem, weights, solve(problem, weights, seed=seed, time_limit=time_limit, mode=mode))


def _day_step(previous: Standing, problem: Problem, time_limit: float) -> Standing | None:
    from dispatch.rolling import day as rolling_day  # only now: it loads the compiler

    plan = rolling_day.step(previous.problem, previous.plan, problem, previous.weights, time_limit)
    return None if plan is None else Standing(problem, previous.weights, plan)
