"""The keys of what is sealed: a key per person, the blind index, wrong and destroyed keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.kernel.transaction import command
from models import Account, Order, SubjectKey, Visit, db
from models.keyring import BadKeys, Keyring, keyring
from models.sealed import Erased, subject_of
from tests.privacy.sealing import CANARY, fresh, set_on


@given(st.dictionaries(st.integers(0, 999).map("v{}".format), st.binary(min_size=32, max_size=32), min_size=1))
def test_a_keyring_is_read_as_it_was_written(keys):
    assert list(Keyring.parse(Keyring(keys).text()).keys.items()) == list(keys.items())


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
