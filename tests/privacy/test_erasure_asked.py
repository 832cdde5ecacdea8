"""Asking to be forgotten: the days in which it can be taken back, and what must be settled first."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel.clock import now
from app.kernel.errors import NotFound, WrongState
from app.ordering import service as ordering
from app.privacy import erased_list, erasure, persons
from app.serving import service as serving
from models import Erasure, db
from tests.factories import advance
from tests.privacy.erasing import NAME, VOLUNTEER, canaries_left, entered_by_the_desk


def test_a_person_asks_and_it_is_done_when_the_days_are_over(world):
    resident = world.resident(NAME)
    asked = erasure.ask(actor=resident)
    assert asked.due_at == now() + timedelta(days=7)
    assert erasure.ask(actor=resident).id == asked.id
    assert erasure.erase_due() == 0
    advance(days=7)
    assert erasure.erase_due(dry_run=True) == 1
    assert erasure.erase_due() == 1
    assert db.session.scalars(select(Erasure.done_at)).one() == now()
    assert persons.person(resident.account_id).is_erased
    assert erasure.erase_due() == 0


def test_a_request_is_taken_back(world):
    resident = world.resident(NAME)
    erasure.ask(actor=resident)
    erasure.withdraw(resident.account_id, actor=resident)
    advance(days=30)
    assert erasure.erase_due() == 0
    assert not persons.person(resident.account_id).is_erased
    erasure.ask(actor=resident)


def test_an_open_order_must_be_settled_first(world):
    resident = world.resident(NAME)
    order = world.open_order(resident)
    with pytest.raises(WrongState) as refused:
        erasure.ask(actor=resident)
    assert order.number in str(refused.value.detail)
    with pytest.raises(WrongState):
        erasure.erase(resident.account_id)
    assert not persons.person(resident.account_id).is_erased
    db.session.rollback()
    ordering.cancel(order.id, "不用了", actor=resident)
    erasure.ask(actor=resident)


def test_an_order_placed_while_waiting_makes_it_wait(world):
    resident = world.resident(NAME)
    erasure.ask(actor=resident)
    world.open_order(resident, starts=now() + timedelta(days=20))
    advance(days=8)
    assert erasure.erase_due() == 0
    assert not persons.person(resident.account_id).is_erased


def test_a_promised_visit_must_be_settled_first(world):
    helper = world.volunteer(VOLUNTEER)
    serving.claim(world.open_order().id, actor=helper)
    with pytest.raises(WrongState, match=r"wrong_state"):
        erasure.ask(actor=helper)


def test_staff_give_up_their_post_first(world):
    with pytest.raises(WrongState):
        erasure.ask(actor=world.coordinator())


def test_a_legal_hold_stops_it_until_it_is_lifted(world):
    resident = world.resident(NAME)
    erasure.ask(actor=resident)
    erasure.hold(resident.account_id, "民诉案 12 号", actor=world.administrator())
    advance(days=8)
    assert erasure.erase_due() == 0
    erasure.lift(resident.account_id, actor=world.administrator())
    assert erasure.erase_due() == 1


def test_only_administrators_hold(world):
    resident = world.resident(NAME)
    for actor in (world.coordinator(), world.supervisor(), resident):
        with pytest.raises(Exception, match=r"not_allowed|not_found"):
            erasure.hold(resident.account_id, "因为", actor=actor)


def test_the_desk_asks_for_somebody_without_an_account_of_its_own_station(world):
    resident_id = entered_by_the_desk(world)
    with pytest.raises(NotFound):
        erasure.ask_for(resident_id, actor=world.coordinator(world.ids["far"]))
    with pytest.raises(WrongState):
        erasure.ask_for(world.resident().resident_id, actor=world.coordinator())
    erasure.ask_for(resident_id, actor=world.coordinator())
    advance(days=7)
    assert erasure.erase_due() == 1
    assert canaries_left((NAME, "13877770001")) == []
    with pytest.raises(WrongState):
        erasure.ask_for(resident_id, actor=world.coordinator())


def test_nobody_is_erased_for_an_unknown_id(world):
    assert erasure.erase("0" * 20) is False
    assert erased_list.read() == []
