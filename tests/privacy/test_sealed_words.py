"""Personal words as ordinary attributes: written, read, changed and rolled back as if nothing were sealed."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from app.kernel.transaction import command
from models import Order, Resident, SavedAddress, SubjectKey, db
from models.sealed import sealed_rows, subject_of
from tests.privacy.sealing import CANARY, fresh, set_on


@contextmanager
def statements(app):
    """The SQL sent meanwhile."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_what_was_written_is_read_again(world):
    order = world.open_order(address=CANARY, words="请带雨伞", access_notes="三楼")
    again = fresh(Order, order.id)
    assert (again.address, again.words, again.access_notes) == (CANARY, "请带雨伞", "三楼")
    assert again.contact_phone == "+8619900020000"


def test_a_value_can_be_read_before_it_is_flushed(town):
    resident = Resident(name="王", phone="+8613800000001", office_id=town.ids["station"])
    assert resident.phone == "+8613800000001"
    assert resident.access_notes == ""


def test_a_change_is_kept_and_an_empty_one_leaves_nothing(world):
    order = world.open_order(words="旧的")
    set_on(Order, order.id, words="新的")
    assert fresh(Order, order.id).words == "新的"
    set_on(Order, order.id, words="")
    assert fresh(Order, order.id).words == ""
    assert fresh(Order, order.id).words_sealed is None


def test_a_change_that_is_rolled_back_never_was(world):
    order = world.open_order(address=CANARY)
    held = fresh(Order, order.id)
    held.address = "别处"
    assert held.address == "别处"
    db.session.rollback()
    assert held.address == CANARY


def test_a_change_is_forgotten_by_refresh_and_expire(world):
    order = fresh(Order, world.open_order(address=CANARY).id)
    with db.session.no_autoflush:
        order.address = "别处"
        db.session.refresh(order)
        assert order.address == CANARY
        order.address = "别处"
        db.session.expire(order)
        assert order.address == CANARY


def test_setting_the_same_again_changes_nothing(world):
    order = fresh(Order, world.open_order(address=CANARY).id)
    before = order.address_sealed
    order.address = CANARY
    assert order not in db.session.dirty
    assert order.address_sealed == before


def test_a_resident_reached_through_the_relationship_gets_the_key(world):
    @command
    def write():
        resident = Resident(name="王", phone="+8613800000002", office_id=world.ids["station"], created_at=moment)
        home = SavedAddress(
            resident=resident, office_id=world.ids["station"], address=CANARY, lat=30, lon=120, created_at=moment
        )
        db.session.add(home)
        db.session.flush()
        return home.id, resident.id

    from app.kernel.clock import now

    moment = now()
    home_id, resident_id = write()
    home = fresh(SavedAddress, home_id)
    assert home.address == CANARY
    assert subject_of(home.address_sealed) == resident_id


def test_a_key_of_a_lost_transaction_seals_nothing_more(world):
    resident_id = world.resident().resident_id
    with db.session.no_autoflush:
        db.session.rollback()

    @command
    def lost():
        db.session.execute(SubjectKey.__table__.delete().where(SubjectKey.subject_id == resident_id))
        db.session.get_one(Resident, resident_id).access_notes = "在这里"
        db.session.flush()
        raise KeyError

    with pytest.raises(KeyError):
        lost()
    set_on(Resident, resident_id, access_notes="还在")
    assert fresh(Resident, resident_id).access_notes == "还在"


def test_a_list_of_orders_opens_with_one_question_for_keys(world):
    for number in range(12):
        world.open_order(world.resident(f"居民{number}"), address=f"{number} 幢")
    db.session.rollback()
    db.session.remove()
    with statements(db.engine) as sent:
        rows = db.session.scalars(select(Order).order_by(Order.id)).all()
        assert [row.address for row in rows] == [f"{number} 幢" for number in range(12)]
        assert all(row.contact_phone and not row.words for row in rows)
    assert len([one for one in sent if "subject_key" in one]) == 1


def test_rows_inserted_in_bulk_are_sealed_too(world):
    from models.ids import new_id

    key = new_id()
    rows = [{"id": key, "phone": "+8613800000009", "access_notes": CANARY}]

    @command
    def sealed():
        return sealed_rows(Resident, rows, subject="id")

    [row] = sealed()
    assert set(row) == {"id", "phone_sealed", "phone_index", "access_notes_sealed"}
    assert CANARY.encode() not in row["access_notes_sealed"]
    assert rows[0]["phone"] == "+8613800000009", "what was given is left alone"
