"""Personal words at rest: nothing readable in any table or statement, and nothing altered that would open."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from app.kernel.transaction import command
from models import Account, Order, db
from models.keyring import new_data_key
from models.sealed import FIELDS, subject_of
from tests.privacy.sealing import CANARY, fresh
from tests.privacy.strings import everything_in


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


def test_sqlite_overwrites_what_it_frees(site):
    assert db.session.scalar(text("PRAGMA secure_delete")) == 1
