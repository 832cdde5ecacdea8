"""Backups that are damaged, altered, of strangers, of another schema or without their keys."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import text

from app.audit import service as audit
from app.backups import drilling, manifest, restoring, service
from app.backups.errors import BackupError, BadBackup
from models import Event, db
from tests.backups.restoring import count_of

KEY = "A" * 43 + "="
OTHER_KEY = "B" * 42 + "A="


def _alter(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1
    path.write_bytes(bytes(content))


def _edit(folder: Path, **changes: object) -> None:
    path = folder / manifest.FILE
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, **changes}))


DAMAGES = {
    "one bit of the database": lambda folder: _alter(folder / "database", 12_345),
    "one bit at its end": lambda folder: _alter(folder / "database", -1),
    "cut short": lambda folder: (folder / "database").write_bytes((folder / "database").read_bytes()[:-1000]),
    "something added": lambda folder: (folder / "database").write_bytes((folder / "database").read_bytes() + b"x"),
    "a file missing": lambda folder: (folder / "photos.tar").unlink(),
    "photos altered": lambda folder: _alter(folder / "photos.tar", 300),
    "the manifest missing": lambda folder: (folder / manifest.FILE).unlink(),
    "the manifest cut short": lambda folder: (folder / manifest.FILE).write_text("{"),
    "the manifest no manifest": lambda folder: (folder / manifest.FILE).write_text("[]"),
    "sums made to fit": lambda folder: _edit(folder, files={"database": manifest.described(folder / "database")}),
    "another moment": lambda folder: _edit(folder, made_at="2020-01-01T00:00:00+00:00"),
    "somebody else's key": lambda folder: _edit(folder, public_key=KEY),
    "a word that is none of ours": lambda folder: _edit(folder, more=1),
    "a file elsewhere": lambda folder: _edit(folder, files={"../x": {"bytes": 1, "sha256": ""}}),
}


def _with_schema(change_to):
    def changed(folder):
        found = manifest.read(folder, audit.own_keys())
        other = manifest.Snapshot(change_to, found.snapshot.rows, found.snapshot.heads, found.snapshot.last_event_at)
        manifest.write(manifest.Manifest(**{**vars(found), "snapshot": other}), folder, audit.key())

    return changed


def test_a_damaged_or_altered_backup_is_refused_and_nothing_is_touched(taken, tmp_path):
    rows = count_of(Event)
    for number, (what, damage) in enumerate(DAMAGES.items()):
        copy = tmp_path / f"damaged-{number}"
        shutil.copytree(taken, copy)
        damage(copy)
        for put_back in (lambda: restoring.restore(copy, over=True), lambda: drilling.drill(copy)):  # noqa: B023
            try:
                put_back()
            except BadBackup:
                continue
            pytest.fail(f"put back in spite of {what}")
    assert count_of(Event) == rows


def test_a_backup_signed_elsewhere_is_refused_until_its_key_is_trusted(taken, trusted_elsewhere):
    with pytest.raises(BadBackup, match="does not know"):
        restoring.restore(taken, over=True)
    assert restoring.restore(taken, over=True, trusted=(trusted_elsewhere,)).ok


def test_a_backup_of_a_schema_we_do_not_know_is_refused(taken):
    _with_schema("9999")(taken)
    with pytest.raises(BadBackup, match="newer"):
        restoring.restore(taken, over=True, upgrade=True)


def test_a_backup_of_another_schema_than_it_says_is_refused(taken):
    _with_schema("0003")(taken)
    with pytest.raises(BadBackup, match="old schema 0003"):
        restoring.restore(taken, over=True)
    with pytest.raises(BadBackup, match="not what was backed up"):
        restoring.restore(taken, over=True, upgrade=True)


def test_a_backup_of_an_older_schema_is_brought_up_to_date_when_asked(orders):
    from flask_migrate import downgrade

    rows = count_of(Event)
    db.session.remove()
    downgrade(directory=restoring.MIGRATIONS, revision="0008")
    taken = service.backup()
    with pytest.raises(BadBackup, match="old schema 0008"):
        restoring.restore(taken, over=True)
    outcome = restoring.restore(taken, over=True, upgrade=True)
    assert outcome.audit.ok and count_of(Event) == rows
    assert db.session.scalar(text("SELECT version_num FROM alembic_version")) != "0008"


def test_a_backup_whose_data_keys_are_gone_is_refused(taken):
    found = manifest.read(taken, audit.own_keys())
    manifest.write(manifest.Manifest(**{**vars(found), "data_keys": ["v9"]}), taken, audit.key())
    with pytest.raises(BackupError, match="v9"):
        restoring.restore(taken, over=True)


def test_a_file_with_a_path_in_the_photos_goes_nowhere(taken, tmp_path):
    with tarfile.open(taken / "photos.tar", "w") as archive:
        for name in ("../escaped.jpg", "/tmp/escaped.jpg", "a/b.jpg"):  # noqa: S108 - never written
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    found = manifest.read(taken, audit.own_keys())
    files = {name: manifest.described(taken / name) for name in found.files}
    manifest.write(manifest.Manifest(**{**vars(found), "files": files}), taken, audit.key())
    before = set(tmp_path.rglob("*.jpg"))
    restoring.restore(taken, over=True)
    assert set(tmp_path.rglob("*.jpg")) == before


def test_a_sealed_backup_opens_with_its_key_only(orders, change):
    change(backup_key=KEY)
    taken = service.backup()
    assert b"SQLite format" not in (taken / "database").read_bytes()
    assert b"PGDMP" not in (taken / "database").read_bytes()
    change(backup_key="")
    with pytest.raises(BadBackup, match="set BACKUP_KEY"):
        restoring.restore(taken, over=True)
    change(backup_key=OTHER_KEY)
    with pytest.raises(BadBackup, match="BACKUP_KEY is"):
        restoring.restore(taken, over=True)
    change(backup_key="short")
    with pytest.raises(BackupError, match="32 bytes"):
        restoring.restore(taken, over=True)
    change(backup_key=KEY)
    assert restoring.restore(taken, over=True).ok


def test_an_unfinished_backup_is_none(taken):
    shutil.copytree(taken, taken.with_name(f"{taken.name}.unfinished"))
    assert service.all_backups() == [taken]
