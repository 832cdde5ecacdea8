"""Failing at the n-th statement: each command is made to fail at its first statement, its second, … at its commit.

`Faults.on()` stands in the way of every command that anybody runs, whatever runs it: histories of the state machine, or
the suite's own tests, whose scenes are the scenarios. Before a command is let through, it is tried with a failure at
every statement; each try must leave the database untouched and nothing open. Then it fails once in a way that passes,
and must come through by itself.
"""

from __future__ import annotations

import errno
import hashlib
import importlib
import os
import pkgutil
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import psycopg
from sqlalchemy import Engine, event, inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError

import app
from app.kernel import transaction, troubles
from app.kernel.errors import DomainError
from models import db
from tests.integrity.machine.facts import Writes

MOST_STATEMENTS = 1000
"""A command longer than this is a batch; it is tried at so many of its first statements."""
LEFT_OUT = {
    "app.demo": "writes a made-up city into an empty database, once and before anybody is served",
    "app.smoke": "the same",
}
BACKGROUND = frozenset({"bus", "clock", "courier", "day plan", "dispatch"})
"""Names of the threads that a running Linli keeps."""
SQLITE_BUSY, SQLITE_IOERR = 5, 10
_RUN = transaction.command(lambda: None).__code__


def commands() -> list[str]:
    """Every command there is, by module and name, found by walking the modules."""
    found = set()
    for module in pkgutil.walk_packages(app.__path__, "app."):
        for name, verb in vars(importlib.import_module(module.name)).items():
            if isinstance(verb, FunctionType) and verb.__code__ is _RUN and _is_at_home(verb, module.name):
                found.add(f"{module.name}.{name}")
    return sorted(name for name in found if not name.startswith(tuple(LEFT_OUT)))


def _is_at_home(verb: Any, module: str) -> bool:
    return bool(verb.__wrapped__.__module__ == module)


def _marked(error: Any, code: int) -> Exception:
    """With SQLite's own number, which its driver gives along."""
    error.sqlite_errorcode = code
    return error  # type: ignore[no-any-return]


def _of_disk(dialect: Any) -> Exception:
    return _marked(dialect.loaded_dbapi.OperationalError("disk I/O error"), SQLITE_IOERR)


def _of_rows(dialect: Any) -> Exception:
    return dialect.loaded_dbapi.IntegrityError("a rival was first")


def _of_memory(_dialect: Any) -> Exception:
    return MemoryError("no memory left")


def _of_room(_dialect: Any) -> Exception:
    return OSError(errno.ENOSPC, "No space left on device")


def _passing(dialect: Any) -> Exception:
    """What goes away by itself, as each database says it."""
    if dialect.name == "postgresql":
        return psycopg.errors.SerializationFailure("could not serialize access")
    return _marked(dialect.loaded_dbapi.OperationalError("database is locked"), SQLITE_BUSY)


KINDS: dict[str, Callable[[Any], Exception]] = {
    "disk": _of_disk, "rows": _of_rows, "memory": _of_memory, "room": _of_room,
}  # fmt: skip


