"""Putting a backup back, and drilling it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.backups import drilling, manifest, restoring, service
from app.backups.errors import BackupError, NotEmpty
from app.people import sessions
from models import AuthSession, Event, Order, db
from tests.audit.scenes import walk
from tests.backups.restoring import count_of


def test_a_backup_says_what_is_in_it(taken, orders):
    found = manifest.read(taken, audit.own_keys())
    assert found.snapshot.rows["event"] == count_of(Event) == found.snapshot.rows["audit_link"]
    assert found.snapshot.heads == audit.check().heads
    assert set(found.files) == {"database", "photos.tar"}
    assert found.data_keys and found.sealed_with is None
    assert {path.stat().st_mode & 0o077 for path in [taken]} == {0}


def test_restored_everything_acknowledged_before_is_there_and_nothing_after(taken, orders):
    rows = count_of(Event)
    walk(orders[0])
    outcome = restoring.restore(taken, over=True)
    assert outcome.ok, (outcome.audit.faults, outcome.broken)
    assert count_of(Event) == rows
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
    assert count_of(AuthSession) == 1
    restoring.restore(service.backup(), over=True)
    assert count_of(AuthSession) == 0


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
