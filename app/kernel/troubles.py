"""What goes wrong below us: what passes by itself, what means that nothing more can be kept, and what lasts now."""

from __future__ import annotations

import errno
import logging
import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from flask import current_app, has_request_context, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.kernel.clock import now
from app.kernel.errors import StorageFull, Unavailable
from models import db

R = TypeVar("R")
LONGEST_PAUSE = 0.5
SHORT_PATIENCE = 1.0
"""Seconds that anybody still waits for a database that others have waited for in vain."""

DATABASE = "database"
"""It has not answered for longer than anybody should wait."""

STORAGE = "storage"
"""Nothing can be written: the disk is full or read-only."""
BUS = "bus"
"""The message queue between server processes is gone."""

_BUSY = {5, 6, 15}  # SQLITE_BUSY, LOCKED, PROTOCOL
_FULL = {8, 10, 13, 14}  # SQLITE_READONLY, IOERR, FULL, CANTOPEN
_FULL_WORDS = ("disk is full", "disk i/o error", "readonly database", "unable to open database file")
_PASSING_STATES = {"40001", "40P01", "55P03", "25006", "53300"}  # serialization, deadlock, lock, standby, connections
_PASSING_CLASSES = {"08", "57"}  # connection, operator intervention
_FULL_STATES = {"53100", "58030"}  # disk full, I/O error
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_since: dict[str, datetime] = {}
log = logging.getLogger(__name__)


def first_line(error: object) -> str:
    """What the database complains of. The lines after it quote the row, and rows hold people."""
    return str(error).strip().partition("\n")[0]


def passes(error: Exception) -> bool:
    """Whether the trouble is of the kind that goes away: locks, deadlocks, a full pool, a restarting server."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError) or is_full(error):
        return False
    if error.connection_invalidated:
        return True
    state, code = _state(error), _code(error)
    if state in _PASSING_STATES or state[:2] in _PASSING_CLASSES or code in _BUSY:
        return True
    words = str(error.orig)
    return isinstance(error, OperationalError) and not code and (not state or "locked" in words or "busy" in words)


def is_full(error: BaseException) -> bool:
    """Whether there is no room left to write, or nobody may write."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    if not isinstance(error, DBAPIError):
        return False
    if _state(error) in _FULL_STATES or _code(error) in _FULL:
        return True
    return not _state(error) and any(words in str(error.orig).lower() for words in _FULL_WORDS)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _code(error: DBAPIError) -> int:
    """SQLite's primary result code; 0 for other databases and for drivers that do not tell."""
    return (getattr(error.orig, "sqlite_errorcode", None) or 0) & 0xFF


def told(error: Exception) -> Exception:
    """The trouble in words of the domain, for people; what is none of ours stays as it is."""
    if is_full(error):
        begin(STORAGE)
        return StorageFull()
    if not passes(error):
        return error
    if _is_gone(error):
        begin(DATABASE)
    return Unavailable()


def _is_gone(error: Exception) -> bool:
    """Not busy: away."""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or _state(error)[:2] in _PASSING_CLASSES or not (_state(error) or _code(error))


def pause(attempt: int) -> None:
    """Wait a little before the next try, longer and at random, so that those who wait do not come back together."""
    time.sleep(random.uniform(0.005, min(LONGEST_PAUSE, 0.1 * 2 ** min(attempt, 8))))


def patience() -> float:
    """Seconds for which a read or a command outlasts a busy or restarting database before it says so."""
    return SHORT_PATIENCE if DATABASE in _since else float(current_app.config["LINLI"].patience)


def deadline() -> float:
    """When this request stops waiting for the database: one span for all its reads together."""
    if not has_request_context():
        return time.monotonic() + patience()
    return float(request.environ.setdefault("linli.deadline", time.monotonic() + patience()))


def patiently(read: Callable[[], R]) -> R:
    """Read, and read again while the database restarts; raises Unavailable when the patience is over."""
    until, attempt = deadline(), 0
    while True:
        try:
            found = read()
            over(DATABASE)
            return found
        except (DBAPIError, PoolTimeout) as error:
            db.session.rollback()
            if not passes(error) or time.monotonic() > until:
                raise told(error) from error
            attempt += 1
            pause(attempt)


def let_go(_error: BaseException | None) -> None:
    """The end of a request: what it still held of the database is given back, even on a line that broke meanwhile.

    Its answer is made by then, and what it says may have been committed: no failure of tidying up may replace it.
    """
    try:
        db.session.rollback()
    except DBAPIError as error:
        log.warning("a line broke after the answer was made: %s", first_line(error.orig))
        db.session().invalidate()


# ---------- what lasts ----------


def begin(what: str) -> None:
    """Something is wrong in this process from now on, until `over`."""
    if what not in _since:
        _since[what] = now()
        log.error("trouble begins: %s", what)


def over(what: str) -> None:
    """It is right again."""
    if _since.pop(what, None) is not None:
        log.warning("trouble is over: %s", what)


def lasting() -> dict[str, datetime]:
    """What is wrong now, with the moment since when."""
    return dict(_since)
