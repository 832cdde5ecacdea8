"""Is this server fit to serve? Unsafe settings are refused here, not discovered after a crash."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app import vendor
from app.config import ROOT
from app.kernel import troubles
from app.kernel.clock import now
from models import Event, Offer, Order, Outbox, SubjectKey, db
from models.base import SAFE_WAL_VERSION
from models.keyring import BadKeys, keyring
from models.states import OFFER_LIVE, ORDER_MAY_SLEEP

LEAST_FREE_SHARE = 0.05
LATE = timedelta(seconds=60)
MOST_SKEW = 2.0
"""Seconds by which this machine's clock may differ from the database's."""
KEPT_SECONDS = 1.0
"""So long an answer is given again: anybody may ask, and asking must not become a burden."""
_EXTENSION = "linli_health"


@dataclass(frozen=True)
class Check:
    """What was looked at. One that may fail only degrades the service; any other must hold before people are sent."""

    name: str
    ok: bool
    detail: str
    may_fail: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def is_draining() -> bool:
    """Whether this process was told to stop: whoever sends people here should send them elsewhere."""
    return bool(current_app.extensions.get(_EXTENSION, {}).get("draining"))


def drain() -> None:
    current_app.extensions.setdefault(_EXTENSION, {})["draining"] = True


def checks() -> list[Check]:
    """Every check, looked at now."""
    found = [_database()]
    if found[0].ok:
        found += [_asked(one) for one in (_schema, _durability, _clock, _keys, _ticking, _outbox)]
    return [*found, _disk(), _files(), _libraries(), _storage(), _bus(), _staying()]


def recent() -> list[Check]:
    """The same, at most a second old."""
    kept = current_app.extensions.setdefault(_EXTENSION, {})
    if time.monotonic() - kept.get("at", float("-inf")) > KEPT_SECONDS or is_draining():
        kept["checks"], kept["at"] = checks(), time.monotonic()
    found: list[Check] = kept["checks"]
    return found


def _asked(check: Callable[[], Check]) -> Check:
    """One that could not be looked at has failed, and the others are looked at all the same."""
    try:
        return check()
    except SQLAlchemyError as error:
        return Check(check.__name__.strip("_"), False, type(error).__name__)
    finally:
        db.session.rollback()


def _database() -> Check:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        db.session.rollback()
        return Check("database", False, type(error).__name__)
    return Check("database", True, db.engine.dialect.name)


@cache
def _wanted_schema() -> str:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return str(ScriptDirectory.from_config(config).get_current_head())


def _schema() -> Check:
    try:
        present = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        db.session.rollback()
        present = None
    wanted = _wanted_schema()
    return Check("schema", present == wanted, f"{present} of {wanted}; mend with: flask --app wsgi setup")


def _durability() -> Check:
    """Settings under which an acknowledged write can be lost are not accepted."""
    return _durability_of_sqlite() if db.engine.dialect.name == "sqlite" else _durability_of_postgresql()


def _durability_of_sqlite() -> Check:
    names = ("synchronous", "foreign_keys", "journal_mode")
    level, keys, journal = (db.session.scalar(text(f"PRAGMA {name}")) for name in names)
    version = str(db.session.scalar(text("SELECT sqlite_version()")))
    safe_wal = tuple(int(part) for part in version.split(".")) >= SAFE_WAL_VERSION
    sound = journal in {"delete", "truncate", "persist"} or (journal == "wal" and safe_wal)
    words = f"synchronous={level}, foreign_keys={keys}, journal_mode={journal}, SQLite {version}"
    return Check("durability", level >= 2 and keys == 1 and sound, words)


def _durability_of_postgresql() -> Check:
    names = ("synchronous_commit", "fsync", "full_page_writes")
    settings = {name: str(db.session.scalar(text(f"SHOW {name}"))) for name in names}
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    endless = [name for name in limits if db.session.scalar(text(f"SHOW {name}")) == "0"]
    words = ", ".join(f"{name}={value}" for name, value in settings.items())
    words += f"; without a limit: {', '.join(endless)}" if endless else ""
    return Check("durability", "off" not in settings.values() and not endless, words)


def _clock() -> Check:
    """This machine and the database agree what time it is, and nothing in the journal lies ahead."""
    latest: datetime | None = db.session.scalar(select(func.max(Event.at)))
    ahead = (latest - now()).total_seconds() if latest is not None else 0.0
    skew = 0.0
    if db.engine.dialect.name != "sqlite":
        there: datetime = db.session.scalar(text("SELECT clock_timestamp()"))
        skew = abs((there - now()).total_seconds())
    ok = skew <= MOST_SKEW and ahead <= MOST_SKEW
    words = f"{skew:.1f} s from the database's clock" + (f"; the journal is {ahead:.0f} s ahead" if ahead > 0 else "")
    return Check("clock", ok, words, may_fail=True)


def _keys() -> Check:
    """Every key that personal data are sealed with can be opened."""
    used = set(db.session.scalars(select(SubjectKey.version).where(SubjectKey.wrapped.is_not(None)).distinct()))
    try:
        missing = used - set(keyring().keys)
    except (BadKeys, OSError) as error:
        return Check("data keys", False, type(error).__name__)
    return Check("data keys", not missing, f"missing: {', '.join(sorted(missing))}" if missing else "present")


def _ticking() -> Check:
    """Somebody does what is due."""
    late = now() - LATE
    orders = select(func.count()).where(Order.next_action_at < late, Order.status.not_in(ORDER_MAY_SLEEP))
    offers = select(func.count()).where(Offer.status.in_(OFFER_LIVE), Offer.expires_at < late)
    overdue = (db.session.scalar(orders) or 0) + (db.session.scalar(offers) or 0)
    return Check("ticking", not overdue, f"{overdue} overdue by more than a minute", may_fail=True)


def _outbox() -> Check:
    oldest: datetime | None = db.session.scalar(select(func.min(Outbox.created_at)).where(Outbox.spread_at.is_(None)))
    seconds = (now() - oldest).total_seconds() if oldest is not None else 0.0
    return Check("outbox", seconds <= LATE.total_seconds(), f"the oldest waits for {seconds:.0f} s", may_fail=True)


def _folders() -> set[str]:
    """Where this process writes: the instance folder, and the database file's own."""
    folders = {str(current_app.config["LINLI"].instance)}
    if db.engine.dialect.name == "sqlite" and db.engine.url.database:
        folders.add(os.path.dirname(os.path.abspath(db.engine.url.database)))
    return {folder for folder in folders if os.path.isdir(folder)}


