"""Whatever is altered, taken out, put in, moved or cut is found: by the chain, or where all fits, by the anchors."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import text, update

from app.audit import service
from app.audit.verifying import verify, verify_on
from models import Event, db
from tests.audit.scenes import journal
from tests.audit.tampering import COLUMNS, WAYS, Tamperer, lift_guards

SEED = 4
TIMES = 6
BLANKS = {"name_altered", "words_altered"}
"""What a blanked row shows whose redaction was cut away with the tail."""


def _name(one):
    return getattr(one, "__name__", None) or f"{one.table.name}.{one.name}"


@pytest.fixture
def scene(world):
    """The book and a connection without guards, to be rolled back after each tampering."""
    journal(world)
    db.session.rollback()
    book = service.read_book()
    with db.engine.connect() as connection, connection.begin() as transaction:
        lift_guards(connection)
        yield connection, book
        transaction.rollback()


def _attacks(scene, way):
    connection, book = scene
    random = Random(f"{SEED} {way}")
    for _ in range(TIMES):
        with connection.begin_nested() as savepoint:
            done = way(Tamperer(connection, random, book.latest))
            yield done, verify_on(connection, book), verify_on(connection)
            savepoint.rollback()


@pytest.mark.parametrize("column", COLUMNS, ids=_name)
def test_a_change_of_any_column_of_any_row_is_found_by_the_chain_alone(scene, column):
    for done, _, alone in _attacks(scene, lambda tamperer: tamperer.mutate(column)):
        assert not alone.ok, done


@pytest.mark.parametrize("way", sorted(set(WAYS) - {Tamperer.mutate}, key=_name), ids=_name)
def test_rows_taken_out_put_in_moved_or_cut_are_found(scene, way):
    for done, report, _ in _attacks(scene, way):
        assert not report.ok, done


@pytest.mark.parametrize("way", [Tamperer.cut_tail, Tamperer.drop_chain, Tamperer.older_state, Tamperer.rewrite])
def test_only_the_anchors_tell_what_fits_in_itself(scene, way):
    for done, report, alone in _attacks(scene, way):
        assert {fault.code for fault in alone.faults} <= BLANKS, f"{done} leaves a chain that fits in itself"
        assert {fault.code for fault in report.faults} - BLANKS <= {"cut_after_anchor", "not_as_anchored"}
        assert {fault.code for fault in report.faults} - BLANKS, done


def test_untouched_nothing_is_found(scene):
    connection, book = scene
    report = verify_on(connection, book)
    assert report.ok, report.faults
    assert report.anchors == 2 and report.redacted == 2


def test_a_fault_names_the_chain_the_link_and_the_row(world):
    journal(world)
    number = db.session.scalars(db.select(Event.number).where(Event.kind == "order.note")).first()
    db.session.rollback()
    with db.engine.begin() as connection:
        lift_guards(connection)
        connection.execute(update(Event).where(Event.number == number).values(subject_id="somebody-else"))
    (fault,) = verify().faults
    assert (fault.chain, fault.number, fault.code) == (world.ids["station"], number, "altered")
    assert fault.seq is not None


@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "'yesterday'"), ("particulars", "'{broken'"), ("version", "'four'"), ("kind", "x'00ff'"), ("at", "''")],
)
def test_values_that_make_no_sense_are_faults_and_no_crash(town, column, value):
    """SQLite stores anything anywhere."""
    town.open_order()
    with db.engine.begin() as connection:
        lift_guards(connection)
        connection.execute(text(f"UPDATE event SET {column} = {value} WHERE number = 1"))  # noqa: S608 - our own words
    assert not verify().ok
