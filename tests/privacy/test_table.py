"""The privacy table and the views built from it: who sees what of an order, at which stage."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatching import service as dispatching
from app.kernel.clock import now
from app.kernel.transaction import command
from app.ordering import queries as ordering
from app.privacy import masks
from app.privacy.queries import view_at_desk, view_of, view_of_task
from app.privacy.table import COLUMNS, FIELDS, KEPT_AT_DESK, TABLE, Level, level
from app.serving import service as serving
from models import OfficeSetting, Order, db
from models.kinds import Channel
from tests.factories import advance
from tests.privacy.secrets import SECRETS, told
from tests.serving.steps import arrived, fresh, offered, served, taken

PERSONAL = ("contact_name", "contact_phone", "address", "access_notes", "words", "start_code")


def shown(order: Order, actor) -> dict[str, str]:
    return {field: getattr(view_of(order, actor), field) for field in PERSONAL}


def leaks(order: Order, actor) -> set[str]:
    """Which planted values stand in what a program would be told."""
    return told(str(ordering.visible_order(order, actor)))


# ---------- the table itself ----------


def test_every_field_has_a_level_in_every_column():
    assert all(set(row) == set(COLUMNS) for row in TABLE.values())


def test_nobody_and_the_administrator_see_nothing():
    assert all(TABLE[field][column] == Level.NONE for field in FIELDS for column in ("nobody", "admin"))


def test_only_the_desk_may_ask_to_see_what_is_masked():
    asked = {(field, column) for field in FIELDS for column in COLUMNS if TABLE[field][column] == Level.REVEAL}
    assert asked == {(field, "desk") for field in KEPT_AT_DESK}


def test_no_office_ever_knows_the_start_code():
    allowed = {column for column in COLUMNS if TABLE["start_code"][column] != Level.NONE}
    assert allowed == {"resident", "coming"}


def test_nobody_but_those_served_reads_more_later_than_before():
    for field in FIELDS:
        row = TABLE[field]
        if field != "rating_words":
            assert level(field, ("later",)) in (Level.NONE, Level.COARSE), (field, row)


def test_of_several_columns_the_most_open_counts():
    assert level("address", ("later", "desk")) == Level.REVEAL
    assert level("address", ()) == Level.NONE


# ---------- masks ----------


@pytest.mark.parametrize(
    ("full", "masked"),
    [
        ("青年路 8 号 3 幢 201", "青年路 ***"),
        ("湖滨街道青年社区8幢", "湖滨街道青年社区 ***"),
        ("三里新村12-3", "三里新村 ***"),
        ("王桂兰家对面", "青年社区 ***"),
        ("8 号", "青年社区 ***"),
        ("", ""),
    ],
)
def test_addresses_keep_the_street_and_lose_the_door(full, masked):
    assert masks.address(full, "青年社区") == masked


def test_names_and_phones_keep_just_enough():
    assert (masks.name("王桂兰"), masks.name("李"), masks.name("")) == ("王**", "李*", "")
    assert masks.phone("+8613812341234") == "138****1234"


def test_doors_of_one_cell_are_one_place():
    assert masks.cell(30.2701, 120.1501) == masks.cell(30.2709, 120.1512)
    assert masks.spot("a", 30.2701, 120.1501) == masks.spot("a", 30.2709, 120.1512)
    assert masks.spot("a", 30.2701, 120.1501) != masks.spot("b", 30.2701, 120.1501)


# ---------- the stages of an order ----------


@pytest.fixture
def order(world) -> Order:
    resident = world.resident("王桂兰")
    return world.open_order(resident, starts=now() + timedelta(hours=72), **SECRETS)


def resident_of(order: Order):
    from app.people.identity import actor_of

    return actor_of(order.resident.account_id)


def test_whoever_is_served_sees_everything(world, order):
    assert shown(order, resident_of(order)) == {
        "contact_name": order.contact_name, "contact_phone": order.contact_phone, "address": order.address,
        "access_notes": order.access_notes, "words": order.words, "start_code": order.start_code,
    }  # fmt: skip


def test_a_stranger_and_another_citys_desk_see_nothing(world, order):
    for actor in (world.resident("陌生人"), world.administrator(), world.coordinator(world.ids["far"])):
        assert set(shown(order, actor).values()) == {""}
        assert view_of(order, actor).place is None


def test_before_the_yes_a_volunteer_knows_the_community_and_no_more(world, order):
    volunteer = world.volunteer()
    assert view_of(order, volunteer).address == "青年社区"
    offered(order, volunteer)
    seen = view_of(order, volunteer)
    assert (seen.contact_name, seen.contact_phone, seen.words) == ("王**", "", "")
    assert seen.place == masks.cell(order.lat, order.lon)
    assert leaks(order, volunteer) == set()


def test_after_the_yes_the_door_is_told_a_day_before_and_for_a_day_after(world, order):
    volunteer = world.volunteer()
    assignment = taken(order, volunteer)
    assert leaks(order, volunteer) == set()
    assert view_of_task(assignment).address == "青年社区"
    advance(hours=48)
    assert leaks(order, volunteer) == {"contact_name", "contact_phone", "address", "access_notes", "words"}
    advance(hours=24)
    serving.check_in(assignment.id, actor=volunteer, code=order.start_code)
    advance(hours=1)
    serving.check_out(assignment.id, actor=volunteer)
    advance(hours=23.9)
    assert "address" in leaks(order, volunteer)
    advance(hours=0.2)
    assert leaks(order, volunteer) == set()
    assert view_of_task(fresh(assignment)).contact_name == ""


def test_giving_it_back_closes_it_at_once(world, order):
    volunteer = world.volunteer()
    assignment = taken(order, volunteer)
    advance(hours=60)
    assert "address" in leaks(order, volunteer)
    serving.hand_back(assignment.id, "家里有事", actor=volunteer)
    assert leaks(fresh(order), volunteer) == set()


def test_another_volunteer_learns_nothing_from_somebody_elses_visit(world, order):
    arrived(order, world.volunteer("李晓梅"))
    assert leaks(order, world.volunteer("张三")) == set()


def test_an_office_may_tell_the_door_later_but_never_earlier(world, order):
    _set(world, "exact_hours_before", 2)
    volunteer = world.volunteer()
    taken(order, volunteer)
    advance(hours=60)
    assert leaks(order, volunteer) == set()
    advance(hours=11)
    assert "address" in leaks(order, volunteer)


def test_at_the_desk_everything_that_finds_somebody_is_masked(world, order):
    desk = world.coordinator()
    seen = view_of(order, desk)
    assert (seen.contact_name, seen.contact_phone) == ("王**", masks.phone(order.contact_phone))
    assert seen.access_notes == "***" and seen.start_code == ""
    assert seen.words == order.words, "the need has to be verified"
    assert leaks(order, desk) == {"words"}


def test_a_supervisor_reads_less_than_the_desk(world, order):
    assert leaks(order, world.supervisor()) == set()
    assert view_of(order, world.supervisor()).address == "青年社区"


@pytest.mark.parametrize("channel", [Channel.API, Channel.WEB, Channel.PHONE])
def test_a_coordinator_who_placed_it_learns_no_start_code(world, order, channel):
    desk = world.coordinator()
    _change(order, requester_id=desk.account_id, channel=channel)
    shown_to_program = ordering.visible_order(order, desk)
    assert "start_code" not in shown_to_program
    assert view_at_desk(order, desk).contact_name == "王**"
    assert {"contact_name", "contact_phone", "address"} <= set(shown_to_program["masked"])


def test_who_did_it_is_masked_for_the_desk_when_it_was_the_resident(world, order):
    seen = view_at_desk(order, world.coordinator())
    assert seen.account_name(order.resident.account_id, "王桂兰") == "王**"
    assert seen.account_name(world.coordinator(name="周敏").account_id, "周敏") == "周敏"


def test_a_resident_knows_a_helper_by_surname_and_calls_only_while_they_come(world, order):
    volunteer = world.volunteer("欧阳明")
    resident = resident_of(order)
    row = taken(order, volunteer).volunteer
    seen = view_of(fresh(order), resident)
    assert seen.helper_name(row) == "欧阳师傅"
    assert seen.helper_phone(row) == row.account.phone
    advance(hours=72)
    assignment = serving.check_in(_assignment(order).id, actor=volunteer, code=order.start_code)
    serving.check_out(assignment.id, actor=volunteer)
    assert view_of(fresh(order), resident).helper_phone(row) == ""


def test_visits_long_past_stay_closed_when_the_order_is_reopened(world, order):
    from app.rating import service as rating

    volunteer = world.volunteer()
    served(order, volunteer)
    advance(hours=30)
    rating.reopen(order.id, "没有做好", actor=resident_of(order))
    assert leaks(fresh(order), volunteer) == set()


def _assignment(order: Order):
    from models import Assignment

    return db.session.query(Assignment).filter_by(order_id=order.id).one()


@command
def _change(order: Order, **values: object) -> None:
    for name, value in values.items():
        setattr(order, name, value)


@command
def _set(world, name: str, value: object) -> None:
    db.session.add(OfficeSetting(office_id=world.ids["city"], name=name, value=value))


def test_withdrawn_offers_leave_no_trace_of_the_resident(world, order):
    volunteer = world.volunteer()
    offer = offered(order, volunteer)
    dispatching.withdraw_offer(offer.id, actor=world.coordinator())
    assert view_of(fresh(order), volunteer).contact_name == ""
