"""Looks are counted: limits and their alarm, and who reads how often somebody looked."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.integrity.alarms import open_alarms
from app.kernel import errors
from app.privacy import looks, service
from models import Event, Resident, db
from models.kinds import EventKind
from tests.factories import advance
from tests.privacy.revealing import look, set_policy
from tests.privacy.secrets import SECRETS


@pytest.fixture
def order(world):
    return world.open_order(world.resident("王桂兰"), **SECRETS)


def test_collecting_addresses_ends_at_the_days_number_with_an_alarm(world, order):
    """The whole five hundred are tried by the canary bar of `make integrity`."""
    set_policy(world, "reveals_per_hour", 8)
    set_policy(world, "reveals_per_day", 25)
    desk, got, refused = world.coordinator(), 0, 0
    for _number in range(60):
        try:
            look(order, desk, fields=("address",))
            got += 1
        except errors.TooManyLooks:
            refused += 1
            advance(minutes=20)
    logged = db.session.scalar(select(func.count()).where(Event.kind == EventKind.REVEAL_SHOW))
    assert (got, refused) == (25, 35)
    assert logged == got
    assert "mass_reading" in {alarm.code for alarm in open_alarms()}


def test_the_hours_number_is_an_offices_own_and_passes(world, order):
    set_policy(world, "reveals_per_hour", 2)
    desk = world.coordinator()
    look(order, desk)
    look(order, desk)
    with pytest.raises(errors.TooManyLooks):
        look(order, desk)
    look(order, world.coordinator())  # a colleague has their own
    advance(minutes=61)
    look(order, desk)


def test_an_unusual_day_is_measured_by_ones_own(world, order):
    desk = world.coordinator()
    set_policy(world, "reveal_alarm_least", 5)
    for _day in range(3):
        for _number in range(4):
            look(order, desk)
        advance(hours=24)
    for _number in range(11):
        look(order, desk)
    assert not open_alarms()
    look(order, desk)
    (alarm,) = open_alarms()
    assert (alarm.particulars["looks"], alarm.particulars["usual"]) == (12, 4)


def test_the_resident_reads_who_looked_without_a_name(world, order):
    from app.people.identity import actor_of

    desk = world.coordinator(name="王敏")
    look(order, desk, words="问几点方便")
    (seen,) = looks.about(actor_of(order.resident.account_id))
    assert (seen.office.name, seen.role, seen.reason, seen.words) == ("青年社区", "调度员", "打电话联系", "问几点方便")
    assert seen.fields == ["姓名", "电话"]
    assert looks.about(world.resident("别人")) == [] and looks.about(desk) == []


def test_a_caller_who_was_looked_up_is_told_so_and_look_ups_have_their_own_number(world):
    from app.people.identity import actor_of

    set_policy(world, "lookups_per_hour", 2)
    resident, desk = world.resident("王桂兰"), world.coordinator()
    row = db.session.get(Resident, resident.resident_id)
    for _number in range(2):
        service.note_lookup([row], actor=desk)
    with pytest.raises(errors.TooManyLooks):
        service.note_lookup([row], actor=desk)
    assert {look.reason for look in looks.about(actor_of(resident.account_id))} == {"接到您的来电"}


def test_the_board_counts_by_person_and_day(world, order):
    desk = world.coordinator(name="王敏")
    look(order, desk)
    advance(hours=24)
    look(order, desk)
    look(order, desk)
    board = looks.board(world.supervisor())
    (name, by_day, total), *_rest = board.people
    assert (name, total, [by_day.get(day, 0) for day in board.days[:2]]) == ("王敏", 3, [2, 1])
    assert looks.board(world.coordinator(world.ids["far"])).people == []
