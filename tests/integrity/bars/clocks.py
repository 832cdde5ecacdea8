"""Clocks that jump: offers end when their time is up by the clock, neither before nor long after, and nothing stops.

In the app's own clock, on both databases; in the long form also in a real server process that is lied to about the time
(tests/integrity/lying: libfaketime would be nearer to the machine, but breaks sleep() of Python 3.11 and later).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.dispatching import service as dispatching
from app.dispatching import timers
from app.integrity import invariants
from app.kernel import clock
from models import db
from tests.factories import World
from tests.integrity import places, servers
from tests.integrity.bars import Bar, Part, Size

HOUR = timedelta(hours=1)
BEGINNINGS = {
    "-1 h": (datetime(2026, 11, 23, 4, tzinfo=UTC), -HOUR),
    "+1 h": (datetime(2026, 11, 23, 4, tzinfo=UTC), HOUR),
    "+26 h": (datetime(2026, 11, 23, 4, tzinfo=UTC), 26 * HOUR),
    "29 February": (datetime(2028, 2, 28, 15, 30, tzinfo=UTC), HOUR),
    "end of the year": (datetime(2026, 12, 31, 15, 30, tzinfo=UTC), HOUR),
    "summer time elsewhere": (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), HOUR),
    "2038": (datetime(2038, 1, 19, 2, 44, tzinfo=UTC), HOUR),
}
"""Where the clock stands, and by how much it jumps."""
LYING = Path(__file__).parents[1] / "lying"
PATIENCE = 60.0
"""Real seconds within which a server has done what is due, and found somebody for a new order."""
OFFERS = 6


def run(size: Size) -> Iterator[Bar]:
    """One bar a database in our own clock; one in a lying machine."""
    for name in places.available():
        yield _in_our_clock(name, size)
    if not size.quick:
        for name in places.available():
            yield _in_a_lying_machine(name)


class _Found:
    """What went wrong, over all jumps."""

    def __init__(self) -> None:
        self.offers = self.ended = self.early = self.stuck = self.lost = 0
        self.broken: list[str] = []
        self.slowest = 0.0

    def look(self, jump: str, moment: datetime) -> None:
        """Count what is out of its time at this moment of the server's clock."""
        self.early += _count("status = 'expired' AND answered_at < expires_at", moment)
        self.stuck += _count("status IN ('sent', 'seen') AND expires_at <= :moment", moment)
        self.broken += [f"{jump}: {name}" for name in invariants.broken()]

    def parts(self) -> list[Part]:
        return [
            Part("offers", self.offers, ">=", 1),
            Part("ended by their time", self.ended, ">=", 1),
            Part("early", self.early, "==", 0),
            Part("stuck", self.stuck, "==", 0),
            Part("ended before their time or not at all", self.lost, "==", 0),
            Part("invariants broken", len(self.broken), "==", 0),
        ]


def _count(which: str, moment: datetime) -> int:
    at = moment.replace(tzinfo=None) if db.engine.dialect.name == "sqlite" else moment
    words = text(f"SELECT count(*) FROM offer WHERE {which}")  # noqa: S608 our own words
    with db.engine.connect() as connection:
        return int(connection.execute(words, {"moment": at} if ":moment" in which else {}).scalar() or 0)


def _orders(town: World, starts: datetime) -> None:
    """Orders of all urgencies, so that offers run out within minutes, hours and a day."""
    for number in range(OFFERS):
        town.volunteer(f"志愿者{number}", north_km=0.1 * number)
        town.open_order(starts=starts + timedelta(hours=(2, 3, 8, 30, 50, 100)[number % 6]), item="escort")


# ---------- in our own clock ----------


def _in_our_clock(name: str, size: Size) -> Bar:
    found = _Found()
    jumps = dict(list(BEGINNINGS.items())[:: size.pick(3, 1)])
    for jump, (moment, by) in jumps.items():
        with places.database(name) as url, places.running(url), clock.fixed(moment):
            _orders(World().build(), moment)
            dispatching.run_all("clock")
            living = _living()
            found.offers += len(living)
            _jump(found, jump, living, by)
            _jump(found, jump, _living(), 30 * HOUR)
    return Bar(f"clock jumps in our own clock, {name}", found.parts(), {"jumps": list(jumps), "broken": found.broken})


