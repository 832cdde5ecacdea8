"""One command = one transaction: begun, retried and committed here and nowhere else.

A verb marked `@command` runs inside a write transaction. A command called by a command joins it. What the command
announced is told to listeners only after the commit; a listener that fails is logged and undoes nothing.
On SQLite the read transaction of the request is ended first and the write begins IMMEDIATE: a reader that turns into
a writer fails at once in spite of any busy timeout.
"""

from __future__ import annotations

import functools
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.kernel.errors import Conflict, Unavailable
from models import db

P = ParamSpec("P")
R = TypeVar("R")
Listener = Callable[[Any], None]

RETRY_SECONDS = 10.0
"""How long a command outlasts a busy or restarting database before it says so."""
CLASH_RETRIES = 3
"""How often a command is tried again after a constraint refused what another writer got first."""

log = logging.getLogger(__name__)
_listeners: list[Listener] = []
_one_writer = threading.RLock()
_NOTICES = "linli_notices"


def command(verb: Callable[P, R]) -> Callable[P, R]:
    """Make a service verb a command. It must be safe to run again from its arguments alone."""

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        session = db.session()
        if _NOTICES in session.info:
            return verb(*args, **kwargs)
        return _retrying(session, lambda: verb(*args, **kwargs))

    return run


def announce(notice: Any) -> None:
    """Tell the listeners once the command has been committed."""
    db.session().info[_NOTICES].append(notice)


def forget_announced() -> None:
    """Tell nobody what this command has announced so far: it made up the past."""
    db.session().info[_NOTICES].clear()


def on_committed(listener: Listener) -> Listener:
    """Register a listener for everything announced."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def _retrying(session: Session, work: Callable[[], R]) -> R:
    deadline, clashes = time.monotonic() + RETRY_SECONDS, 0
    while True:
        try:
            with _transaction(session) as notices:
                result = work()
        except IntegrityError as error:
            clashes += 1
            if clashes > CLASH_RETRIES:
                log.warning("gave up after %s clashes: %s", clashes, first_line(error.orig))
                raise Conflict() from error
        except DBAPIError as error:
            if not _passes(error):
                raise
            if time.monotonic() > deadline:
                raise Unavailable() from error
            log.info("trying again: %s", first_line(error.orig))
        else:
            _tell(notices)
            return result
        time.sleep(random.uniform(0.005, 0.1))


def first_line(error: object) -> str:
    """What the database complains of. The lines after it quote the row, and rows hold people."""
    return str(error).strip().partition("\n")[0]


def _passes(error: DBAPIError) -> bool:
    """Whether the trouble is of the kind that goes away: locks, deadlocks, a restarting server."""
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in {"40001", "40P01", "55P03"} or state[:2] in {"08", "57"}:
        return True
    return isinstance(error, OperationalError) and (state == "" or "locked" in str(error.orig))


@contextmanager
def _transaction(session: Session) -> Iterator[list[Any]]:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside a command")
    session.rollback()
    with _one_writer if db.engine.dialect.name == "sqlite" else nullcontext():
        notices: list[Any] = []
        session.info[_NOTICES] = notices
        try:
            session.connection(execution_options={"writing": True})
            yield notices
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop(_NOTICES, None)


def _tell(notices: list[Any]) -> None:
    for notice in notices:
        for listener in _listeners:
            try:
                listener(notice)
            except Exception:
                log.exception("a listener failed on %r", notice)