def _disk() -> Check:
    usages = [shutil.disk_usage(folder) for folder in _folders()]
    share = min((usage.free / usage.total for usage in usages if usage.total), default=1.0)
    return Check("disk", share > LEAST_FREE_SHARE, f"{share:.0%} free")


def _files() -> Check:
    """Room for new files: a disk can run out of inodes with half its bytes free. Some file systems do not count."""
    counts = [os.statvfs(folder) for folder in _folders()] if hasattr(os, "statvfs") else []
    share = min((one.f_favail / one.f_files for one in counts if one.f_files), default=1.0)
    return Check("files", share > LEAST_FREE_SHARE, f"room for {share:.0%} of the files it can hold", may_fail=True)


def _libraries() -> Check:
    missing = vendor.missing()
    return Check("libraries", not missing, f"missing {', '.join(missing)}" if missing else "present", may_fail=True)


def _storage() -> Check:
    since = troubles.lasting().get(troubles.STORAGE)
    words = f"nothing can be written since {since:%Y-%m-%d %H:%M} UTC" if since else "takes what is written"
    return Check("storage", since is None, words, may_fail=True)


def _bus() -> Check:
    since = troubles.lasting().get(troubles.BUS)
    words = f"message queue away since {since:%Y-%m-%d %H:%M} UTC: pages poll" if since else "pages are told at once"
    return Check("messages", since is None, words, may_fail=True)


def _staying() -> Check:
    return Check("staying", not is_draining(), "told to stop" if is_draining() else "serving")