def _jump(found: _Found, jump: str, living: dict[str, datetime], by: timedelta) -> None:
    """The clock jumps and one tick follows: what is over has ended, what is not stays."""
    clock.advance(by)
    timers.tick()
    moment = clock.now()
    over = {key for key, expires in living.items() if expires <= moment}
    found.ended += len(over)
    found.lost += len(_ended_among(living) ^ over)
    found.look(jump, moment)


def _living() -> dict[str, datetime]:
    words = "SELECT id, expires_at FROM offer WHERE status IN ('sent', 'seen')"
    with db.engine.connect() as connection:
        return {row.id: _moment(row.expires_at) for row in connection.execute(text(words))}


def _ended_among(living: dict[str, datetime]) -> set[str]:
    return set(living) - set(_living())


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# ---------- in a machine that lies ----------


class _Machine:
    """A clock for child processes, set by writing how far it is from ours into a file."""

    def __init__(self, folder: Path) -> None:
        self.file, self.ahead = folder / "hands", timedelta()
        self.settings = {"PYTHONPATH": str(LYING), "LYING_CLOCK": str(self.file), "SOLVER": "inline"}
        self.set(BEGINNINGS["-1 h"][0])

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def set(self, moment: datetime) -> None:
        self.ahead = moment - datetime.now(UTC)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{self.ahead.total_seconds():.3f}", encoding="utf-8")
        fresh.replace(self.file)


def _in_a_lying_machine(name: str) -> Bar:
    """One server lives through all jumps; after each it must go on ticking."""
    found, slow = _Found(), dict[str, float]()
    with ExitStack() as stack:
        url = stack.enter_context(places.database(name))
        machine = _Machine(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        site = stack.enter_context(servers.site(name, webs=1, url=url, **machine.settings))
        with clock.fixed(machine.now()):
            town = World().build()
        site.children["web"].wait_until_up()
        for jump, (moment, by) in BEGINNINGS.items():
            machine.set(max(moment, machine.now()))
            slow[jump] = _live_through(found, jump, by, machine, town)
    more = {"jumps": list(BEGINNINGS), "seconds until all was done": slow, "broken": found.broken}
    return Bar(f"clock jumps of a server process, {name}", found.parts(), more)


def _live_through(found: _Found, jump: str, by: timedelta, machine: _Machine, town: World) -> float:
    """Offers are out, the machine's clock jumps, and soon everything is as that clock says; the seconds it took."""
    with clock.fixed(machine.now()):
        _orders(town, machine.now())
    if _until(lambda: len(_living()) >= OFFERS // 2) is None:
        found.broken.append(f"{jump}: nobody was asked before the jump")
    living = _living()
    found.offers += len(living)
    machine.set(machine.now() + by)
    begun, moment = time.monotonic(), machine.now()
    _until(lambda: not _count("status IN ('sent', 'seen') AND expires_at <= :moment", moment))
    known = set(_living())
    with clock.fixed(machine.now()):
        _orders(town, machine.now())
    if _until(lambda: bool(set(_living()) - known)) is None:
        found.broken.append(f"{jump}: nobody was asked after the jump")
    spent = time.monotonic() - begun
    over = {key for key, expires in living.items() if expires <= moment}
    found.ended += len(over)
    found.lost += len(over - _ended_among(living))
    _until(lambda: not _broken(machine.now()))
    with clock.fixed(machine.now()):
        found.look(jump, moment)
    return round(spent, 1)


def _broken(moment: datetime) -> bool:
    """By the time of the machine that is lied to."""
    with clock.fixed(moment):
        return bool(invariants.broken())


def _until(holds: Callable[[], bool]) -> float | None:
    """Look again and again; the seconds it took, None when the patience is over."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        if holds():
            return time.monotonic() - begun
        time.sleep(0.2)
    return None
