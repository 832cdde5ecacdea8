"""The bars of `make integrity`. One module here per family; what a module must offer is this and no more:

    def run(size: Size) -> Iterator[Bar]:
        yield Bar("accept storm, sqlite", [Part("oversold", 0, "==", 0), Part("5xx", 0, "==", 0)], {"tries": 4000})

A module gets a process of its own (forked: what it starts it also ends), works on databases of its own
(`places.database(name)`), draws all its chance from `size.seed`, and yields each bar when it is known. A number by form
is `size.pick(short, long)`, `size.seconds` is the time it may take; who takes several times as long is stopped.
A bar holds when all its parts do; what was not measured has the value None. To add a family: the module, and its row in
`FAMILIES`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.bench.bars import Part

__all__ = ["FAMILIES", "Bar", "Family", "Part", "Size"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Family:
    """What a module proves, and the seconds it may take in each form; without `quick` it is left out of QUICK."""

    title: str
    long: int
    quick: int | None


FAMILIES = {
    "machine": Family("state machine on the real app, invariants after each step", 1500, 15),
    "statements": Family("failure at the n-th statement of every command", 3600, 8),
    "cuts": Family("cut connections, retried with the same key", 420, 5),
    "clocks": Family("clock jumps", 360, 4),
    "matrix": Family("authorisation: route × role × office × stage", 300, 8),
    "canary": Family("planted personal data found where it must not be", 180, 4),
    "tamper": Family("random tampering with the audit chain", 120, 4),
    "storm": Family("many accept at once, real server processes", 600, 6),
    "kills": Family("kill -9 in mid-flight", 1200, 6),
    "outbox": Family("letters to endpoints outside, killed and refused", 420, None),
    "drill": Family("backup, loss, restore", 300, None),
    "contract": Family("schemathesis against the OpenAPI document", 1200, None),
    "fuzz": Family("importers and parsers fed with rubbish", 300, None),
    "scripts": Family("script payloads in every text field, Chromium", 600, None),
    "bombs": Family("requests too big, too deep, too many", 240, None),
    "coverage": Family("branch coverage of the core", 1800, None),
}
"""In the order in which they run. A module that is not there yet is reported as not run."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of it: the long form, or the short one that is part of `make test`."""

    quick: bool
    seed: int
    seconds: float

    def pick(self, short: T, long: T) -> T:
        return short if self.quick else long


@dataclass(frozen=True, slots=True)
class Bar:
    """One promise and what was measured of it. `more` is whatever a reader needs to judge the figures: plain JSON."""

    title: str
    parts: Sequence[Part]
    more: dict[str, Any] = field(default_factory=dict)
    why: str = ""
    """Why it could not be run, when it has no parts."""

    @property
    def holds(self) -> bool | None:
        verdicts = [part.holds for part in self.parts]
        if False in verdicts:
            return False
        return None if None in verdicts or not verdicts else True
