"""What a large solve does to the sockets: the delay of pushes out of the running server, idle and while it solves.

The server is the real one (`flask serve`: threads, ticking, the solver's child) with a small demo city; pushes leave it
at a steady rate as those after a commit do, and each says when it was due. Both processes read the same clock.
"""

import sys
import threading
import time
from statistics import quantiles
from typing import Any

from app.demo import accounts
from app.smoke import server
from app.smoke.people import Ear, Person
from tests.bench.reporter import report

CITY = "tiny"  # what the database holds does not matter here
SERVED = "tests.bench.solving_server"
EVERY = 0.01  # seconds between two pushes
IDLE_SECONDS = 8.0
MOST_SECONDS = 60.0
TARGET_MS = 25.0


class Listener(Ear):
    """A coordinator's socket that writes down how late each push was."""

    def __init__(self, url: str) -> None:
        desk = Person(url, "coordinator", accounts.STATION.phone, accounts.STATION.password)
        self.late: list[tuple[float, float]] = []
        self.solved: dict[str, Any] = {}
        self.done = threading.Event()
        super().__init__(url, desk, f"office:{desk.me['grants'][0]['office_id']}")
        self._socket.on("bench.solved", self._solved)

    def _hear(self, message: dict[str, Any]) -> None:
        if "due" in message:
            now = time.monotonic()
            self.late.append((now, (now - message["due"]) * 1000))

    def _solved(self, told: dict[str, Any]) -> None:
        self.solved = {**told, "at": time.monotonic()}
        self.done.set()

    def ask(self, event: str, **message: float) -> None:
        self._socket.call(event, message, timeout=120)


def measure(url: str, orders: int, volunteers: int) -> dict[str, Any]:
    """Milliseconds of delay: idle, then from the moment the solve was asked for until its plan was there."""
    ear = Listener(url)
    try:
        ear.ask("bench.prepare", orders=orders, volunteers=volunteers, seed=1)
        time.sleep(2)
        ear.ask("bench.push", seconds=IDLE_SECONDS, every=EVERY)
        time.sleep(IDLE_SECONDS + 1)
        idle = [late for _, late in ear.late]
        ear.late.clear()
        ear.ask("bench.push", seconds=MOST_SECONDS, every=EVERY)
        time.sleep(1)
        begin = time.monotonic()
        ear.ask("bench.solve")
        ear.done.wait(MOST_SECONDS)
        time.sleep(0.2)
        busy = [late for at, late in ear.late if begin <= at <= ear.solved.get("at", at) + 0.1]
    finally:
        ear.close()
    return {"idle": spread(idle), "solving": spread(busy), **ear.solved}


def spread(late: list[float]) -> dict[str, float]:
    cuts = quantiles(late, n=100)
    return {"p50": round(cuts[49], 2), "p99": round(cuts[98], 2), "max": round(max(late), 2), "pushes": len(late)}


def main(quick: bool = False) -> None:
    orders, volunteers = (2_000, 5_000) if quick else (10_000, 20_000)
    with server.running(CITY, lambda words: print(words, file=sys.stderr), FLASK_APP=SERVED) as url:
        found = measure(url, orders, volunteers)
    value = found["solving"]["max"]
    report(f"3.10 socket push delayed by a {orders}x{volunteers} solve in the server, most, ms", value, TARGET_MS,
           value <= TARGET_MS, seed=1, **found)  # fmt: skip


if __name__ == "__main__":
    main()
