"""Asking an old question again: the same problem, weights and seed must give the same plan, or somebody must know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import dispatch
from app.dispatching import waves
from app.dispatching.frozen import unfold
from dispatch import Weights
from models import DispatchRun

CIRCUMSTANCES = frozenset({"stats", "versions", "degraded", "bound", "gap"})
"""Parts of a plan that say how it was found, not what was decided."""


class NothingToReplay(Exception):
    """The run keeps no question; says why."""


@dataclass(frozen=True)
class Replay:
    """What came of it. `difference` is None where the plan is identical; `changed` lists libraries that are not."""

    digest: str
    difference: str | None
    changed: list[str]
    violations: list[str]


def replay(run: DispatchRun) -> Replay:
    """Solve a stored run again, in this process, by the method it was solved with."""
    if not run.problem or not run.plan:
        raise NothingToReplay(f"run {run.id} ({run.status}) keeps no question: it failed early, or it is too old")
    problem = unfold(run.problem)
    method = "greedy" if run.solver == "greedy" else "exact"
    weights = Weights.from_dict(run.weights or {})
    plan = dispatch.solve(problem, weights, seed=run.seed, method=method, time_limit=60, mode=run.mode)
    again = json.loads(json.dumps(plan.to_dict()))
    difference = first_difference(_decided(run.plan), _decided(again))
    if difference is None and plan.digest() != run.plan_digest:
        difference = f"digest: stored {run.plan_digest}, now {plan.digest()}"
    difference = difference or _waves_differ(run)
    return Replay(plan.digest(), difference, _changed(run.versions, plan.versions), dispatch.violations(problem, plan))


def _waves_differ(run: DispatchRun) -> str | None:
    """Whom the run asked, decided anew from what it knew of answers and turns."""
    if not run.waves:
        return None
    steps = waves.again(run.waves, run.office_id)
    found = (first_difference(then, now, f"waves.{order_id}") for order_id, then, now in steps)
    return next((difference for difference in found if difference), None)


def _decided(plan: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in plan.items() if name not in CIRCUMSTANCES}


def _changed(then: dict[str, Any], now: dict[str, str]) -> list[str]:
    names = sorted({*then, *now})
    return [f"{name} {then.get(name)} → {now.get(name)}" for name in names if then.get(name) != now.get(name)]


def first_difference(then: Any, now: Any, where: str = "plan") -> str | None:
    """The path of the first place where two JSON values differ, with both values; None where they are equal."""
    if isinstance(then, dict) and isinstance(now, dict):
        pairs = [(f"{where}.{key}", then.get(key), now.get(key)) for key in sorted({*then, *now})]
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = [(f"{where}[{i}]", one, other) for i, (one, other) in enumerate(zip(then, now, strict=True))]
    else:
        return None if then == now else f"{where}: stored {then!r}, now {now!r}"
    found = (first_difference(one, other, path) for path, one, other in pairs)
    return next((difference for difference in found if difference), None)
