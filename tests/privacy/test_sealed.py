"""Personal words at rest: sealed with a key per person, opened as if nothing were."""

from contextlib import contextmanager

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text, update

from app.kernel.transaction import command
from models import Account, Order, Resident, SavedAddress, SubjectKey, Visit, db
from models.keyring import BadKeys, Keyring, keyring, new_data_key
from models.sealed import FIELDS, Erased, sealed_rows, subject_of
from tests.privacy.strings import everything_in

CANARY = "西湖区金丝雀巷 77 幢 707"


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


@command
def set_on(table, key, **fields):
    row = db.session.get_one(table, key)
    for name, value in fields.items():
        setattr(row, name, value)


def fresh(table, key):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(table, key)


# ---------- as ordinary attributes ----------


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


# ---------- at rest ----------


def test_nothing_sealed_stands_in_any_table(world):
    resident = world.resident("王奶奶", access_notes=CANARY)
    order = world.open_order(
        resident, address=CANARY, words=CANARY, access_notes=CANARY, contact_phone="+8613812345678"
    )
    found = everything_in(db.engine)
    assert order.id in found
    assert CANARY not in found
    assert "13812345678" not in found
    phone = fresh(Account, resident.account_id).phone
    assert phone.startswith("+86") and phone[3:] not in found


def test_the_same_words_look_different_each_time(world):
    one, two = world.open_order(address=CANARY), world.open_order(address=CANARY)
    assert fresh(Order, one.id).address_sealed[33:] != fresh(Order, two.id).address_sealed[33:]


def test_a_value_moved_to_another_row_or_column_does_not_open(world):
    one, two = world.open_order(address=CANARY, words="一"), world.open_order(address="别处", words="二")
    stolen = fresh(Order, one.id).address_sealed
    for column in (Order.words_sealed, Order.access_notes_sealed):
        db.session.rollback()
        _overwrite(two.id, column, stolen)
        with pytest.raises(InvalidTag):
            _ = getattr(fresh(Order, two.id), column.key.removesuffix("_sealed"))


@command
def _overwrite(order_id, column, held):
    db.session.execute(update(Order).where(Order.id == order_id).values({column: held}))


def test_one_flipped_bit_is_noticed(world):
    order = world.open_order(address=CANARY)
    held = bytearray(fresh(Order, order.id).address_sealed)
    held[-1] ^= 1
    db.session.rollback()
    _overwrite(order.id, Order.address_sealed, bytes(held))
    with pytest.raises(InvalidTag):
        _ = fresh(Order, order.id).address


def test_plain_words_never_reach_a_statement(world):
    order = world.open_order()
    for wrong in (CANARY, CANARY.encode(), b"\x02" + b"0" * 60):
        with pytest.raises(Exception, match="sealed"):
            _overwrite(order.id, Order.address_sealed, wrong)
        db.session.rollback()


def test_sql_cannot_compare_a_sealed_attribute_by_mistake(site):
    with pytest.raises(TypeError, match="sealed"):
        select(Order).where(Order.address == CANARY)
    with pytest.raises(TypeError, match="index"):
        Order.address.equals(CANARY)


def test_every_sealed_column_is_listed(site):
    listed = {f"{table.__tablename__}.{field.name}" for table, fields in FIELDS.items() for field in fields}
    assert listed >= {
        "account.phone", "resident.phone", "resident.access_notes", "saved_address.address", "orders.words",
        "orders.contact_phone", "orders.address", "orders.access_notes", "visit.note",
    }  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 2**31), st.integers(0, 7))
def test_any_text_opens_again_and_any_flipped_bit_is_noticed(written, place, bit):
    field, key, subject = Order.address, AESGCM(new_data_key()), "0" * 19 + "z"
    held = field.seal(written, subject, key)
    assert (field.open_with(held, key), subject_of(held)) == (written, subject)
    spoilt = bytearray(held)
    spoilt[1 + place % (len(held) - 1)] ^= 1 << bit
    with pytest.raises(InvalidTag):
        field.open_with(bytes(spoilt), key)
    with pytest.raises(InvalidTag):
        Order.words.open_with(held, key)
    with pytest.raises(InvalidTag):
        field.open_with(held, AESGCM(new_data_key()))


