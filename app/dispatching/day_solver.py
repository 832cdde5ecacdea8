"""The solver of day plans: a child of its own, so that a long plan keeps no urgent order waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app

from app.dispatching.solver import Solver
from models.kinds import RunMode

EXTENSION = "linli_day_solver"
SECONDS = 60.0
"""What the engine is given to think; it ends by itself as soon as its proof is tight."""
GRACE = 60.0
"""For sending the question, and for the explanations after the thinking."""


@dataclass
class DaySolver(Solver):
    """As the solver of instant runs, with more time, in the other mode; its memory is not kept until tomorrow."""

    seconds: float = SECONDS + GRACE
    stays_warm: bool = False

    def _dials(self) -> dict[str, Any]:
        return {"time_limit": SECONDS, "mode": str(RunMode.DAY)}


def day_solver() -> DaySolver:
    """The app's, made on first use."""
    kind = current_app.config["LINLI"].solver
    found: DaySolver = current_app.extensions.setdefault(EXTENSION, DaySolver(kind))
    return found
