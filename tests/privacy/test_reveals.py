"""Looking at details: with a reason, counted, journalled first, told to whom it is about; minors need two people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.integrity.alarms import open_alarms
from app.kernel import errors
from app.kernel.clock import now
from app.kernel.transaction import command
from app.privacy import looks, service
from app.privacy.reveals import ABOUT_ORDER
from models import Event, Notification, OfficeSetting, Resident, Reveal, db
from models.kinds import EventKind, LookReason, LookWay, NoticeKind
from tests.factories import advance
from tests.privacy.secrets import SECRETS, told
from tests.serving.steps import post, taken

WHO = ("contact_name", "contact_phone")


def look(order, actor, **more):
    given = {"fields": WHO, "reason": LookReason.CALL} | more
    return service.reveal(order.id, actor=actor, **given)


def shown(row, actor):
    return {field: value for field, _name, value in looks.values(row, actor)}


@pytest.fixture
def order(world):
    return world.open_order(world.resident("王桂兰"), **SECRETS)


def test_a_look_gives_the_value_and_leaves_a_row_and_an_entry(world, order):
    desk = world.coordinator()
    row = look(order, desk, words="约时间")
    assert shown(row, desk) == {"contact_name": SECRETS["contact_name"], "contact_phone": SECRETS["contact_phone"]}
    entry = db.session.scalars(select(Event).where(Event.kind == EventKind.REVEAL_SHOW)).one()
    assert (entry.actor_id, entry.order_id, entry.particulars["reason"]) == (desk.account_id, order.id, "call")
    assert told(str(entry.particulars)) == set(), "the journal names fields, never values"
    assert row.stage == "open"


def test_only_what_was_asked_for_is_shown_and_only_to_who_asked(world, order):
    desk = world.coordinator()
    row = look(order, desk, fields=("address", "start_code", "words"))
    assert set(shown(row, desk)) == {"address"}
    assert shown(row, world.coordinator()) == {}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"fields": ()}, "fields"),
        ({"fields": ("start_code",)}, "fields"),
        ({"reason": "curious"}, "reason"),
        ({"reason": LookReason.CALLER}, "reason"),
        ({"reason": LookReason.OTHER, "words": " "}, "words"),
    ],
)
def test_a_look_without_a_good_reason_is_refused(world, order, given, field):
    with pytest.raises(errors.Invalid) as refused:
        look(order, world.coordinator(), **given)
    assert field in refused.value.fields
    assert db.session.scalar(select(func.count()).select_from(Reveal)) == 0


def test_nobody_else_may_look(world, order):
    with pytest.raises(errors.NotFound):
        look(order, world.coordinator(world.ids["neighbour"]))
    for actor in (world.supervisor(), world.administrator(), world.volunteer(), world.resident("别人")):
        with pytest.raises(errors.NotAllowed):
            look(order, actor)


def test_the_same_key_is_one_look(world, order):
    desk = world.coordinator()
    assert look(order, desk, key="k1").id == look(order, desk, key="k1").id
    assert db.session.scalar(select(func.count()).select_from(Reveal)) == 1


# ---------- limits and the alarm ----------


def test_collecting_addresses_ends_at_the_days_number_with_an_alarm(world, order):
    """The whole five hundred are tried by the canary bar of `make integrity`."""
    _set(world, "reveals_per_hour", 8)
    _set(world, "reveals_per_day", 25)
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
    _set(world, "reveals_per_hour", 2)
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
    _set(world, "reveal_alarm_least", 5)
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


# ---------- minors ----------


def test_a_minors_details_need_a_second_person(world, order):
    desk, colleague = world.coordinator(), world.coordinator(name="周敏")
    _born(order, now().year - 12)
    row = look(order, desk)
    assert row.shown_at is None and shown(row, desk) == {}
    asked = select(Notification.account_id).where(Notification.kind == NoticeKind.REVEAL_ASKED)
    assert db.session.scalars(asked).all() == [colleague.account_id]
    with pytest.raises(errors.OwnEntry):
        service.approve(row.id, actor=desk)
    with pytest.raises(errors.NotFound):
        service.approve(row.id, actor=world.coordinator(world.ids["neighbour"]))
    service.approve(row.id, actor=colleague)
    again = look(order, desk)
    assert again.id == row.id and set(shown(again, desk)) == set(WHO)
    assert again.approved_by_id == colleague.account_id
    assert look(order, desk).shown_at is None, "one yes is one look"


def test_a_yes_is_for_what_was_asked_and_not_for_long(world, order):
    desk, colleague = world.coordinator(), world.coordinator(name="周敏")
    _born(order, now().year - 12)
    service.approve(look(order, desk).id, actor=colleague)
    assert look(order, desk, fields=ABOUT_ORDER).shown_at is None, "more than was asked for"
    advance(minutes=61)
    assert look(order, desk).shown_at is None
    stale = look(order, desk, fields=("address",))
    advance(hours=25)
    with pytest.raises(errors.WrongState):
        service.approve(stale.id, actor=colleague)


@pytest.mark.parametrize(("age", "limit", "waits"), [(14, 14, True), (16, 14, False), (17, 18, True), (10, 0, False)])
def test_the_age_is_the_offices_setting(world, order, age, limit, waits):
    _set(world, "minor_until", limit)
    _born(order, now().year - age)
    assert (look(order, world.coordinator()).shown_at is None) is waits


# ---------- volunteers ----------


def test_a_volunteers_number_is_looked_at_the_same_way(world, order):
    volunteer, desk = world.volunteer(), world.coordinator()
    assignment = taken(order, volunteer)
    row = service.reveal_volunteer(volunteer.volunteer_id, reason="late", actor=desk, order_id=order.id)
    assert shown(row, desk) == {"volunteer_phone": assignment.volunteer.account.phone}
    assert [look.reason for look in looks.about(volunteer)] == ["没按时到，要找人"]


def test_somebody_elses_volunteer_is_known_by_a_common_order_only(world, order):
    desk = world.coordinator()
    stranger = world.volunteer("外站的", office=world.ids["neighbour"])
    with pytest.raises(errors.NotFound):
        service.reveal_volunteer(stranger.volunteer_id, reason="call", actor=desk)
    with pytest.raises(errors.NotFound):
        service.reveal_volunteer(stranger.volunteer_id, reason="call", actor=desk, order_id=order.id)
    taken(order, stranger)
    service.reveal_volunteer(stranger.volunteer_id, reason="call", actor=desk, order_id=order.id)


# ---------- who looked ----------


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

    _set(world, "lookups_per_hour", 2)
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


# ---------- pages ----------


def test_the_page_shows_the_value_for_a_minute_and_nobody_keeps_it(town, site):
    order = town.open_order(town.resident(), **SECRETS)
    desk = town.browser(site, town.coordinator())
    page = f"/desk/orders/{order.id}"
    assert told(desk.get(page).text) == {"words"}
    answer = post(desk, f"{page}/reveal", what="all", reason="call")
    assert answer.status_code == 200
    assert told(answer.text) == {"contact_name", "contact_phone", "address", "access_notes"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Refresh"] == f"60; url={page}"
    assert told(desk.get(page).text) == {"words"}, "masked again"


def test_without_a_reason_the_page_asks_again_and_shows_nothing(town, site):
    order = town.open_order(town.resident(), **SECRETS)
    answer = post(town.browser(site, town.coordinator()), f"/desk/orders/{order.id}/reveal", what="who")
    assert answer.status_code == 422
    assert told(answer.text) == set()


def test_a_look_is_never_a_get(town, site):
    order = town.open_order(town.resident(), **SECRETS)
    desk = town.browser(site, town.coordinator())
    assert desk.get(f"/desk/orders/{order.id}/reveal").status_code == 405


def test_programs_ask_the_same_way(town, site):
    order = town.open_order(town.resident(), **SECRETS)
    program = town.program(site, town.coordinator())
    seen = program.get(f"/api/v1/orders/{order.id}").json
    assert told(str(seen)) == {"words"} and "contact_phone" in seen["masked"]
    asked = {"fields": ["contact_phone"], "reason": "call"}
    answer = program.post(f"/api/v1/orders/{order.id}/reveal", json=asked)
    assert answer.json["shown"] == {"contact_phone": SECRETS["contact_phone"]} and not answer.json["waiting"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert (
        program.post(f"/api/v1/orders/{order.id}/reveal", json={"fields": ["words"], "reason": "call"}).status_code
        == 422
    )


def test_many_at_once_want_the_password_again(town, site):
    order = town.open_order(town.resident(), starts=now() + timedelta(hours=3), **SECRETS)
    desk = town.browser(site, town.coordinator())
    page = desk.get("/desk/calls")
    assert page.status_code == 200 and told(page.text) == set()
    advance(minutes=6)
    answer = post(desk, "/desk/calls", orders=order.id, reason="safety")
    assert answer.status_code in (303, 401) and told(answer.text) == set()
    assert db.session.scalar(select(func.count()).select_from(Reveal)) == 0


def test_a_list_is_shown_as_far_as_the_number_goes(town):
    from app.privacy.calls import reveal_many

    _set(town, "reveals_per_hour", 2)
    orders = [town.open_order(starts=now() + timedelta(hours=3)).id for _number in range(3)]
    rows, missed = reveal_many([*orders, "0" * 20], "safety", "", actor=town.coordinator())
    assert (len(rows), missed) == (2, 2)
    assert {row.way for row in rows} == {LookWay.BULK}


@command
def _set(world, name, value):
    db.session.add(OfficeSetting(office_id=world.ids["city"], name=name, value=value))


@command
def _born(order, year):
    db.session.get(Resident, order.resident_id).birth_year = year


def test_the_same_request_again_shows_nothing_once_the_page_has_closed(world):
    coordinator, order = world.coordinator(), world.open_order()
    look = {"fields": ["contact_phone"], "reason": LookReason.CALL, "actor": coordinator, "key": "once"}
    first = service.reveal(order.id, **look)
    assert looks.values(first, coordinator)
    advance(seconds=61)
    again = service.reveal(order.id, **look)
    assert again.id == first.id and looks.values(again, coordinator) == []
