"""Failure at the n-th statement of every command, over histories of the state machine and the scenes of the suite."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from random import Random
from typing import Any

import pytest

from app.kernel import clock
from tests.integrity import places
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.faults import KINDS, LEFT_OUT, Faults, commands
from tests.integrity.machine import rules, town
from tests.integrity.machine.facts import Writes
from tests.integrity.machine.steps import History, Tally

SUITES = (
    "serving", "rating", "ordering", "dispatching", "people", "offices", "privacy", "rights", "connections", "notices",
    "oversight", "integrity", "audit", "backups", "api",
)  # fmt: skip
QUIETLY = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # hypothesis has been read before pytest was
TIMES = 4
"""So many runs of each command are made to fail: by then each statement has failed in each of the four ways."""


def run(size: Size) -> Iterator[Bar]:
    """QUICK follows some histories; the long form goes through the suite, with a process for each database."""
    names = places.available()
    if size.quick:
        for name in names:
            yield _histories(name, size)
        return
    with ProcessPoolExecutor(len(names), mp_context=multiprocessing.get_context("fork")) as pool:
        yield from pool.map(_suite, names, repeat(size))


def _histories(name: str, size: Size) -> Bar:
    """Stories and single actions, each command failing before it goes through; invariants hold after each."""
    faults, dice = Faults(size.seed, tuple(KINDS), 1), Random(size.seed)
    with places.database(name) as url, places.running(url) as app:
        people, copy = town.settle_in(app, name, url)
        with clock.fixed(rules.MORNING), faults.on(), Writes().watched() as writes:
            history = History(app, people, copy, writes, Tally())
            deadline = time.monotonic() + size.seconds / len(places.available()) - 1
            history.story(dice.randrange(2**20))
            while time.monotonic() < deadline:
                history.story(dice.randrange(2**20))
    return _bar(name, faults, [], {"kinds": sorted(KINDS), "commands tried": len(faults.tried)})


class _Stop:
    """A pytest plugin: a test of every file, then their second ones, …; which failed; an end when the time is over."""

    def __init__(self, deadline: float) -> None:
        self.deadline, self.failed = deadline, list[str]()

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """So that every command has had its turn early: what only differs in a parameter waits for all others."""
        functions, files = Counter[Any](), Counter[Any]()
        turns = {}
        for item in items:
            functions[item.path, item.originalname] += 1
            files[item.path] += 1
            turns[item] = functions[item.path, item.originalname], files[item.path]
        items.sort(key=turns.__getitem__)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_runtest_setup(self, item: Any) -> None:
        if time.monotonic() > self.deadline:
            pytest.exit("the time is over", 0)


def _suite(name: str, size: Size) -> Bar:
    """Every test of the suite with commands in it is a scenario; one that fails so must also fail alone."""
    faults, stop = Faults(size.seed, tuple(KINDS), 1), _Stop(time.monotonic() + size.seconds)
    with faults.on():
        for times in (1, TIMES):  # every command once, before any is tried again
            faults.times = times
            _pytest([f"tests/{suite}" for suite in SUITES], name, stop)
    alone = _Stop(time.monotonic() + 120)
    if stop.failed:
        _pytest(stop.failed, name, alone)
    spoilt = sorted(set(stop.failed) - set(alone.failed))
    more = {"kinds": sorted(KINDS), "commands": len(commands()), "left out": LEFT_OUT, "spoilt": spoilt}
    missing = faults.never_failed() if name == places.SQLITE else []
    return _bar(name, faults, spoilt, more | {"never failed": missing}, missing)


def _pytest(paths: list[str], name: str, plugin: _Stop) -> None:
    """Tests on SQLite, or those on PostgreSQL, in this process."""
    which = ["-m", "postgres"] if name == places.POSTGRES else ["-m", "not postgres and not browser"]
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["-q", "-n0", "-p", "no:cacheprovider", "--tb=no", *QUIETLY, *which, *paths], plugins=[plugin])


def _bar(name: str, faults: Faults, spoilt: list[str], more: dict[str, Any], missing: list[str] | None = None) -> Bar:
    parts = [
        Part("points", faults.points, ">=", 1),
        Part("half-writes, leaks, wrong endings", len(faults.wrong), "==", 0),
        Part("came through after a passing failure", faults.recovered, ">=", 1),
        Part("scenes spoilt", len(spoilt), "==", 0),
    ]
    if missing is not None:
        parts.append(Part("commands never failed", len(missing), "==", 0))
    return Bar(f"failure at the n-th statement, {name}", parts, more | {"wrong": faults.wrong[:20]})
