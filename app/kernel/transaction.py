"""One command = one transaction: begun, retried and committed here and nowhere else.

A verb marked `@command` runs inside a write transaction. A command called by a command joins it. What the command
announced is told to listeners only after the commit; a listener that fails is logged and undoes nothing.
On SQLite the read transaction of the request is ended first and the write begins IMMEDIATE: a reader that turns into
a writer fails at once in spite of any busy timeout.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.kernel import chain, troubles
from app.kernel.errors import Conflict, Unavailable
from app.kernel.troubles import first_line
from models import db
from models.base import Base

P = ParamSpec("P")
R = TypeVar("R")
Listener = Callable[[Any], None]

CLASH_RETRIES = 3
"""How often a command is tried again after a constraint refused what another writer got first."""

log = logging.getLogger(__name__)
_listeners: list[Listener] = []
_one_writer = threading.RLock()
_NOTICES = "linli_notices"
_BECAME = text("SELECT pg_xact_status(CAST(:number AS xid8))")
NOT_YET = "22023"
"""What PostgreSQL says of a transaction number that it has not given out: a crash took it back, uncommitted."""


def command(verb: Callable[P, R]) -> Callable[P, R]:
    """Make a service verb a command. It must be safe to run again from its arguments alone.

    TypeError for an argument that can be read only once: the second try would find it empty, and do nothing.
    """

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        session = db.session()
        if _NOTICES in session.info:
            return verb(*args, **kwargs)
        if any(isinstance(one, Iterator) for one in (*args, *kwargs.values())):
            raise TypeError(f"{verb.__name__} may be tried again and needs a list in place of an iterator")
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
    until, clashes, attempt = time.monotonic() + troubles.patience(), 0, 0
    while True:
        try:
            return _attempt(session, work, until)
        except IntegrityError as error:
            clashes += 1
            if clashes > CLASH_RETRIES:
                log.warning("gave up after %s clashes: %s", clashes, first_line(error.orig))
                raise Conflict() from error
        except (DBAPIError, PoolTimeout) as error:
            if not troubles.passes(error) or time.monotonic() > until:
                raise troubles.told(error) from error
            log.info("trying again: %s", first_line(getattr(error, "orig", error)))
        attempt += 1
        troubles.pause(attempt)


def _attempt(session: Session, work: Callable[[], R], until: float) -> R:
    with _transaction(session, until) as notices:
        result = work()
        chain.link(session)
        session.flush()
        kept, number = _identities(result), _number_of(session)
        try:
            session.commit()
        except DBAPIError as error:
            if number is None or not error.connection_invalidated or not _was_committed(session, number, until):
                raise
            result = _found_again(session, result, kept)
    troubles.over(troubles.STORAGE)
    troubles.over(troubles.DATABASE)
    _tell(notices)
    return result


@contextmanager
def _transaction(session: Session, until: float) -> Iterator[list[Any]]:
    """A write transaction, begun; rolled back if what happens in it goes wrong. It does not commit."""
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside a command")
    session.rollback()
    with _turn(until) if db.engine.dialect.name == "sqlite" else nullcontext():
        notices: list[Any] = []
        session.info[_NOTICES] = notices
        try:
            session.connection(execution_options={"writing": True})
            chain.expect(session)
            yield notices
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop(_NOTICES, None)


@contextmanager
def _turn(until: float) -> Iterator[None]:
    """SQLite has one writer: threads of this process wait for one another here, in peace, but not for ever."""
    if not _one_writer.acquire(timeout=max(0.0, until - time.monotonic())):
        raise Unavailable()
    try:
        yield
    finally:
        _one_writer.release()


# ---------- a commit nobody answered ----------


def _number_of(session: Session) -> str | None:
    """PostgreSQL's number of this transaction, by which the server can be asked later what became of it."""
    if db.engine.dialect.name == "sqlite":
        return None
    return session.scalar(text("SELECT CAST(pg_current_xact_id_if_assigned() AS TEXT)"))


def _was_committed(session: Session, number: str, until: float) -> bool:
    """The connection broke while the commit was under way: ask the server, once it is back, which of the two it was.

    Raises Unavailable when it does not come back in time: then nobody knows, and only the same key is safe.
    """
    session.rollback()
    attempt = 0
    while time.monotonic() < until:
        attempt += 1
        troubles.pause(attempt)
        try:
            with db.engine.connect() as connection:
                became = connection.scalar(_BECAME, {"number": number})
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == NOT_YET:
                return False
            log.info("asking again what became of a commit: %s", first_line(error.orig))
        else:
            if became != "in progress":
                log.warning("a commit was cut off: %s", became)
                return bool(became == "committed")
    raise Unavailable()


def _identities(result: Any) -> Any:
    """Which row a command gives back, while it still knows."""
    state = inspect(result, raiseerr=False) if isinstance(result, Base) else None
    return (type(result), state.identity) if state is not None else None


def _found_again(session: Session, result: R, kept: Any) -> R:
    """The row that was committed, read afresh; anything but a row is as good as before."""
    return session.get_one(kept[0], kept[1]) if kept is not None else result


def _tell(notices: list[Any]) -> None:
    for notice in notices:
        for listener in _listeners:
            try:
                listener(notice)
            except Exception:
                log.exception("a listener failed on %r", notice)
