"""Looking at details: with a reason, journalled first, told to whom it is about; minors need two people."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.kernel import errors
from app.kernel.clock import now
from app.kernel.transaction import command
from app.privacy import looks, service
from app.privacy.reveals import ABOUT_ORDER
from models import Event, Notification, Resident, Reveal, db
from models.kinds import EventKind, LookReason, NoticeKind
from tests.factories import advance
from tests.privacy.revealing import WHO, look, set_policy
from tests.privacy.secrets import SECRETS, told
from tests.serving.steps import taken


@pytest.fixture
def order(world):
    return world.open_order(world.resident("王桂兰"), **SECRETS)


def shown(row, actor):
    return {field: value for field, _name, value in looks.values(row, actor)}


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
    set_policy(world, "minor_until", limit)
    _born(order, now().year - age)
    assert (look(order, world.coordinator()).shown_at is None) is waits


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
