"""The one way to write: it commits once, retries what passes, and tells only what was committed."""

import threading

import pytest

from app.kernel import transaction
from app.kernel.access import SYSTEM
from app.kernel.errors import Conflict, WrongState
from app.kernel.idempotency import once
from app.kernel.journal import Notice
from app.kernel.lifecycle import move
from app.kernel.locks import locked_order
from app.kernel.transaction import command
from models import Event, Order, RoleGrant, db
from models.states import OrderMove, OrderStatus


@pytest.fixture
def heard():
    notices = []
    transaction.on_committed(notices.append)
    yield notices
    transaction._listeners.remove(notices.append)


def test_a_command_that_fails_leaves_no_row_and_tells_nobody(world, heard):
    order_id = world.open_order().id
    heard.clear()

    @command
    def cancel_then_fail():
        move(locked_order(order_id), OrderMove.CANCEL, actor=SYSTEM)
        raise ValueError("after the move")

    with pytest.raises(ValueError, match="after the move"):
        cancel_then_fail()
    assert db.session.get(Order, order_id).status == OrderStatus.OPEN
    assert not heard


def test_what_can_be_read_only_once_is_refused_for_a_second_try_would_find_it_empty(world):
    @command
    def count(_rows):
        raise AssertionError("it was tried")

    with pytest.raises(TypeError, match="needs a list"):
        count(one for one in (1, 2))
    with pytest.raises(TypeError, match="needs a list"):
        count(_rows=iter([1]))


def test_nested_commands_commit_together_and_tell_once_committed(world, heard):
    order_id = world.open_order().id
    heard.clear()

    @command
    def inner():
        move(locked_order(order_id), OrderMove.OFFER, actor=SYSTEM)

    @command
    def outer():
        inner()
        assert not heard
        move(locked_order(order_id), OrderMove.WAIT, actor=SYSTEM)

    outer()
    assert [notice.kind for notice in heard] == ["order.offer", "order.wait"]
    assert isinstance(heard[0], Notice)
    assert (f"order:{order_id}", heard[0].topics[0][1]) == heard[0].topics[0]


def test_every_step_of_an_order_is_numbered_without_a_gap(world):
    order = world.open_order()
    order_id = order.id

    @command
    def walk():
        for step in (OrderMove.OFFER, OrderMove.WAIT, OrderMove.CANCEL):
            move(locked_order(order_id), step, actor=SYSTEM)

    walk()
    versions = db.session.scalars(db.select(Event.version).filter_by(order_id=order_id).order_by(Event.version)).all()
    assert versions == [1, 2, 3, 4, 5]
    assert db.session.get(Order, order_id).version == 5


def test_a_forbidden_step_is_refused_and_changes_nothing(world):
    order_id = world.open_order().id

    @command
    def rate_an_open_order():
        move(locked_order(order_id), OrderMove.RATE, actor=SYSTEM)

    with pytest.raises(WrongState):
        rate_an_open_order()
    assert db.session.get(Order, order_id).status == OrderStatus.OPEN


def test_the_same_key_has_one_effect(world):
    resident, effects = world.resident(), []

    @command
    def place(key):
        def effect():
            effects.append(1)
            return world.open_order(resident).id

        return once(key, resident, "place", {"item": "escort"}, effect)

    first, replayed = place("k1")
    again, replayed_again = place("k1")
    assert (first, replayed, replayed_again) == (again, False, True)
    assert effects == [1]


def test_a_constraint_that_stays_broken_is_told_as_a_conflict(world):
    account = world.coordinator()

    @command
    def grant_twice():
        for _ in range(2):
            grant = account.grants[0]
            db.session.add(
                RoleGrant(account_id=account.account_id, role=grant.role, office_id=grant.office_id,
                          created_at=db.session.get(Order, world.open_order().id).created_at)
            )  # fmt: skip
            db.session.flush()

    with pytest.raises(Conflict):
        grant_twice()


def test_eight_threads_take_the_same_step_and_one_wins(app, world):
    order_id = world.open_order().id
    outcomes = []

    def take():
        @command
        def cancel():
            move(locked_order(order_id), OrderMove.CANCEL, actor=SYSTEM)

        with app.app_context():
            try:
                cancel()
                outcomes.append("won")
            except WrongState:
                outcomes.append("refused")

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 7 + ["won"]
