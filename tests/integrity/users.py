"""People who use Linli while it is being killed: `python -m tests.integrity.users SPEC`, until its input ends.

Each thread has a resident and volunteers of its own and goes round: an order is placed and claimed, some are
called off, some are served to the end and rated. Every call carries a key. When an answer does not come, half of the
bookings are left at that; everything else is sent again with the same key until somebody decides. It imports nothing of
the app.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.integrity.callers import Answer, Caller
from tests.integrity.ledger import FAIL, INFO, OK, Ledger

GIVES_UP = 180.0
"""Seconds after which nobody tries again: longer than anything may be stuck."""
_over = threading.Event()


@dataclass
class Person:
    name: str
    token: str


class User(threading.Thread):
    """One thread with its people, its connections and its ledger."""

    def __init__(self, number: str, spec: dict[str, Any], people: dict[str, Any], seed: int) -> None:
        super().__init__(name=number)
        self.dice = random.Random(seed)
        self.ledger = Ledger(Path(spec["folder"]) / f"{number}.ledger")
        self.office = spec["office"]
        self.callers = [Caller(address, 20.0) for address in spec["addresses"]]
        self.resident = Person(**people["resident"])
        self.volunteers = [Person(**one) for one in people["volunteers"]]
        self.hour = 0
        self.serial = 0

    def run(self) -> None:
        while not _over.is_set():
            self._visit() if self.dice.random() < 0.4 else self._booking()

    # ---------- what they do ----------

    def _booking(self) -> None:
        """An order for an hour far off; somebody takes it, or it is called off, or both."""
        order = self._place(days=2, again=self._doubtful())
        if order is None:
            return
        for volunteer in self.dice.sample(self.volunteers, self.dice.choice((0, 1, 1, 2))):
            self._do("claim", {"order": order, "volunteer": volunteer.name}, volunteer, f"orders/{order}/claim",
                     again=self._doubtful())  # fmt: skip
        if self.dice.random() < 0.4:
            body = {"reason": "不用了"}
            self._do("cancel", {"order": order}, self.resident, f"orders/{order}/cancellation", body,
                     again=self._doubtful())  # fmt: skip

    def _visit(self) -> None:
        """An order for now, served to the end."""
        order = self._place(days=0, again=True)
        if order is None:
            return
        volunteer = self.dice.choice(self.volunteers)
        about = {"order": order, "volunteer": volunteer.name}
        given = self._do("claim", about, volunteer, f"orders/{order}/claim", again=True)
        if given is None:
            body = {"reason": "没有人"}
            self._do("cancel", {"order": order}, self.resident, f"orders/{order}/cancellation", body, again=True)
            return
        about = {"order": order, "assignment": given}
        code = {"code": self._start_code(order)}
        task = f"assignments/{given}"
        if self._do("check_in", about, volunteer, f"{task}/check-in", code, again=True) is None:
            return
        if self._do("check_out", about, volunteer, f"{task}/check-out", {"note": "好"}, again=True) is not None:
            self._do("rate", about, self.resident, f"orders/{order}/rating", {"stars": 3}, again=True)

    def _place(self, days: int, *, again: bool) -> str | None:
        """An order in an hour of its own, so that only the killing stands in its way; its words are its mark."""
        self.serial += 1
        self.hour += 3 if days else 0
        far = timedelta(days=days, hours=self.hour % 2000)
        starts = datetime.now(UTC) + (far if days else timedelta(minutes=2))
        mark = f"{self.name}-{self.serial}"
        length = timedelta(minutes=90 if days else 15)
        body = {
            "item": "errand", "office_id": self.office, "address": "3 幢 201", "words": mark, "duration_minutes": 15,
            "window_from": starts.isoformat(), "window_until": (starts + length).isoformat(),
        }  # fmt: skip
        return self._do("place", {"mark": mark}, self.resident, "orders", body, again=again)

    def _start_code(self, order: str) -> str:
        """The four digits that the resident reads out at the door."""
        begun = time.monotonic()
        while time.monotonic() - begun < GIVES_UP:
            answer = self._caller().call("GET", f"orders/{order}", self.resident.token)
            if answer.is_ok:
                return str(answer.body.get("start_code", ""))
            time.sleep(0.2)
        return ""

    # ---------- how ----------

    def _doubtful(self) -> bool:
        return self.dice.random() < 0.5

    def _caller(self) -> Caller:
        return self.dice.choice(self.callers)

    def _do(
        self, what: str, about: dict[str, str], who: Person, path: str, body: Any = None, *, again: bool
    ) -> str | None:
        """Ask for it and write down what came of it; the id that was given, or None."""
        self.serial += 1
        key = f"{self.name}-{self.serial}"
        number = self.ledger.invoke(what, about)
        begun, words = time.monotonic(), []
        while True:
            answer = self._caller().call("POST", path, who.token, body, key)
            words.append(answer.words)
            spent = time.monotonic() - begun
            if answer.is_ok or answer.is_refusal or spent > GIVES_UP or not again:
                break
            time.sleep(0.1)
        outcome = OK if answer.is_ok else FAIL if answer.is_refusal else INFO
        given = _id(answer)
        self.ledger.done(number, outcome, given, words)
        return given if answer.is_ok else None


def _id(answer: Answer) -> str:
    return str(answer.body.get("id", "")) if answer.is_ok and isinstance(answer.body, dict) else ""


def main(spec: dict[str, Any]) -> None:
    users = [User(f"{spec['name']}{n}", spec, one, spec["seed"] + n) for n, one in enumerate(spec["people"])]
    for user in users:
        user.start()
    sys.stdin.read()
    _over.set()
    for user in users:
        user.join()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
