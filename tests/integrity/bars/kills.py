"""kill -9 of a web process, of the one that ticks, of PostgreSQL and of Redis, again and again, while people use Linli.

Each kill takes a whole process group, as a power cut would; the process is started again at once, and the next falls
after three to six seconds. The people write down what they asked for and were told (tests/integrity/users.py); when all
is over their ledgers are held against the database.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from app.config import ROOT
from app.people import sessions
from tests.bench.bars import shown
from tests.factories import World
from tests.integrity import audit_of_ledgers, checks, ledger, places, servers
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.servers import Site

LONG = {places.SQLITE: 45, places.POSTGRES: 115}
"""Kills on each database."""
SETTLED_SECONDS = 60.0
Recoveries = dict[str, list[float]]


def run(size: Size) -> Iterator[Bar]:
    """One bar a database; the short form kills a server on SQLite once."""
    for database in places.available()[:1] if size.quick else places.available():
        yield _killed(size, database, size.pick(1, LONG[database]))


def _killed(size: Size, database: str, kills: int) -> Bar:
    several = database != places.SQLITE and not size.quick
    with ExitStack() as stack:
        made = stack.enter_context(places.database(database)) if database == places.SQLITE else None
        bus = several and servers.has_redis()
        site = stack.enter_context(servers.site(database, webs=2 if several else 1, with_bus=bus, url=made))
        town = _Town(size.pick(2, 4), size.pick(2, 3))
        for child in site.children.values():
            child.wait_until_up()
        with _users(site, town, size):
            nemesis = _Nemesis(site, Random(size.seed), size.pick((0.5, 0.8), (3.0, 6.0)))
            nemesis.rage(kills)
        settled = _settled()
        return _judged(nemesis, settled)


class _Town:
    """So many processes of so many threads, each with a resident and four volunteers who know no others."""

    def __init__(self, processes: int, threads: int) -> None:
        self.world = World().build()
        self.people = [[self._household(f"{one}{two}") for two in range(threads)] for one in range(processes)]

    def _household(self, name: str) -> dict[str, Any]:
        resident = self.world.resident(f"居民{name}")
        volunteers = [self.world.volunteer(f"志愿者{name}{n}", on_duty=False) for n in range(4)]
        return {
            "resident": {"name": str(resident.resident_id), "token": sessions.issue(str(resident.account_id))},
            "volunteers": [
                {"name": str(who.volunteer_id), "token": sessions.issue(str(who.account_id))} for who in volunteers
            ],
        }


@contextmanager
def _users(site: Site, town: _Town, size: Size) -> Iterator[None]:
    """The people at work; at the end each finishes what it is at."""
    started = []
    for number, people in enumerate(town.people):
        spec = {
            "name": f"p{number}t", "seed": size.seed + 100 * number, "folder": str(site.folder), "people": people,
            "office": town.world.ids["station"], "addresses": site.addresses,
        }  # fmt: skip
        words = [sys.executable, "-m", "tests.integrity.users", json.dumps(spec)]
        started.append(subprocess.Popen(words, stdin=subprocess.PIPE, cwd=ROOT))
    try:
        yield
    finally:
        for process in started:
            process.communicate(timeout=120)


class _Nemesis:
    """Kills one after the other of those that are up, each as often as the next, and notes when each answers again."""

    def __init__(self, site: Site, dice: Random, pause: tuple[float, float]) -> None:
        self.site, self.dice, self.pause = site, dice, pause
        self.recoveries: Recoveries = {name: [] for name in site.children}
        self.outages: list[tuple[float, float]] = []
        self._down: dict[str, float] = {}
        self._up_since = dict.fromkeys(site.children, time.time())
        self._bag: list[str] = []
        self._dark_since: float | None = None

    def rage(self, kills: int) -> None:
        due = time.time() + self.dice.uniform(*self.pause)
        while kills or self._down:
            self._note_the_risen()
            victim = self._victim()
            if kills and victim is not None and time.time() >= due:
                self._strike(victim)
                kills, due = kills - 1, time.time() + self.dice.uniform(*self.pause)
            if any(time.time() - since > servers.START_SECONDS for since in self._down.values()):
                raise servers.NotUp(f"after {servers.START_SECONDS:.0f} s: {sorted(self._down)}")
            time.sleep(0.05)

    def _victim(self) -> str | None:
        """The next one that has been up for a while: a target that never works proves nothing."""
        names = sorted(self.site.children)
        self._bag = self._bag or self.dice.sample(names, len(names))
        ready = time.time() - self.pause[0]
        return next((name for name in self._bag if name not in self._down and self._up_since[name] <= ready), None)

    def _strike(self, victim: str) -> None:
        self._bag.remove(victim)
        self._down[victim] = time.time()
        self.site.children[victim].kill()
        self.site.children[victim].start()
        self._note_the_dark()

    def _note_the_risen(self) -> None:
        for name in [name for name in self._down if self.site.children[name].answers_again()]:
            since, self._up_since[name] = self._down.pop(name), time.time()
            self.recoveries[name].append(time.time() - since)
            self._note_the_dark()

    def _note_the_dark(self) -> None:
        """Spans of time in which nobody could answer: without a database, or without any web process."""
        webs = [name for name in self.site.children if name.startswith("web")]
        dark = "postgres" in self._down or all(name in self._down for name in webs)
        if dark and self._dark_since is None:
            self._dark_since = time.time()
        elif not dark and self._dark_since is not None:
            self.outages.append((self._dark_since, time.time()))
            self._dark_since = None


def _settled() -> float | None:
    """Seconds until nothing is overdue any more and every invariant holds; None when that does not come about."""
    begun = time.monotonic()
    while time.monotonic() - begun < SETTLED_SECONDS:
        if not checks.broken():
            return time.monotonic() - begun
        time.sleep(1.0)
    return None


def _judged(nemesis: _Nemesis, settled: float | None) -> Bar:
    site, recoveries = nemesis.site, nemesis.recoveries
    operations = ledger.read(Path(site.folder))
    found = audit_of_ledgers.compare(operations, nemesis.outages)
    broken = checks.broken()
    outcomes = Counter(one.outcome for one in operations)
    words = Counter(word for one in operations for word in one.words)
    zero = {
        "lost": found.lost, "doubled": found.doubled, "refused but there": found.refused_but_there,
        "other than told": found.other_than_told, "stuck over 60 s": found.stuck, "invariants broken": len(broken),
        "answers of 500": sum(count for word, count in words.items() if word.startswith("500")),
    }  # fmt: skip
    more = {
        "kills": {name: len(seconds) for name, seconds in recoveries.items()},
        "recovery median seconds": {name: shown(median(seconds)) for name, seconds in recoveries.items() if seconds},
        "recovery most seconds": {name: shown(max(seconds)) for name, seconds in recoveries.items() if seconds},
        "operations": dict(Counter(one.what for one in operations)), "outcomes": dict(outcomes),
        "answers": dict(words.most_common(20)),
        "slowest seconds beside outages": shown(audit_of_ledgers.longest(operations, nemesis.outages)),
        "settled after seconds": shown(settled), "found": found.named, "broken": broken,
        "answered with 500": site.unforeseen(),
    }  # fmt: skip
    parts = [
        Part("acknowledged", outcomes[ledger.OK], ">=", 1),
        *(Part(what, count, "==", 0) for what, count in zero.items()),
    ]
    return Bar(f"kill -9, {site.database}, {sum(map(len, recoveries.values()))} kills", parts, more)
