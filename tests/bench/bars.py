"""The bars by number: what each promises, who measures it, and one line for each, run or not."""

import operator
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench import reporter
from tests.bench.clock import timed

TITLES = {
    "2.1": "instant plans at the size of a district, with all their words",
    "3.1": "instant 10,000 × 100,000, exact over all pairs",
    "3.2": "instant 10,000 × 10,000, scarce",
    "3.3": "instant 100,000 × 1,000,000",
    "3.4": "day plan 1,000 × 500 beside VROOM x5",
    "3.5": "day plan 500 × 250 beside VROOM x5",
    "3.6": "day plan 5,000 × 5,000",
    "3.7": "day plan 500 × 250, 15 % of the orders need 2-4 people at once",
    "3.8": "urgent order: top ten with reasons",
    "3.9": "day plan, what is there when",
    "3.10": "a 10,000-order solve inside the running server",
    "3.11": "reasons, remedies, explanations",
    "3.12": "growth of time and memory with size",
}
MODULES = {
    "instant": ("2.1", "3.1", "3.2", "3.3"),
    "day": ("3.4", "3.5", "3.6", "3.7", "3.9"),
    "urgent": ("3.8",),
    "server": ("3.10",),
    "reasons": ("3.11",),
    "growth": ("3.12",),
}
SIGNS = {"<=": operator.le, ">=": operator.ge, "==": operator.eq}


@dataclass(frozen=True, slots=True)
class Part:
    """One condition of a bar: holds when `value sign target` does; a value of None was not measured."""

    what: str
    value: float | None
    sign: str
    target: float

    @property
    def holds(self) -> bool | None:
        return None if self.value is None else bool(SIGNS[self.sign](self.value, self.target))


def settle(number: str, parts: Sequence[Part], **more: Any) -> None:
    """Report a bar: it holds when all its parts do; one that was not measured leaves it open unless another fails."""
    verdicts = [part.holds for part in parts]
    holds = False if False in verdicts else None if None in verdicts else True
    if small_sizes():
        more = {"small_sizes": True} | more
    values = {part.what: shown(part.value) for part in parts}
    targets = {part.what: f"{part.sign} {part.target:g}" for part in parts}
    reporter.report(f"{number} {TITLES[number]}", values, targets, holds, name="engine", **more)


def small_sizes() -> bool:
    """Whether QUICK=1 asks for sizes below those the titles name."""
    return os.environ.get("QUICK", "") not in ("", "0")


def not_run(number: str, why: str, **more: Any) -> None:
    reporter.report(f"{number} {TITLES[number]}", None, None, None, name="engine", why=why, **more)


def shown(value: float | None) -> float | None:
    """Four figures are more than any of this is good for."""
    return value if value is None or isinstance(value, bool | int) else float(f"{value:.4g}")


def spread(values: Iterable[float | None]) -> dict[str, float | None]:
    """Median, least and most of what was measured."""
    known = [value for value in values if value is not None]
    if not known:
        return {"median": None, "least": None, "most": None}
    return {"median": shown(median(known)), "least": shown(min(known)), "most": shown(max(known))}


def middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def reported(number: str) -> bool:
    """Whether some line of this process speaks of that bar."""
    return any(line["bar"].partition(" ")[0] == number for line in reporter.lines())


def attempt(number: str, measure: Callable[[], None]) -> None:
    """Measure one bar; when it breaks off, its line says why and the next bar has its turn."""
    try:
        _, spent = timed(measure)
        print(f"   {number}: {spent.wall:.0f} s, {spent.cpu:.0f} of the processor", file=sys.stderr, flush=True)
    except Exception as failure:  # a missing part of the engine must not take the other figures along
        traceback.print_exc()
        not_run(number, f"{type(failure).__name__}: {failure}")
