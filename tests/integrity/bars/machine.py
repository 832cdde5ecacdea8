"""The state machine on the real app, on both databases: see tests/integrity/machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integrity import places
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.machine import model, rules, town
from tests.integrity.machine.facts import Writes
from tests.integrity.machine.steps import History, Tally

STEPS, HISTORIES = 60, 12
"""Steps of one history, histories of one draw of hypothesis."""
LEAST_STEPS = 60_000


def run(size: Size) -> Iterator[Bar]:
    """Half of the time on each database."""
    names = places.available()
    for name in names:
        yield _on(name, size, size.seconds / len(names))


def _on(name: str, size: Size, seconds: float) -> Bar:
    begun, tally, failures = time.monotonic(), Tally(), list[str]()
    with places.database(name) as url, places.running(url) as app, Writes().watched() as writes:
        people, copy = town.settle_in(app, name, url)
        last: list[History] = []

        def begin() -> History:
            last[:] = [History(app, people, copy, writes, tally)]
            return last[0]

        batch = size.seed
        while time.monotonic() - begun < seconds and not failures:
            failures += _batch(begin, batch, last, size.pick(3, HISTORIES))
            batch += 1
    spent = time.monotonic() - begun
    parts = [
        Part("steps", tally.steps, ">=", size.pick(1, LEAST_STEPS // 2)),
        Part("failures", len(failures), "==", 0),
        Part("answers of 500", sum(n for status, n in tally.answers.items() if status >= 500), "==", 0),
        *_covered(tally, size),
    ]
    more = {"histories": tally.histories, "steps a second": round(tally.steps / spent, 1), "seconds": round(spent)}
    return Bar(f"state machine, {name}", parts, more | _told(tally) | {"failed": failures})


def _batch(begin: Any, number: int, last: list[History], histories: int) -> list[str]:
    """So many histories from one seed; a failure in one line."""
    form = settings(
        max_examples=histories, stateful_step_count=STEPS, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    try:
        run_state_machine_as_test(seed(number)(rules.machine(begin)), settings=form)
    except Exception as failure:
        print("\n".join([f"seed {number}:", *(last[0].told if last else [])]), file=sys.stderr, flush=True)
        return [f"seed {number}: {type(failure).__name__}: {failure}"[:600]]
    return []


def _covered(tally: Tally, size: Size) -> list[Part]:
    """The pairs and moves that no history has tried; small sizes only count them."""
    if size.quick:
        return []
    return [
        Part("allowed pairs never done", len(_missing(tally, "allowed")), "==", 0),
        Part("forbidden pairs never tried", len(_missing(tally, "forbidden")), "==", 0),
        Part("moves of the tables never made", len(_unmade(tally)), "==", 0),
    ]


def _missing(tally: Tally, kind: str) -> list[str]:
    tried = {(table, status, action) for (table, status, action, how) in tally.pairs if how == kind}
    return [
        f"{action} / {status}"
        for table, asked in model.ASKED.items()
        for action, allowed in asked.items()
        for status in model.STATUSES[table]
        if (status in allowed) == (kind == "allowed")
        and (kind == "allowed" or status not in model.SILENT.get(action, ()))
        and (table, status, action) not in tried
    ]


def _unmade(tally: Tally) -> list[str]:
    every = {(table, before, move) for table, edges in model.EDGES.items() for before, move in edges}
    return sorted(" ".join(edge) for edge in every - tally.edges - set(model.UNREACHABLE))


def _told(tally: Tally) -> dict[str, Any]:
    kinds = {kind: sum(1 for key in tally.pairs if key[3] == kind) for kind in ("allowed", "forbidden", "stranger")}
    return {
        "answers": {str(status): number for status, number in sorted(tally.answers.items())},
        "pairs tried": kinds, "allowed pairs not done": _missing(tally, "allowed"),
        "forbidden pairs not tried": _missing(tally, "forbidden"), "moves not made": _unmade(tally),
        "unreachable": [f"{' '.join(edge)}: {why}" for edge, why in model.UNREACHABLE.items()],
    }  # fmt: skip