@given(st.dictionaries(st.integers(0, 999).map("v{}".format), st.binary(min_size=32, max_size=32), min_size=1))
def test_a_keyring_is_read_as_it_was_written(keys):
    assert list(Keyring.parse(Keyring(keys).text()).keys.items()) == list(keys.items())


# ---------- the blind index ----------


def test_a_number_is_found_by_its_index(world):
    actor = world.resident()
    phone = fresh(Account, actor.account_id).phone
    assert db.session.scalar(select(Account.id).where(Account.phone.equals(phone))) == actor.account_id
    assert db.session.scalar(select(Account.id).where(Account.phone.equals("+8613899999999"))) is None
    assert db.session.scalar(select(Account.id).where(Account.phone.equals(""))) is None
    assert db.session.scalar(select(func.count(Account.id)).where(Account.phone.among([phone, "+1"]))) == 1


def test_the_index_tells_nothing_and_differs_by_table(world):
    ring = keyring()
    assert ring.index("account.phone", "+86138") != ring.index("resident.phone", "+86138")
    assert ring.index("account.phone", "+86138") != Keyring.fresh().index("account.phone", "+86138")
    assert "138" not in ring.index("account.phone", "+8613800000000")[:3]


def test_two_accounts_cannot_share_a_number(world):
    phone = fresh(Account, world.resident().account_id).phone
    from app.kernel.errors import Conflict

    other = world.account("别人")
    with pytest.raises(Conflict):
        set_on(Account, other, phone=phone)


# ---------- keys ----------


def test_a_destroyed_key_leaves_nothing_to_read_and_nothing_can_be_added(world):
    order = world.open_order(address=CANARY)
    resident_id = fresh(Order, order.id).resident_id
    db.session.rollback()
    _destroy(resident_id)
    assert fresh(Order, order.id).address == ""
    db.session.rollback()
    with pytest.raises(Erased):
        set_on(Order, order.id, address="新的地方")


@command
def _destroy(subject_id):
    db.session.execute(update(SubjectKey).where(SubjectKey.subject_id == subject_id).values(wrapped=None))


def test_a_wrong_master_key_says_so(world):
    from app.kernel import keyring as kept

    world.open_order()
    db.session.rollback()
    wrapped = db.session.execute(select(SubjectKey.subject_id, SubjectKey.version, SubjectKey.wrapped).limit(1)).one()
    with pytest.raises(BadKeys, match="another system"):
        Keyring.fresh().unwrap(*wrapped)
    with pytest.raises(BadKeys, match="missing"):
        Keyring({"v9": b"9" * 32}).unwrap(*wrapped)
    assert kept.FILE == "data_keys"


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


def test_a_note_of_a_visit_belongs_to_the_home_that_was_visited(world):
    from models import Assignment, Position

    order = world.open_order()
    helper = world.volunteer()

    @command
    def visit():
        position = db.session.scalar(select(Position).where(Position.order_id == order.id))
        row = Assignment(
            order_id=order.id, position_id=position.id, volunteer_id=helper.volunteer_id, accepted_at=order.created_at,
            starts_at=order.window_from, ends_at=order.window_until,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        held = Visit(assignment_id=row.id, checked_in_at=order.created_at, check_in_evidence="self", note="药在桌上")
        db.session.add(held)
        db.session.flush()
        return held.id

    held = fresh(Visit, visit())
    assert held.note == "药在桌上"
    assert subject_of(held.note_sealed) == fresh(Order, order.id).resident_id


def test_sqlite_overwrites_what_it_frees(site):
    assert db.session.scalar(text("PRAGMA secure_delete")) == 1
