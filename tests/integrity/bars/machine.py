"""The state machine on the real app, on both databases: see tests/integrity/machine."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from app.kernel import clock
from tests.integrity import places
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.machine import model, rules, town
from tests.integrity.machine.facts import Writes
from tests.integrity.machine.steps import History, Tally
from tests.integrity.machine.tour import tour

STEPS, HISTORIES = 60, 12
"""Steps drawn for one history, histories of one draw of hypothesis."""
LEAST_STEPS = 60_000
PATIENCE = 3
"""So many times its seconds the long form may take to get there: machines differ."""
SEEDS_EACH = 10_000
"""Each database plays histories of its own."""
_taken = multiprocessing.Value("q", 0)
"""Steps of all processes together; they end when these are enough."""
FORM = settings(
    max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None, database=None, print_blob=False,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate],
)  # fmt: skip


@dataclass
class Played:
    """What came of one database's histories."""

    database: str
    tally: Tally = field(default_factory=Tally)
    counted: int = 0
    failed: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(size: Size) -> Iterator[Bar]:
    """QUICK shares its time between the databases; the long form has a process for each, and looks at both together."""
    names = places.available()
    if size.quick:
        for name in names:
            yield _bar(_play(name, size.seed, size.seconds / len(names), False))
        return
    seconds = PATIENCE * size.seconds
    with ProcessPoolExecutor(len(names), mp_context=multiprocessing.get_context("fork")) as pool:
        firsts = [size.seed + number * SEEDS_EACH for number in range(len(names))]
        played = list(pool.map(_play, names, firsts, repeat(seconds), repeat(True)))
    yield from map(_bar, played)
    yield _together([one.tally for one in played])


def _play(name: str, first: int, seconds: float, touring: bool) -> Played:
    """A tour of all pairs, then histories from seed after seed until there are enough steps, the time is over, or one
    has failed."""
    played, number, last = Played(name), first, list[History]()
    with places.database(name) as url, places.running(url) as app, Writes().watched() as writes:
        people, copy = town.settle_in(app, name, url)
        begun = time.monotonic()

        def begin() -> History:
            last[:] = [History(app, people, copy, writes, played.tally, begun + seconds)]
            return last[0]

        if touring:
            with clock.fixed(rules.MORNING):
                _attempt(played, last, first, lambda: tour(begin, first))
            _count(played)
        while time.monotonic() < begun + seconds and not played.failed and _taken.value < LEAST_STEPS:
            form = seed(number)(rules.machine(begin))
            _attempt(played, last, number, lambda form=form: run_state_machine_as_test(form, settings=FORM))
            number += 1
            _count(played)
        played.seconds = time.monotonic() - begun
    return played


def _count(played: Played) -> None:
    """Tell the others how far this one has come."""
    with _taken.get_lock():
        _taken.value += played.tally.steps - played.counted
    played.counted = played.tally.steps


def _attempt(played: Played, last: list[History], number: int, histories: Callable[[], None]) -> None:
    """One that fails is told with all its steps."""
    try:
        histories()
    except Exception as failure:
        print("\n".join([f"seed {number}:", *(last[0].told if last else [])]), file=sys.stderr, flush=True)
        played.failed.append(f"seed {number}: {type(failure).__name__}: {failure}"[:600])


def _bar(played: Played) -> Bar:
    tally = played.tally
    parts = [
        Part("steps", tally.steps, ">=", 1),
        Part("failures", len(played.failed), "==", 0),
        Part("answers of 500", sum(n for status, n in tally.answers.items() if status >= 500), "==", 0),
    ]
    more = {
        "histories": tally.histories, "seconds": round(played.seconds),
        "steps a second": round(tally.steps / max(played.seconds, 1), 1),
        "answers": {str(status): number for status, number in sorted(tally.answers.items())},
        "pairs tried": {kind: _pairs(tally, kind) for kind in ("allowed", "forbidden", "silent", "stranger")},
        "failed": played.failed,
    }  # fmt: skip
    return Bar(f"state machine, {played.database}", parts, more)


def _pairs(tally: Tally, kind: str) -> int:
    """Different (status, action) pairs of that kind."""
    return sum(1 for key in tally.pairs if key[3] == kind)


def _together(tallies: list[Tally]) -> Bar:
    """All histories: how many steps, and the pairs and moves that none of them has tried."""
    whole = Tally()
    for tally in tallies:
        whole.steps += tally.steps
        whole.pairs += tally.pairs
        whole.edges |= tally.edges
    undone, untried, unmade = missing(whole, "allowed"), missing(whole, "forbidden"), _unmade(whole)
    parts = [
        Part("steps", whole.steps, ">=", LEAST_STEPS),
        Part("allowed pairs never done", len(undone), "==", 0),
        Part("forbidden pairs never tried", len(untried), "==", 0),
        Part("moves of the tables never made", len(unmade), "==", 0),
    ]
    more: dict[str, Any] = {
        "allowed pairs not done": undone, "forbidden pairs not tried": untried, "moves not made": unmade,
        "unreachable": [f"{' '.join(edge)}: {why}" for edge, why in model.UNREACHABLE.items()],
    }  # fmt: skip
    return Bar("state machine, both databases together", parts, more)


def missing(tally: Tally, kind: str) -> list[str]:
    """The (action, status) pairs of the model of that kind which no step has tried."""
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
