"""The app as it is served, with two more socket events: push at a steady rate, and solve a large problem meanwhile.

Served by bench_server.py through `flask --app tests.bench.solving_server serve`.
"""

import threading
import time
from typing import Any

from app import create_app
from app.dispatching.solver import solver
from app.extensions import socketio
from dispatch import Problem, Weights, generate

MOST_SECONDS = 50.0
"""For the solver, so that a busy machine measures the solve and not the fall-back."""
app = create_app()
_problems: dict[str, Problem] = {}


@socketio.on("bench.prepare")
def prepare(message: dict[str, int]) -> None:
    """Make up the problem now, so that only its solution is measured."""
    _problems["city"] = generate.problem(message["orders"], message["volunteers"], message["seed"], work=0.05, bans=1.0)


@socketio.on("bench.push")
def push(message: dict[str, float]) -> None:
    threading.Thread(target=_push, args=(message["seconds"], message["every"]), daemon=True).start()


@socketio.on("bench.solve")
def solve(_message: Any = None) -> None:
    threading.Thread(target=_solve, daemon=True).start()


def _push(seconds: float, every: float) -> None:
    """As sockets.publish() does, each with the moment it was due: a late sender counts as delay too."""
    begin = time.monotonic()
    for number in range(int(seconds / every)):
        due = begin + number * every
        time.sleep(max(0.0, due - time.monotonic()))
        socketio.emit("changed", {"topic": "bench", "version": number, "due": due})


def _solve() -> None:
    with app.app_context():
        ours, begin = solver(app), time.monotonic()
        ours.seconds = MOST_SECONDS
        plan = ours.solve(_problems["city"], Weights(), seed=1)
        told = {
            "seconds": round(time.monotonic() - begin, 2),
            "solver": plan.solver,
            "degraded": plan.degraded,
            "filled": plan.stats["filled"],
        }
    socketio.emit("bench.solved", told)
