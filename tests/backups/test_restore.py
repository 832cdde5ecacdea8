"""A backup put back is the database as it was; nothing else is ever put back."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.audit import service as audit
from app.backups import drilling, manifest, restoring, service
from app.backups.errors import BackupError, BadBackup, NotEmpty
from app.kernel.clock import now
from app.kernel.transaction import command
from app.ordering import photos
from app.ordering import service as ordering
from app.people import sessions
from app.privacy import erased_list, erasure
from models import AuthSession, Event, Order, OrderPhoto, Resident, db
from tests.audit.scenes import walk

KEY = "A" * 43 + "="
OTHER_KEY = "B" * 42 + "A="


def _count(table):
    found = db.session.scalar(select(func.count()).select_from(table))
    db.session.rollback()
    return found


def test_a_backup_says_what_is_in_it(taken, orders):
    found = manifest.read(taken, audit.own_keys())
    assert found.snapshot.rows["event"] == _count(Event) == found.snapshot.rows["audit_link"]
    assert found.snapshot.heads == audit.check().heads
    assert set(found.files) == {"database", "photos.tar"}
    assert found.data_keys and found.sealed_with is None
    assert {path.stat().st_mode & 0o077 for path in [taken]} == {0}


def test_restored_everything_acknowledged_before_is_there_and_nothing_after(taken, orders):
    rows = _count(Event)
    walk(orders[0])
    outcome = restoring.restore(taken, over=True)
    assert outcome.ok, (outcome.audit.faults, outcome.broken)
    assert _count(Event) == rows
    assert {order.id for order in db.session.scalars(select(Order))} == set(orders)
    assert outcome.before, "the database before it is kept"


def test_the_chain_goes_on_after_a_restore_and_the_book_says_what_happened(taken, orders):
    walk(orders[0])
    audit.anchor()
    restoring.restore(taken, over=True)
    report = audit.check()
    assert report.ok, report.faults
    assert report.lost == 1, "what was anchored after the backup is known to be gone"
    walk(orders[1])
    audit.anchor()
    assert audit.check().ok


def test_a_restore_that_was_not_on_purpose_is_a_tampering(taken, orders, tmp_path):
    walk(orders[0])
    audit.anchor()
    book = audit.book().path
    kept = book.read_bytes()
    restoring.restore(taken, over=True)
    book.write_bytes(kept)
    assert {fault.code for fault in audit.check().faults} == {"cut_after_anchor"}


def test_a_database_is_never_replaced_without_being_told_to(taken):
    with pytest.raises(NotEmpty, match="--over"):
        restoring.restore(taken)


def test_a_database_that_somebody_has_open_is_not_replaced(taken, app):
    import psycopg

    url = service.settings().url()
    if db.engine.dialect.name == "sqlite":
        import subprocess
        import sys

        program = "import sys; f = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
        path = url.removeprefix("sqlite:///")
        with subprocess.Popen(
            [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdout.readline().strip() == b"open"
            with pytest.raises(NotEmpty, match="open"):
                restoring.restore(taken, over=True)
            other.stdin.close()
        return
    with (
        psycopg.connect(url.replace("postgresql+psycopg", "postgresql")),
        pytest.raises(NotEmpty, match="open"),
    ):
        restoring.restore(taken, over=True)


def test_restored_into_an_empty_place_it_needs_no_permission(taken, orders, database_url, tmp_path):
    store = service.store(service.settings().url())
    empty = store.scratch("elsewhere")
    try:
        outcome = restoring.restore(taken, into=empty)
        assert outcome.ok and outcome.before is None
        assert service.store(empty).is_empty() is False
    finally:
        store.drop(empty)


def test_sessions_end_with_a_restore(orders, world):
    sessions.issue(str(world.coordinator().account_id))
    assert _count(AuthSession) == 1
    restoring.restore(service.backup(), over=True)
    assert _count(AuthSession) == 0


def test_whoever_was_erased_since_is_erased_again(orders, world):
    person = world.resident("刘奶奶")
    taken = service.backup()
    erasure.erase(str(person.account_id))
    assert erased_list.read() == [person.account_id]
    outcome = restoring.restore(taken, over=True)
    assert outcome.erased == 1
    resident = db.session.get(Resident, person.resident_id)
    assert resident.name != "刘奶奶" and resident.phone == ""
    assert outcome.audit.ok


def test_an_erasure_that_was_taken_back_is_not_done_by_a_restore(orders, world):
    person = world.resident("刘奶奶")
    erasure.ask(actor=person)
    taken = service.backup()
    erased_list.add(person.account_id)  # by an older Linli, whose line came before a commit that failed
    erasure.withdraw(person.account_id, actor=person)
    assert restoring.restore(taken, over=True).erased == 0
    assert db.session.get(Resident, person.resident_id).name == "刘奶奶"


def test_somebody_whose_line_was_lost_in_a_crash_is_erased_again_all_the_same(orders, world):
    person = world.resident("刘奶奶")
    taken = service.backup()
    kept = erased_list.path().read_text()
    erasure.erase(str(person.account_id))
    erased_list.path().write_text(kept)
    assert restoring.restore(taken, over=True).erased == 1, "the database that is replaced knew of it"
    assert erased_list.read() == [person.account_id]


# ---------- the list of erasures ----------


@pytest.fixture
def new_machine(taken, tmp_path, change):
    """An instance folder with nothing in it but the audit key, and an empty database. Gives `restore(**how)`."""
    store, key = service.store(service.settings().url()), audit.key().public
    empty = store.scratch("newmachine")
    change(instance=tmp_path / "new", database_url=empty, backup_folder=service.folder())
    yield lambda **how: restoring.restore(taken, trusted=(key,), **how)
    store.drop(empty)


def test_on_a_new_machine_the_list_is_brought_along_or_done_without_on_purpose(new_machine):
    with pytest.raises(BackupError, match=r"no list of erasures at .*erasures.jsonl.*--no-erasures"):
        new_machine()
    assert service.store(service.settings().url()).is_empty(), "nothing has been put there"
    assert new_machine(no_erasures=True).ok


def test_a_list_that_was_brought_along_is_enough_though_nobody_is_on_it(taken, new_machine, tmp_path):
    (tmp_path / "new").mkdir(exist_ok=True)
    shutil.copy(tmp_path / "erasures.jsonl", tmp_path / "new" / "erasures.jsonl")
    assert erased_list.is_there() and erased_list.read() == []
    assert new_machine().ok


def test_an_empty_file_is_no_list(new_machine):
    erased_list.path().parent.mkdir(exist_ok=True)
    erased_list.path().touch()
    with pytest.raises(BackupError, match="no list"):
        new_machine()


def test_a_list_begun_on_the_new_machine_is_not_taken_for_the_old_ones(new_machine):
    erased_list.path().parent.mkdir(exist_ok=True)
    erased_list.path().write_text('{"city": "citysomewhereelse001"}\n')
    with pytest.raises(BackupError, match="of another database"):
        new_machine()
    assert new_machine(no_erasures=True).ok


def test_an_older_copy_of_the_list_is_refused(orders, world, change, tmp_path):
    erased_list.complete()
    older = erased_list.path().read_text()
    erasure.erase(str(world.resident("刘奶奶").account_id))
    taken, store, key = service.backup(), service.store(service.settings().url()), audit.key().public
    empty = store.scratch("newmachine")
    change(instance=tmp_path / "new", database_url=empty, backup_folder=service.folder())
    erased_list.path().parent.mkdir()
    erased_list.path().write_text(older)
    try:
        with pytest.raises(BackupError, match="older copy"):
            restoring.restore(taken, trusted=(key,))
    finally:
        store.drop(empty)


def test_a_drill_needs_no_list_for_the_database_is_here(taken, world):
    erasure.erase(str(world.resident("刘奶奶").account_id))
    erased_list.path().unlink()
    assert drilling.drill().ok
    assert len(erased_list.read()) == 1, "and it has been written anew"


# ---------- pictures ----------


def _picture(name, order_id):
    photos.folder().mkdir(parents=True, exist_ok=True)
    (photos.folder() / name).write_bytes(b"picture")

    @command
    def keep():
        db.session.add(OrderPhoto(order_id=order_id, filename=name, width=1, height=1, created_at=now()))

    keep()


def test_photos_come_back_that_a_row_names(orders):
    _picture("aa.jpg", orders[0])
    (photos.folder() / "of-nobody.jpg").write_bytes(b"picture")
    taken = service.backup()
    for file in photos.folder().glob("*.jpg"):
        file.unlink()
    restoring.restore(taken, over=True)
    assert [file.name for file in photos.folder().glob("*.jpg")] == ["aa.jpg"]
    assert (photos.folder() / "aa.jpg").read_bytes() == b"picture"


def test_photos_of_people_erased_since_do_not_come_back_for_a_moment(orders, world):
    person = world.resident("刘奶奶")
    order = world.open_order(person)
    ordering.cancel(order.id, "不用了", actor=person)
    _picture("hers.jpg", order.id)
    taken = service.backup()
    erasure.erase(str(person.account_id))
    assert not (photos.folder() / "hers.jpg").exists()
    assert restoring.restore(taken, over=True).erased == 1
    assert not (photos.folder() / "hers.jpg").exists()


# ---------- what is refused ----------


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


def test_a_damaged_or_altered_backup_is_refused_and_nothing_is_touched(taken, tmp_path):
    rows = _count(Event)
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
    assert _count(Event) == rows


def test_a_backup_signed_elsewhere_is_refused_until_its_key_is_trusted(taken, trusted_elsewhere):
    with pytest.raises(BadBackup, match="does not know"):
        restoring.restore(taken, over=True)
    assert restoring.restore(taken, over=True, trusted=(trusted_elsewhere,)).ok


def _with_schema(change_to):
    def changed(folder):
        found = manifest.read(folder, audit.own_keys())
        other = manifest.Snapshot(change_to, found.snapshot.rows, found.snapshot.heads, found.snapshot.last_event_at)
        manifest.write(manifest.Manifest(**{**vars(found), "snapshot": other}), folder, audit.key())

    return changed


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

    rows = _count(Event)
    db.session.remove()
    downgrade(directory=restoring.MIGRATIONS, revision="0008")
    taken = service.backup()
    with pytest.raises(BadBackup, match="old schema 0008"):
        restoring.restore(taken, over=True)
    outcome = restoring.restore(taken, over=True, upgrade=True)
    assert outcome.audit.ok and _count(Event) == rows
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


# ---------- sealed ----------


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


# ---------- the drill ----------


def test_a_drill_checks_everything_and_leaves_no_trace_but_its_line(taken, orders):
    walk(orders[0], rounds=2)
    before = audit.check().heads
    done = drilling.drill()
    assert done.ok and done.source == taken
    assert done.lost == 4 and done.outcome.seconds > 0
    assert audit.check().heads == before
    line = json.loads((service.folder() / drilling.FILE).read_text())
    assert line["ok"] and line["lost_rows"] == 4
    assert drilling.last_good() is not None


def test_a_drill_without_a_backup_says_so(orders):
    with pytest.raises(BackupError, match="no backup"):
        drilling.drill()
    assert drilling.last_good() is None


def test_an_unfinished_backup_is_none(taken):
    shutil.copytree(taken, taken.with_name(f"{taken.name}.unfinished"))
    assert service.all_backups() == [taken]
