"""Where the engine runs: in a process of its own, so that a long or broken solve never takes the pages down.

OR-Tools holds the GIL for a whole call and may crash a process; the web process must outlive both. Whatever goes wrong
there, people still get their offers from the greedy fall-back, and the run says so. The child is a plain program behind
two pipes: unlike a multiprocessing pool it never imports our main module again, and it ends when its input does.
"""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from dataclasses import field as default
from pathlib import Path
from typing import Any

from flask import Flask, current_app

import dispatch
from app.config import ROOT
from dispatch import Plan, Problem, Weights

log = logging.getLogger(__name__)
EXTENSION = "linli_solver"
CHILD = Path(__file__).with_name("child.py")
_NOTHING = Problem(0, (), ())


class SolverLost(Exception):
    """The child gave no plan; says why."""


@dataclass
class Solver:
    """`kind` process (one child, kept warm, restarted when it dies or takes over `seconds`) or inline (tests)."""

    kind: str = "process"
    seconds: float = 10.0
    limit: float | None = None
    """Seconds the engine is told; as many as it has, unless it ends by itself before we lose patience."""
    _child: subprocess.Popen[bytes] | None = None
    _lock: threading.Lock = default(default_factory=threading.Lock)

    def solve(self, problem: Problem, weights: Weights, *, seed: int, mode: str = "instant") -> Plan:
        """The engine's plan, or the greedy one with the reason in `degraded`."""
        question = {"problem": problem, "weights": weights, "seed": seed, **_moded(mode)}
        seconds = self.seconds if self.limit is None else self.limit
        if self.kind == "inline":
            return dispatch.solve(**question, time_limit=seconds)
        with self._lock:
            try:
                return self._ask({**question, "time_limit": seconds})
            except SolverLost as lost:
                self._end()
                why = f"solver process: {lost}"
        log.error("%s; greedy steps in", why)
        return replace(dispatch.solve(**question, method="greedy"), degraded=why)

    def warm(self) -> None:
        """Start the child now, in the background, so that the first order does not wait for its imports."""
        if self.kind == "process":
            threading.Thread(target=lambda: self.solve(_NOTHING, Weights(), seed=0), daemon=True).start()

    def stop(self) -> None:
        with self._lock:
            self._end()

    def _ask(self, question: dict[str, Any]) -> Plan:
        child, answers = self._started(), []

        def talk() -> None:
            try:
                pickle.dump(question, child.stdin)  # type: ignore[arg-type]  # it is a pipe
                child.stdin.flush()  # type: ignore[union-attr]  # a pipe too
                answers.append(pickle.load(child.stdout))  # type: ignore[arg-type]  # noqa: S301 - from our own child
            except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
                answers.append(f"died ({type(error).__name__})")

        talking = threading.Thread(target=talk, daemon=True)
        talking.start()
        talking.join(self.seconds)
        answer = answers[0] if answers else f"no answer within {self.seconds:g} s"
        if not isinstance(answer, Plan):
            raise SolverLost(answer)
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            command = [sys.executable, str(CHILD), str(ROOT)]
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._child

    def _end(self) -> None:
        """End the child at once, even in the middle of a call that nothing else can interrupt."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                _close(pipe)


def _moded(mode: str) -> dict[str, Any]:
    import inspect

    return {"mode": mode} if "mode" in inspect.signature(dispatch.solve).parameters else {}


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:
        log.debug("the solver's pipe was broken already")


def solver(app: Flask | None = None) -> Solver:
    """The app's solver, made on first use."""
    app = app or current_app._get_current_object()  # type: ignore[attr-defined]  # Flask's own proxy
    found: Solver = app.extensions.setdefault(EXTENSION, Solver(app.config["LINLI"].solver))
    return found