class Faults:
    """Counts what it has done; `wrong` says what went wrong, in words."""

    def __init__(self, seed: int, kinds: tuple[str, ...], times: int) -> None:
        self.dice, self.kinds, self.times = random.Random(seed), kinds, times
        self.tried: Counter[str] = Counter()
        self.points = self.recovered = 0
        self.wrong: list[str] = []
        self.writes = Writes()
        self._armed: Callable[[Any], Exception] | None = None
        self._left, self._at_commit, self._thread, self._oddly = 0, False, 0, ""
        self._at_work = self._disturbed = False

    @contextmanager
    def on(self) -> Iterator[Faults]:
        """From here on no command gets through without having failed first."""
        plain = transaction._retrying

        def failing(session: Any, work: Any) -> Any:
            if self._at_work:  # what a scene's own rival writes would be taken for what a failed command left behind
                self._disturbed = True
                return plain(session, work)
            self._at_work, self._oddly = True, ""
            try:
                return first_failing(session, work)
            finally:
                self._at_work = False

        def first_failing(session: Any, work: Any) -> Any:
            will_pass = self._before(session, work, lambda: transaction._attempt(session, work, time.monotonic() + 60))
            oddly = self._oddly  # what the command says with no failure in its way; a scene may mean it to
            result = plain(session, work)
            if oddly:
                self._wrong(oddly)
            if will_pass:
                self.recovered, self._armed = self.recovered + (self._armed is None), None
            return result

        hooks = {"do_execute": self._statement, "do_executemany": self._statement, "commit": self._commit}
        for name, hook in hooks.items():
            event.listen(Engine, name, hook)
        transaction._retrying = failing
        try:
            with self.writes.watched():
                yield self
        finally:
            transaction._retrying = plain
            for name, hook in hooks.items():
                event.remove(Engine, name, hook)

    def never_failed(self) -> list[str]:
        """Commands that nobody has run yet."""
        return [name for name in commands() if name not in self.tried]

    # ---------- one command ----------

    def _before(self, session: Any, work: Any, once: Callable[[], Any]) -> bool:
        """Fail at every point; whether a failure that passes is laid for the run that counts."""
        name = _name_of(work)
        if self._armed is not None or self.tried[name] >= self.times or not _is_wanted(name) or _others_at_work():
            return False
        self.tried[name] += 1
        before = fingerprint()
        self.writes.since()
        self._disturbed = False
        points = self._every_point(name, session, once)
        if self._disturbed:  # its next run is tried instead
            self.tried[name] -= 1
            return False
        if fingerprint() != before:
            self._wrong(f"{name}: the database is not what it was")
        if points:
            self._arm(_passing, self.dice.randint(1, points))
        return bool(points)

    def _wrong(self, words: str) -> None:
        self.wrong.append(f"{words} ({_scene()})")

    def _every_point(self, name: str, session: Any, once: Callable[[], Any]) -> int:
        """Fail at each statement and at the commit; gives their number, 0 where the command refuses by itself.

        The kinds of failure take turns, and begin with another one at the command's next run. A try that makes fewer
        statements than the one before fails at its commit, so that none ever does its work.
        """
        for point in range(1, MOST_STATEMENTS):
            kind = self.kinds[(point + self.tried[name]) % len(self.kinds)]
            words = f"{name}, {kind}"
            self._arm(KINDS[kind], point)
            try:
                once()
            except Exception as failure:
                fired, self._armed = self._armed is None, None
                if not fired:
                    if not isinstance(failure, DomainError) and not troubles.passes(failure):  # it would try again
                        self._oddly = f"{words}: {type(failure).__name__}: {failure}"
                    return 0
            else:
                if self._armed is None:
                    self._wrong(f"{words}: went through in spite of a failure at statement {point}")
                self._armed = None  # it asked the database nothing
                return 0
            if self._disturbed:
                return 0
            self.points += 1
            if left := self._left_behind(session):
                self._wrong(f"{words}, statement {point}: {left}")
            if self._at_commit:
                return point
        return 0

    def _left_behind(self, session: Any) -> str:
        """What a failed try has left open or written."""
        if written := self.writes.since():
            return f"wrote to {sorted(written)}"
        if session.in_transaction() or session.new or session.dirty or session.deleted:
            return "its session still holds something"
        if transaction._NOTICES in session.info:
            return "its notices still wait"
        if transaction._one_writer._is_owned():  # type: ignore[attr-defined]  # no other way to ask a lock
            return "it still has the turn"
        return "" if db.engine.pool.checkedout() == 0 else "a connection is not given back"  # type: ignore[attr-defined]

    # ---------- the failures ----------

    def _arm(self, kind: Callable[[Any], Exception], point: int) -> None:
        self._armed, self._left, self._at_commit, self._thread = kind, point, False, threading.get_ident()

    def _statement(self, _cursor: Any, _statement: str, _parameters: Any, context: Any) -> None:
        if self._armed is None or self._thread != threading.get_ident():
            return
        self._left -= 1
        if self._left == 0:
            kind, self._armed = self._armed, None
            raise kind(context.dialect)

    def _commit(self, connection: Any) -> None:
        """The last point of all, however many statements came before it."""
        if self._armed is None or self._thread != threading.get_ident():
            return
        kind, self._armed, self._at_commit = self._armed, None, True
        failure = kind(connection.dialect)
        if isinstance(failure, connection.dialect.loaded_dbapi.IntegrityError):
            raise IntegrityError("COMMIT", {}, failure)
        if isinstance(failure, connection.dialect.loaded_dbapi.Error):
            raise OperationalError("COMMIT", {}, failure)
        raise failure


def _name_of(work: Any) -> str:
    """The command that a piece of work is; the transaction gives it wrapped."""
    held = dict(zip(work.__code__.co_freevars, work.__closure__ or (), strict=True))
    verb = held["verb"].cell_contents
    return f"{verb.__module__}.{verb.__name__}"


def _scene() -> str:
    """The test under way, as pytest names it."""
    return os.environ.get("PYTEST_CURRENT_TEST", "a history").rpartition(" (")[0] or "a history"


def _is_wanted(name: str) -> bool:
    """Commands of the app; a test's own may be made to fail already."""
    return name.startswith("app.") and not name.startswith(tuple(LEFT_OUT))


def _others_at_work() -> bool:
    """Whether threads of the app are about: what they write would be taken for what a failed command left behind."""
    return any(thread.name in BACKGROUND for thread in threading.enumerate())


def fingerprint() -> str:
    """All rows of all tables as one number."""
    digest = hashlib.blake2b()
    with db.engine.connect() as connection:
        for table in sorted(inspect(connection).get_table_names()):
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608 our own table names
            digest.update(repr((table, sorted(map(repr, rows)))).encode())
    return digest.hexdigest()
