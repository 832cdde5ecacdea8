"""Where the engine runs: in a process of its own, so that a long or broken solve never takes the pages down.

OR-Tools holds the GIL for a whole call and may crash a process; the web process must outlive both. Whatever goes wrong
there, people still get their offers from the greedy fall-back, and the run says so. The child is a plain program behind
two pipes: unlike a multiprocessing pool it never imports our main module again, and it ends when its input does.
"""

from __future__ import annotations

import gc
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
from app.dispatching import child as parcel
from dispatch import Plan, Problem, Weights, pieces
from dispatch.warm import is_warm

log = logging.getLogger(__name__)
EXTENSION = "linli_solver"
CHILD = Path(__file__).with_name("child.py")
MOST_PAIRS_HERE = 200_000
"""Orders times volunteers that greedy sees to in this process."""
GREEDY_SECONDS = 15.0
"""For greedy in a child: with the solver's own time still within a run's lease."""
MANY_SPECS, UNSEEN = 2_000, 100
"""A problem with more orders and volunteers is set aside for the garbage collector, but for every hundredth."""
PAUSE = 0.001
"""Seconds in which other threads may run, after each piece of a problem or plan."""
_NOTHING = Problem(0, (), ())


class SolverLost(Exception):
    """The child gave no plan; says why."""


@dataclass
class Solver:
    """`kind` process (one child, kept warm, restarted when it dies or takes over `seconds`) or inline (tests)."""

    kind: str = "process"
    seconds: float = 10.0
    stays_warm: bool = True
    _large: int = 0
    _child: subprocess.Popen[bytes] | None = None
    _lock: threading.Lock = default(default_factory=threading.Lock)

    def solve(self, problem: Problem, weights: Weights, *, seed: int) -> Plan:
        """The engine's plan, or the greedy one with the reason in `degraded`."""
        dials: dict[str, Any] = {"weights": weights, "seed": seed, **self._dials()}
        if self.kind == "inline":
            return dispatch.solve(problem, **dials)
        with self._lock:
            try:
                return self._ask(problem, dials, self.seconds)
            except SolverLost as lost:
                self._end()
                why = f"solver process: {lost}"
            finally:
                if not self.stays_warm:
                    self._end()
            log.error("%s; greedy steps in", why)
            return replace(self._greedy(problem, {**dials, "method": "greedy"}), degraded=why)

    def _dials(self) -> dict[str, Any]:
        """What this kind of solver asks of the engine beside the weights and the seed."""
        return {"time_limit": self.seconds}

    def warm(self) -> None:
        """Start the child now, in the background, so that the first order does not wait for its imports; and after an
        update compile ahead what a city's size and day plans need."""
        if self.kind == "process":
            threading.Thread(target=lambda: self.solve(_NOTHING, Weights(), seed=0), daemon=True).start()
            if not is_warm():
                threading.Thread(target=_compile, daemon=True).start()

    def stop(self) -> None:
        with self._lock:
            self._end()

    def _set_aside(self, problem: Problem) -> None:
        """Keep the garbage collector off a large problem: its walk through a whole city stops every thread.

        Whatever else is alive is set aside too, so that once in a while it looks at everything again.
        """
        if len(problem.orders) + len(problem.volunteers) > MANY_SPECS:
            self._large += 1
            if self._large % UNSEEN:
                gc.freeze()
            else:
                gc.unfreeze()

    def _greedy(self, problem: Problem, dials: dict[str, Any]) -> Plan:
        """Here at once where that takes milliseconds, else in a new child: the pages must not wait for a city."""
        if len(problem.orders) * len(problem.volunteers) > MOST_PAIRS_HERE:
            try:
                return self._ask(problem, dials, GREEDY_SECONDS)
            except SolverLost as lost:
                self._end()
                log.error("the greedy child: %s; the pages have to wait", lost)
        return dispatch.solve(problem, **dials)

    def _ask(self, problem: Problem, dials: dict[str, Any], seconds: float) -> Plan:
        self._set_aside(problem)
        child, answers = self._started(), []

        def talk() -> None:
            try:
                answers.append(_conversation(child, problem, dials))
            except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
                answers.append(f"died ({type(error).__name__})")

        talking = threading.Thread(target=talk, daemon=True)
        talking.start()
        talking.join(seconds)
        answer = answers[0] if answers else f"no answer within {seconds:g} s"
        if not isinstance(answer, Plan):
            raise SolverLost(answer)
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            command = [sys.executable, str(CHILD), str(ROOT)]
            try:
                self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            except OSError as error:
                raise SolverLost(f"could not be started ({type(error).__name__})") from error
        return self._child

    def _end(self) -> None:
        """End the child at once, even in the middle of a call that nothing else can interrupt."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                _close(pipe)


def _compile() -> None:
    """Waits for the compiling program, which ends by itself, also after us."""
    subprocess.run([sys.executable, "-m", "dispatch", "warm"], cwd=ROOT, check=False)


def _conversation(child: subprocess.Popen[bytes], problem: Problem, dials: dict[str, Any]) -> Any:
    """Ask and listen, piece by piece: pickling holds the interpreter's lock, and sockets must not wait for a city."""
    parcel.send(child.stdin, [pickle.dumps(dials)])
    parcel.send(child.stdin, pieces.cut(problem), PAUSE)
    return pieces.join(parcel.receive(child.stdout, PAUSE))


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
