"""Where the engine runs: in a process of its own, so that a long or broken solve never takes the pages down.

OR-Tools holds the GIL for a whole call and may crash a process; the web process must outlive both. Whatever goes wrong
there, people still get their offers from the greedy fall-back, and the run says so.
"""

from __future__ import annotations

import logging
import multiprocessing
import runpy
import threading
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from dataclasses import field as default
from pathlib import Path

from flask import Flask, current_app

import dispatch
from dispatch import Plan, Problem, Weights

log = logging.getLogger(__name__)
EXTENSION = "linli_solver"
CHILD = str(Path(__file__).with_name("child.py"))
_NOTHING = Problem(0, (), ())


@dataclass
class Solver:
    """`kind` process (one child, kept warm, restarted when it dies or overruns `seconds`) or inline (tests)."""

    kind: str = "process"
    seconds: float = 10.0
    _pool: ProcessPoolExecutor | None = None
    _lock: threading.Lock = default(default_factory=threading.Lock)

    def solve(self, problem: Problem, weights: Weights, *, seed: int, method: str = "exact") -> Plan:
        """The engine's plan, or the greedy one with the reason in `degraded`."""
        if self.kind == "inline":
            return dispatch.solve(problem, weights, seed=seed, time_limit=self.seconds, method=method)
        with self._lock:
            try:
                return self._in_child(problem, weights, seed, method)
            except (TimeoutError, BrokenExecutor, OSError) as failure:
                self._kill()
                why = f"solver process: {type(failure).__name__} within {self.seconds:g} s"
        log.error("%s; greedy steps in", why)
        return replace(dispatch.solve(problem, weights, seed=seed, method="greedy"), degraded=why)

    def warm(self) -> None:
        """Start the child now, so that the first order does not wait for its imports."""
        if self.kind == "process":
            with self._lock:
                self._child().submit(dispatch.solve, _NOTHING)

    def stop(self) -> None:
        with self._lock:
            self._kill()

    def _in_child(self, problem: Problem, weights: Weights, seed: int, method: str) -> Plan:
        answer = self._child().submit(
            dispatch.solve, problem, weights, seed=seed, time_limit=self.seconds, method=method
        )
        return answer.result(timeout=self.seconds)

    def _child(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")  # a fork would copy our sockets and database connections
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=runpy.run_path, initargs=(CHILD,))
        return self._pool

    def _kill(self) -> None:
        """End the child at once, even in the middle of a call that nothing else can interrupt."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def solver(app: Flask | None = None) -> Solver:
    """The app's solver, made on first use."""
    app = app or current_app._get_current_object()  # type: ignore[attr-defined]  # Flask's own proxy
    found: Solver = app.extensions.setdefault(EXTENSION, Solver(app.config["LINLI"].solver))
    return found
