"""Backups of SQLite: one file, copied with VACUUM INTO, for a plain copy of a live database is a broken one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from app.backups.errors import BackupError, BadBackup
from app.backups.manifest import Snapshot
from app.backups.stores import plain_engine, snapshot
from app.kernel.keyring import sync

BESIDE = ("-wal", "-shm", "-journal")


class SQLite:
    """The file of this address."""

    def __init__(self, url: URL) -> None:
        self.url, self.path = url, _path(url)

    def dump(self, target: Path) -> Snapshot:
        if not self.path.is_file():
            raise BackupError(f"there is no database at {self.path}")
        _ask(self.url, lambda cursor: cursor.execute("VACUUM INTO ?", (str(target),)))
        with plain_engine(self.url.set(database=str(target))).connect() as connection:
            found = snapshot(connection)
        for ending in BESIDE:
            Path(f"{target}{ending}").unlink(missing_ok=True)
        return found

    def load(self, source: Path, scratch: str) -> None:
        path = _path(make_url(scratch))
        shutil.copyfile(source, path)
        path.chmod(0o600)
        found = _ask(make_url(scratch), lambda cursor: cursor.execute("PRAGMA integrity_check(1)").fetchone())
        if found is None or found[0] != "ok":
            raise BadBackup(f"the database in the backup is damaged: {found}")

    def scratch(self, stamp: str) -> str:
        beside = self.path.with_name(f"{self.path.name}.restore-{stamp}")
        return self.url.set(database=str(beside)).render_as_string(hide_password=False)

    def is_empty(self) -> bool:
        tables = "SELECT 1 FROM sqlite_master LIMIT 1"
        return not self.path.exists() or not _ask(self.url, lambda cursor: cursor.execute(tables).fetchone())

    def in_use(self) -> bool:
        """As far as Linux lets us see: another process has the file open."""
        return str(self.path.resolve()) in _open_files()

    def put_in_place(self, scratch: str, stamp: str) -> str | None:
        before = self.path.with_name(f"{self.path.name}.before-{stamp}") if self.path.exists() else None
        fresh = make_url(scratch)
        _fold_in(fresh)
        if before is not None:
            _fold_in(self.url)
            os.replace(self.path, before)
        _clear_beside(self.path)
        os.replace(_path(fresh), self.path)
        sync(self.path)
        sync(self.path.parent)
        return str(before) if before is not None else None

    def drop(self, scratch: str) -> None:
        path = _path(make_url(scratch))
        path.unlink(missing_ok=True)
        _clear_beside(path)


def _path(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise BackupError("a database in memory cannot be backed up")
    return Path(url.database)


def _fold_in(url: URL) -> None:
    """The write-ahead log into the file: from here on the file alone is the database."""
    _ask(url, lambda cursor: cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
    _clear_beside(_path(url))


def _clear_beside(path: Path) -> None:
    for ending in BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _ask(url: URL, ask: Callable[[Any], Any]) -> Any:
    """Outside any transaction, where VACUUM and the checkpoint run."""
    engine = plain_engine(url)
    try:
        connection = engine.raw_connection()
        try:
            return ask(connection.cursor())
        finally:
            connection.close()
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
        raise BadBackup(f"SQLite says: {error}") from error


def _open_files() -> set[str]:
    """Every file that other processes have open, of those we may look into."""
    found: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended, or belongs to somebody else
            if process.name != str(os.getpid()):
                found.update(os.readlink(link) for link in (process / "fd").iterdir())
    return found
