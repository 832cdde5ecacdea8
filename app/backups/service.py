"""Taking backups: the database as of one moment and the photos, sealed when there is a key, described and signed."""

from __future__ import annotations

import shutil
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy.engine import make_url

from app.audit import service as audit
from app.backups import manifest, sealing
from app.backups.errors import BackupError, BadBackup, NotEmpty
from app.backups.keeping import superfluous
from app.backups.manifest import DATABASE, PHOTOS, Manifest
from app.backups.postgres import PostgreSQL
from app.backups.sqlite import SQLite
from app.backups.stores import Store
from app.config import Settings
from app.kernel import keyring, pictures
from app.kernel.clock import now
from app.kernel.keyring import sync
from app.privacy import erased_list

__all__ = ["BackupError", "BadBackup", "NotEmpty", "all_backups", "backup", "folder", "is_due", "prune"]

PREFIX, UNFINISHED = "linli-", ".unfinished"


def settings() -> Settings:
    found: Settings = current_app.config["LINLI"]
    return found


def store(url: str) -> Store:
    """The database at this address, as far as backups care."""
    address = make_url(url)
    return SQLite(address) if address.get_backend_name() == "sqlite" else PostgreSQL(address)


def folder() -> Path:
    return settings().backup_folder or settings().instance / "backups"


def stamp() -> str:
    return now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def backup(to: Path | None = None) -> Path:
    """Take one; gives its folder. It appears under its name only when it is whole and on the disk.

    From the first one on there is a list of erasures to be kept beside it, though nobody be on it yet.
    """
    erased_list.complete()
    target = (to or folder()) / f"{PREFIX}{stamp()}"
    if target.exists():
        raise BackupError(f"{target} is there already; wait a second")
    unfinished = target.with_name(target.name + UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    try:
        _fill(unfinished)
        for path in unfinished.iterdir():
            sync(path)
        sync(unfinished)
        unfinished.rename(target)
        sync(target.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return target


def _fill(target: Path) -> None:
    made_at = now()
    key = sealing.key_of(settings().backup_key) if settings().backup_key else None
    snapshot = store(settings().url()).dump(target / DATABASE)
    _pack_photos(target / PHOTOS)
    names = [path.name for path in target.iterdir()]
    if key is not None:
        for name in names:
            sealing.seal(target / name, target / f"{name}.sealed", key)
            (target / name).unlink()
            (target / f"{name}.sealed").rename(target / name)
    found = Manifest(
        made_at=made_at.isoformat(),
        database=make_url(settings().url()).get_backend_name(),
        snapshot=snapshot,
        files={name: manifest.described(target / name) for name in sorted(names)},
        sealed_with=sealing.name_of(key) if key is not None else None,
        data_keys=sorted(keyring.load(settings()).keys),
        public_key=audit.key().public,
    )
    manifest.write(found, target, audit.key())


def _pack_photos(target: Path) -> None:
    """All pictures but drafts. One that is removed meanwhile is left out; its row is gone or will be erased again."""
    there = pictures.folder()
    with tarfile.open(target, "w") as archive:
        for path in sorted(there.glob("*")) if there.is_dir() else ():
            if path.is_file():
                try:
                    archive.add(path, path.name)
                except FileNotFoundError:
                    continue


# ---------- which there are, which to keep ----------


def all_backups(where: Path | None = None) -> list[Path]:
    """Every finished backup, the oldest first."""
    there = where or folder()
    found = [path for path in there.glob(f"{PREFIX}*") if (path / manifest.FILE).is_file()] if there.is_dir() else []
    return sorted(path for path in found if not path.name.endswith(UNFINISHED))


def is_due() -> bool:
    """Whether the last good backup is older than the setting allows. Off where the setting is 0."""
    if not settings().backup_minutes:
        return False
    last = _moment_of_last()
    return last is None or now() - last >= timedelta(minutes=settings().backup_minutes)


def _moment_of_last() -> datetime | None:
    for path in reversed(all_backups()):
        try:
            return manifest.read(path, audit.own_keys()).moment
        except BadBackup:
            continue
    return None


def age() -> timedelta | None:
    """How old the last good backup is."""
    last = _moment_of_last()
    return None if last is None else now() - last


def prune() -> list[Path]:
    """Remove what retention no longer keeps; gives what is gone. Only whole backups of ours are looked at."""
    moments = {path: manifest.moment_of(path) for path in all_backups()}
    gone = superfluous({path: moment for path, moment in moments.items() if moment is not None})
    for path in gone:
        shutil.rmtree(path)
    return gone
