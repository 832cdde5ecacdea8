"""Every journal row is linked by the command that wrote it, and the database itself keeps both as written."""

from __future__ import annotations

import threading

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import delete, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from app.audit.verifying import verify
from app.config import ROOT
from app.kernel.access import SYSTEM
from app.kernel.journal import record
from app.kernel.locks import locked_order
from app.kernel.transaction import command
from models import AuditLink, Event, db
from models.audit import unguarded
from models.kinds import EventKind
from tests.audit.scenes import blank, journal, note, sign_in, walk

FOLDER = str(ROOT / "migrations")


def _codes(report):
    return {fault.code for fault in report.faults}


def test_a_command_links_its_rows_to_the_chains_of_their_offices_in_their_order(world):
    orders = journal(world)
    report = verify()
    assert report.ok, report.faults
    assert report.links == db.session.query(Event).count()
    assert set(report.heads) == {"", *(world.ids[name] for name in ("station", "neighbour", "far"))}
    linked = select(Event.version).join(AuditLink, AuditLink.event_number == Event.number).order_by(AuditLink.seq)
    for order_id in orders:
        versions = db.session.scalars(linked.where(Event.order_id == order_id)).all()
        assert versions == list(range(1, len(versions) + 1))


def test_a_command_that_fails_leaves_no_link(world):
    order_id = world.open_order().id
    before = verify().heads

    @command
    def note_then_fail():
        record(locked_order(order_id), EventKind.ORDER_NOTE, actor=SYSTEM, words="不会留下")
        db.session.flush()
        raise ValueError("after the flush")

    with pytest.raises(ValueError, match="after the flush"):
        note_then_fail()
    assert verify().heads == before and verify().ok


def test_a_row_undone_with_its_savepoint_is_not_linked(world):
    order_id = world.open_order().id
    links = verify().links

    @command
    def half_undone():
        inner = db.session.begin_nested()
        record(db.session.get(type(locked_order(order_id)), order_id).office, EventKind.OFFICE_SETTING, actor=SYSTEM)
        db.session.flush()
        inner.rollback()
        record(locked_order(order_id), EventKind.ORDER_NOTE, actor=SYSTEM, words="留下")

    half_undone()
    report = verify()
    assert report.ok, report.faults
    assert report.links == links + 1


def test_many_at_once_in_one_office_make_one_chain_without_a_gap(world, app):
    orders = [world.open_order().id for _ in range(4)]
    db.session.rollback()
    failures = []

    def work(order_id):
        with app.app_context():
            try:
                for _ in range(5):
                    walk(order_id)
            except Exception as error:
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(order_id,)) for order_id in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = verify()
    assert not failures
    assert report.ok, report.faults
    assert report.links == db.session.query(Event).count()


# ---------- the database keeps what was written ----------

REFUSED = [
    delete(Event),
    update(Event).values(kind="order.close"),
    update(Event).values(actor_id=None),
    update(Event).values(order_id=None, version=None),
    update(Event).values(number=Event.number + 1000),
    delete(AuditLink),
    update(AuditLink).values(hash="0" * 64),
    update(AuditLink).values(seq=AuditLink.seq + 1),
]


@pytest.mark.parametrize("statement", REFUSED, ids=lambda one: str(one).replace("\n", " ")[:60])
def test_the_database_refuses_to_change_or_remove_what_was_written(world, statement):
    world.open_order()
    db.session.rollback()
    with pytest.raises(DBAPIError, match="insert-only"), db.engine.begin() as connection:
        connection.execute(statement)
    assert verify().ok


def test_emptying_the_tables_is_refused_too(world):
    world.open_order()
    db.session.rollback()
    on_sqlite = db.engine.dialect.name == "sqlite"
    for table in ("event", "audit_link"):
        emptied = delete(db.metadata.tables[table]) if on_sqlite else text(f"TRUNCATE {table} CASCADE")
        with pytest.raises(DBAPIError, match="insert-only"), db.engine.begin() as connection:
            connection.execute(emptied)


def test_the_demo_may_start_over_and_the_guards_are_back_afterwards(world):
    world.open_order()
    db.session.rollback()
    with db.engine.begin() as connection, unguarded(connection):
        connection.execute(delete(AuditLink))
        connection.execute(delete(Event))
    world.open_order()
    db.session.rollback()
    with pytest.raises(DBAPIError, match="insert-only"), db.engine.begin() as connection:
        connection.execute(delete(Event))


# ---------- redaction ----------


def test_blanked_words_leave_the_chain_verifiable_and_cannot_be_guessed(world):
    order_id, desk = world.open_order().id, world.coordinator(name="王敏")
    number = note(order_id, "王奶奶 13800000000", desk)
    before = db.session.get(Event, number)
    salts = before.name_salt, before.words_salt
    blank(order_id, [number])
    row = db.session.get(Event, number)
    assert (row.actor_name, row.particulars) == ("", {})
    assert row.name_salt not in salts and row.words_salt not in salts, "with the salt, few words could be tried out"
    report = verify()
    assert report.ok, report.faults
    assert report.redacted == 1
    named = db.session.scalars(select(Event).where(Event.kind == EventKind.JOURNAL_REDACT)).one()
    assert named.particulars["rows"][0][0] == number


def test_a_blanked_row_cannot_be_filled_with_other_words(world):
    order_id, desk = world.open_order().id, world.coordinator()
    number = note(order_id, "原话", desk)
    blank(order_id, [number])
    with db.engine.begin() as connection:
        connection.execute(update(Event).where(Event.number == number).values(particulars={"words": "别的话"}))
    assert _codes(verify()) == {"words_altered"}


def test_words_blanked_past_the_app_are_found(world):
    order_id, desk = world.open_order().id, world.coordinator()
    number = note(order_id, "原话", desk)
    with db.engine.begin() as connection:
        connection.execute(
            update(Event).where(Event.number == number).values(actor_name="", particulars={}, words_salt="")
        )
    assert _codes(verify()) == {"name_altered", "words_altered"}


def test_redacting_keeps_what_it_is_told_to_keep_and_does_nothing_twice(world):
    order_id, desk = world.open_order().id, world.coordinator()
    number = note(order_id, "原话", desk)
    blank(order_id, [number])
    links = verify().links
    blank(order_id, [number])
    assert verify().links == links, "there was nothing left to blank"


# ---------- databases from before the chain ----------


def test_a_journal_from_before_the_chain_is_linked_by_the_migration(world):
    for order_id in (world.open_order().id, world.open_order(office=world.ids["far"]).id):
        walk(order_id)
    sign_in(str(world.coordinator().account_id))
    rows = db.session.query(Event).count()
    db.session.remove()
    downgrade(directory=FOLDER, revision="0002")
    assert "audit_link" not in inspect(db.engine).get_table_names()
    upgrade(directory=FOLDER)
    report = verify()
    assert report.ok, report.faults
    assert report.links == rows
    salts = db.session.scalars(select(Event.name_salt)).all()
    assert len(set(salts)) == rows and min(map(len, salts)) == 32
    walk(world.open_order().id)
    assert verify().ok, "the chain goes on where the migration ended"
