"""The histories as hypothesis draws them: one rule for each action, and for what happens by itself."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from app.kernel import clock
from tests.integrity.machine.actions import ACTIONS
from tests.integrity.machine.steps import History

MORNING = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
"""Monday 8:30 in Hangzhou."""
DRAW = st.integers(0, 2**20)
WALK = "a_walk"
"""Hypothesis begins each run with a history of nothing but the first rule by name: let it be one that is like all."""
OF_ITSELF = (
    "walk", "place", "intake", "story", "repeat", "wind", "wind_past", "tick", "sweep", "dispatch", "plan", "restart",
)  # fmt: skip
OFTEN = {
    "walk": 4, "story": 4, "wind": 2, "dispatch": 2, "accept": 3, "approve": 3, "check in": 2, "check out": 2,
    "claim": 2,
}  # fmt: skip


def machine(begin: Any) -> type[RuleBasedStateMachine]:
    """The class of the machine; `begin` makes a fresh History."""

    class Town(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.held = ExitStack()
            self.held.enter_context(clock.fixed(MORNING))
            self.history: History = begin()

        def teardown(self) -> None:
            self.held.close()

    for name in OF_ITSELF:
        for turn in range(OFTEN.get(name, 1)):
            setattr(Town, f"{name}_{turn}", _of_itself(name))
    for name, action in ACTIONS.items():
        for turn in range(OFTEN.get(name, 1)):
            setattr(Town, f"{name.replace(' ', '_').replace('-', '_')}_{turn}", _action(name, action.table))
    return Town


def _of_itself(name: str) -> Any:
    def step(self: Any, draw: int) -> None:
        if not self.history.is_over():
            getattr(self.history, name)(draw)

    step.__name__ = WALK if name == "walk" else name
    return rule(draw=DRAW)(step)


def _action(name: str, table: str) -> Any:
    def step(self: Any, draw: int) -> None:
        if not self.history.is_over():
            self.history.act(name, draw)

    step.__name__ = name.replace(" ", "_").replace("-", "_")
    return precondition(lambda self: bool(getattr(self.history.rows, table)))(rule(draw=DRAW)(step))
