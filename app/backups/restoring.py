"""Putting a backup back: checked whole before anything is touched, loaded beside the live database, then exchanged.

Whoever was erased since is erased again before anybody can look, which needs the list of erasures: without it nothing
is put back unless told to. All sessions end, pictures come back that a row still names, and the book of anchors says
that the database was put back on purpose, and to which heads.
"""

from __future__ import annotations

import logging
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask_migrate import upgrade as upgrade_schema
from sqlalchemy import delete
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.audit import service as audit
from app.audit.queries import Report
from app.audit.verifying import verify
from app.backups import manifest, sealing, service
from app.backups.errors import BackupError, BadBackup, NotEmpty
from app.backups.manifest import DATABASE, PHOTOS, Manifest
from app.backups.stores import plain_engine, snapshot
from app.config import ROOT
from app.integrity import invariants
from app.kernel import keyring, pictures
from app.kernel.transaction import command
from app.privacy import erased_list, erasure
from models import AuthSession, db

MIGRATIONS = str(ROOT / "migrations")
BRING_IT = (
    "Without it people erased since the backup would come back. Bring it from where its copy is kept; "
    "where there is none, --no-erasures puts the backup back without it."
)
log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What came of a restore or a drill."""

    manifest: Manifest
    erased: int = 0
    """People erased again because they were erased after the backup."""
    audit: Report = field(default_factory=Report)
    broken: dict[str, list[str]] = field(default_factory=dict)
    """Invariants that do not hold, with the offending rows."""
    seconds: float = 0.0
    before: str | None = None
    """Where the database that was replaced is kept."""

    @property
    def ok(self) -> bool:
        return self.audit.ok and not self.broken


def restore(
    source: Path,
    *,
    over: bool = False,
    upgrade: bool = False,
    into: str | None = None,
    trusted: tuple[str, ...] = (),
    no_erasures: bool = False,
) -> Outcome:
    """Put a backup where `into` or DATABASE_URL says; BackupError where that must not be."""
    url = into or service.settings().url()
    store, stamp = service.store(url), service.stamp()
    db.session.remove()
    db.engine.dispose()
    if not store.is_empty() and not over:
        raise NotEmpty("There is a database already. Stop the services, then --over puts it aside and takes its place.")
    if store.in_use():
        raise NotEmpty("Somebody has the database open. Stop every service first (systemctl stop 'linli*').")
    _complete_list()
    with loaded(source, url, upgrade=upgrade, trusted=trusted, no_erasures=no_erasures) as found:
        outcome, scratch, unpacked = found
        with _app_on(scratch):
            end_sessions()
            named = pictures.named()
        outcome.before = store.put_in_place(scratch, stamp)
        if into is None:
            _unpack_photos(unpacked / PHOTOS, named)
            audit.restart(outcome.audit.heads, f"restored from {source.name}")
    return outcome


def _complete_list() -> None:
    """Put on the list what the database to be replaced knows of erasures; one too broken to be asked says nothing."""
    if service.store(service.settings().url()).is_empty():
        return
    try:
        erased_list.complete()
    except SQLAlchemyError as error:
        log.warning("the database here could not be asked who was erased: %s", type(error).__name__)
    db.session.remove()
    db.engine.dispose()


@contextmanager
def loaded(
    source: Path, url: str, *, upgrade: bool = False, trusted: tuple[str, ...] = (), no_erasures: bool = False
) -> Iterator[tuple[Outcome, str, Path]]:
    """A checked backup in a scratch database beside `url`, brought up to date; the scratch is gone afterwards.

    Raises BackupError where the list of erasures is missing or another one's, unless `no_erasures` says to go on.
    """
    began = time.monotonic()
    found = checked(source, upgrade=upgrade, trusted=trusted)
    if not (no_erasures or erased_list.is_there()):
        raise BackupError(f"there is no list of erasures at {erased_list.path()}. {BRING_IT}")
    if found.database != make_url(url).get_backend_name():
        raise BadBackup(
            f"this is a backup of {found.database}, which cannot go into {make_url(url).get_backend_name()}"
        )
    store, outcome = service.store(url), Outcome(found)
    scratch = store.scratch(service.stamp())
    with tempfile.TemporaryDirectory(prefix="linli-restore-") as place:
        unpacked = _unsealed(source, found, Path(place))
        try:
            store.load(unpacked / DATABASE, scratch)
            _compare(found, scratch)
            with _app_on(scratch):
                _bring_up_to_date(outcome, no_erasures)
            outcome.seconds = time.monotonic() - began
            yield outcome, scratch, unpacked
        finally:
            store.drop(scratch)


def checked(source: Path, *, upgrade: bool = False, trusted: tuple[str, ...] = ()) -> Manifest:
    """The manifest of a backup whose every byte is as it was written and whose schema we know; else BadBackup."""
    found = manifest.read(source, {*trusted, *audit.own_keys()})
    manifest.check_files(found, source)
    scripts = _scripts()
    known = {script.revision for script in scripts.walk_revisions()}
    schema, head = found.snapshot.schema, scripts.get_current_head()
    if schema not in known:
        raise BadBackup(f"the backup has schema {schema}, which this Linli does not know: a newer one made it")
    if missing := sorted(set(found.data_keys) - set(keyring.load(service.settings()).keys)):
        raise BackupError(
            f"personal words in the backup need the data keys {', '.join(missing)}: bring them back first"
        )
    if schema != head and not upgrade:
        raise BadBackup(f"the backup has the old schema {schema}, and we are at {head}: --upgrade brings it up to date")
    return found


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    return ScriptDirectory.from_config(config)


def _unsealed(source: Path, found: Manifest, place: Path) -> Path:
    """The folder with the files in the clear: the backup itself where it is not sealed."""
    if found.sealed_with is None:
        return source
    if not service.settings().backup_key:
        raise BadBackup(f"the backup is sealed with the key {found.sealed_with}: set BACKUP_KEY")
    key = sealing.key_of(service.settings().backup_key)
    if sealing.name_of(key) != found.sealed_with:
        raise BadBackup(f"the backup is sealed with the key {found.sealed_with}; BACKUP_KEY is {sealing.name_of(key)}")
    for name in found.files:
        sealing.unseal(source / name, place / name, key)
    return place


def _compare(found: Manifest, scratch: str) -> None:
    """What was loaded is what was backed up, row for row and head for head."""
    engine = plain_engine(scratch)
    with engine.connect() as connection:
        there = snapshot(connection)
    if there != found.snapshot:
        wrong = [table for table, number in found.snapshot.rows.items() if there.rows.get(table) != number]
        raise BadBackup(f"what was loaded is not what was backed up: {', '.join(wrong) or 'heads or schema differ'}")


def _bring_up_to_date(outcome: Outcome, no_erasures: bool) -> None:
    """Inside the scratch database: schema, erasures, then every check there is."""
    if outcome.manifest.snapshot.schema != _scripts().get_current_head():
        upgrade_schema(directory=MIGRATIONS)
    if not (no_erasures or erased_list.belongs_here()):
        raise BackupError(f"{erased_list.path()} is the list of another database, or an older copy of it. {BRING_IT}")
    outcome.erased = erasure.reapply()
    outcome.audit = verify()
    outcome.broken = invariants.broken(ticking=False)


@contextmanager
def _app_on(url: str) -> Iterator[Any]:
    """An app of its own on another database, with the same keys and folders and nothing that ticks."""
    create_app = import_module("app").create_app
    app = create_app(replace(service.settings(), database_url=url, scheduler=False, rate_limits=False))
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@command
def end_sessions() -> None:
    """Everybody signs in again: a session ended after the backup must not live again."""
    db.session.execute(delete(AuthSession))


def _unpack_photos(archive: Path, named: set[str]) -> None:
    """Pictures that a row names and that are not there; those of people erased since have no row any more.

    Names are ours and plain, anything else is left out.
    """
    there = pictures.folder()
    there.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as packed:
        for member in packed:
            plain = member.isfile() and Path(member.name).name == member.name
            if plain and member.name in named and not (there / member.name).exists():
                packed.extract(member, there, filter="data")


__all__ = ["BackupError", "Outcome", "checked", "loaded", "restore"]
