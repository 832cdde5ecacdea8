"""The solver of day plans: a child of its own, so that a long plan keeps no urgent order waiting."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app

import dispatch
from app.dispatching.solver import Solver, SolverLost
from dispatch import Plan, Problem, Weights
from models.kinds import RunMode

log = logging.getLogger(__name__)
EXTENSION = "linli_day_solver"
SECONDS = 60.0
"""What the engine is given to think; it ends by itself as soon as its proof is tight."""
GRACE = 60.0
"""For sending the question, and for the explanations after the thinking."""


@dataclass
class DaySolver(Solver):
    """As the solver of instant runs, with more time and in the other mode."""

    seconds: float = SECONDS + GRACE

    def solve(self, problem: Problem, weights: Weights, *, seed: int) -> Plan:
        """The best day plan found, or the greedy one with the reason in `degraded`."""
        dials: dict[str, Any] = {"weights": weights, "seed": seed, "time_limit": SECONDS, "mode": str(RunMode.DAY)}
        if self.kind == "inline":
            return dispatch.solve(problem, **dials)
        with self._lock:
            try:
                return self._ask(problem, dials, self.seconds)
            except SolverLost as lost:
                why = f"solver process: {lost}"
            finally:
                self._end()  # a day's memory is not kept until tomorrow
            log.error("%s; greedy steps in", why)
            return replace(self._greedy(problem, {**dials, "method": "greedy"}), degraded=why)


def day_solver() -> DaySolver:
    """The app's, made on first use."""
    kind = current_app.config["LINLI"].solver
    found: DaySolver = current_app.extensions.setdefault(EXTENSION, DaySolver(kind))
    return found
