"""点单: what placing an order does, and what it refuses."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.kernel.access import NOBODY
from app.kernel.clock import now
from app.kernel.errors import Invalid, KeyReused, NotFound, NotSignedIn
from app.kernel.transaction import command
from app.ordering import queries, service
from models import Event, Notification, Order, Resident, SavedAddress, db
from models.kinds import Channel, EventKind, Urgency
from models.states import OrderStatus
from tests.ordering.wishes import errand, events_of, free_form, wish


def test_a_placed_order_waits_for_the_station_and_keeps_all_that_was_said(world):
    resident = world.resident()
    order = service.place(
        actor=resident, **wish(world, words="三楼，没有电梯", needs_wheelchair=True, languages=["杭州话"])
    )
    assert order.status == OrderStatus.SUBMITTED
    assert (order.words, order.needs_wheelchair, order.languages) == ("三楼，没有电梯", True, ["杭州话"])
    assert order.resident_id == resident.resident_id and order.requester_id == resident.account_id
    assert order.contact_name == "王奶奶" and order.channel == Channel.WEB
    assert [row.skill.code for row in order.skills] == ["escort"] and order.duration_minutes == 120
    assert order.next_action_at == now() + timedelta(minutes=1440)


def test_number_and_start_code_are_digits_drawn_at_random(world):
    resident = world.resident()
    one, other = (service.place(actor=resident, **wish(world)) for _ in range(2))
    assert one.number.startswith("261123") and len(one.number) == 12 and one.number.isdigit()
    assert len(one.start_code) == 4 and one.start_code.isdigit()
    assert one.number != other.number


def test_there_is_one_position_for_each_volunteer_wanted(world):
    order = service.place(actor=world.resident(), **wish(world, item_code="bathing"))
    assert [position.number for position in order.positions] == [1, 2]
    assert order.credentials == ["first_aid"]


def test_a_low_risk_item_is_approved_at_once_and_the_rule_is_written_down(world):
    order = service.place(actor=world.resident(), **errand(world))
    assert order.status == OrderStatus.OPEN and order.opened_at == now()
    placed, approved = events_of(order)
    assert placed.kind == EventKind.ORDER_PLACE and (placed.before, placed.after) == (None, "submitted")
    assert approved.kind == EventKind.ORDER_APPROVE and approved.actor_id is None
    assert approved.particulars == {"rule": "low_risk_approved_at_once", "item": "errand"}


def test_an_office_may_switch_instant_approval_off(world):
    set_off(world.ids["west"])
    assert service.place(actor=world.resident(), **errand(world)).status == OrderStatus.SUBMITTED
    far = service.place(actor=world.resident(office=world.ids["far"]), **errand(world, office_id=world.ids["far"]))
    assert far.status == OrderStatus.OPEN


@command
def set_off(office_id):
    from models import OfficeSetting

    db.session.add(OfficeSetting(office_id=office_id, name="low_risk_approved_at_once", value=False))


def test_asking_for_more_people_than_usual_needs_a_look(world):
    order = service.place(actor=world.resident(), **errand(world, positions=3))
    assert order.status == OrderStatus.SUBMITTED and len(order.positions) == 3


def test_a_free_form_order_always_waits_even_when_a_coordinator_wrote_it_down(world):
    assert service.place(actor=world.resident(), **free_form(world)).status == OrderStatus.SUBMITTED
    told = free_form(world, channel=Channel.PHONE, contact_name="李奶奶", contact_phone="+8613800000001", consent=True)
    assert service.place(actor=world.coordinator(), **told).status == OrderStatus.SUBMITTED


def test_an_order_taken_by_telephone_is_approved_by_the_coordinators_own_hand(world):
    desk = world.coordinator()
    told = wish(world, channel=Channel.PHONE, contact_name="李奶奶", contact_phone="+8613800000001", consent=True)
    order = service.place(actor=desk, **told)
    assert order.status == OrderStatus.OPEN and order.resident.name == "李奶奶" and order.resident.account_id is None
    approved = events_of(order)[-1]
    assert approved.actor_id == desk.account_id and approved.particulars == {"by": "intake"}


def test_a_coordinator_takes_no_calls_for_another_district(world):
    told = wish(world, channel=Channel.PHONE, contact_name="李奶奶", contact_phone="+8613800000001", consent=True)
    with pytest.raises(NotFound):
        service.place(actor=world.coordinator(world.ids["east"]), **told)
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0


def test_the_same_caller_is_known_the_next_time(world):
    desk = world.coordinator()
    told = wish(world, channel=Channel.PHONE, contact_name="李奶奶", contact_phone="+8613800000001", consent=True)
    first, second = (service.place(actor=desk, **told) for _ in range(2))
    assert first.resident_id == second.resident_id
    other = service.place(actor=desk, **{**told, "contact_name": "李爷爷"})
    assert other.resident_id != first.resident_id


def test_a_proxy_orders_for_somebody_else_and_may_order_for_them_again(world):
    daughter = world.resident("小王")
    first = service.place(
        actor=daughter, **wish(world, on_behalf=True, contact_name="王妈妈", contact_phone="+8613800000002")
    )
    assert first.channel == Channel.PROXY and first.requester_id == daughter.account_id
    again = service.place(actor=daughter, **wish(world, resident_id=first.resident_id))
    assert again.resident_id == first.resident_id and again.contact_name == "王妈妈"


def test_nobody_orders_for_a_resident_they_have_nothing_to_do_with(world):
    stranger, victim = world.resident("甲"), world.resident("乙")
    with pytest.raises(NotFound):
        service.place(actor=stranger, **wish(world, resident_id=victim.resident_id))


def test_somebody_elses_saved_address_cannot_be_used(world):
    owner, stranger = world.resident("甲"), world.resident("乙")
    saved = service.save_address(actor=owner, office_id=world.ids["station"], address="3 幢 201")
    with pytest.raises(Invalid) as refused:
        service.place(actor=stranger, **wish(world, address_id=saved.id))
    assert "address_id" in refused.value.fields


def test_a_saved_address_brings_its_community_and_point(world):
    resident = world.resident()
    saved = service.save_address(
        actor=resident, office_id=world.ids["neighbour"], address="9 幢 101", lat=30.2, lon=120.2
    )
    order = service.place(actor=resident, **wish(world, address_id=saved.id))
    assert (order.office_id, order.address, order.lat, order.lon) == (world.ids["neighbour"], "9 幢 101", 30.2, 120.2)


def test_a_place_without_a_point_gets_its_communitys(world):
    order = service.place(actor=world.resident(), **wish(world))
    assert (order.lat, order.lon) == (order.office.lat, order.office.lon)


def test_an_address_is_remembered_once(world):
    resident = world.resident()
    for _ in range(2):
        service.place(actor=resident, **wish(world, remember=True))
    assert [saved.address for saved in queries.addresses(resident.resident_id)] == ["3 幢 201"]
    assert db.session.scalar(select(func.count()).select_from(SavedAddress)) == 1


def test_the_first_order_of_somebody_without_a_profile_makes_one(world):
    account = world.volunteer()
    order = service.place(actor=account, **wish(world))
    assert db.session.get(Resident, order.resident_id).account_id == account.account_id


def test_the_same_key_places_one_order(world):
    resident = world.resident()
    first, second = (service.place(actor=resident, key="k1", **wish(world)) for _ in range(2))
    assert first.id == second.id
    assert db.session.scalar(select(func.count()).select_from(Order)) == 1


def test_the_same_key_with_another_wish_is_refused(world):
    resident = world.resident()
    service.place(actor=resident, key="k1", **wish(world))
    with pytest.raises(KeyReused):
        service.place(actor=resident, key="k1", **wish(world, words="别的"))
    other = service.place(actor=world.resident("乙"), key="k1", **wish(world, words="别的"))
    assert other.words == "别的", "another person's keys are their own"


def test_as_soon_as_possible_can_be_pressed_twice_with_a_pause(world):
    from tests.factories import advance

    resident = world.resident()
    asked = {**errand(world), "as_soon": True, "window_from": None, "window_until": None}
    first = service.place(actor=resident, key="k1", **asked)
    advance(seconds=40)
    assert service.place(actor=resident, key="k1", **asked).id == first.id
    assert first.is_now and first.urgency == Urgency.URGENT


@pytest.mark.parametrize(
    ("hours", "item", "urgency", "is_now"),
    [
        (0.5, "escort", "urgent", True),
        (3, "escort", "urgent", False),
        (30, "escort", "normal", False),
        (100, "escort", "planned", False),
        (30, "hurry", "urgent", False),
        (100, "hurry", "normal", False),
    ],
)
def test_urgency_comes_from_the_time_left_and_an_urgent_item_raises_it_one_step(world, hours, item, urgency, is_now):
    add_item(world, "hurry", urgency="urgent")
    starts = now() + timedelta(hours=hours)
    order = service.place(
        actor=world.resident(),
        **wish(world, item_code=item, window_from=starts, window_until=starts + timedelta(hours=3)),
    )
    assert (order.urgency, order.is_now) == (urgency, is_now)


@command
def add_item(world, code, **more):
    from models import ServiceCategory

    category = db.session.scalar(select(ServiceCategory.id))
    world.item(code, category, minutes=60, skills=[], **more)


def test_priority_groups_come_one_step_earlier(world):
    usual = service.place(actor=world.resident("甲"), **wish(world))
    first = service.place(actor=world.resident("乙", priority_group="elderly_alone"), **wish(world))
    assert first.priority == usual.priority + 1


def span(world, begins, ends):
    return wish(world, window_from=now() + begins, window_until=now() + ends)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"begins": timedelta(hours=5), "ends": timedelta(hours=4)}, "window_until"),
        ({"begins": timedelta(hours=5), "ends": timedelta(hours=6)}, "window_until"),
        ({"begins": timedelta(hours=-3), "ends": timedelta(hours=4)}, "window_from"),
        ({"begins": timedelta(days=91), "ends": timedelta(days=91, hours=4)}, "window_from"),
        ({"begins": timedelta(days=1), "ends": timedelta(days=20)}, "window_until"),
        ({"window_from": None}, "window_from"),
        ({"item_code": "nothing"}, "item"),
        ({"item_code": None, "title": ""}, "title"),
        ({"office_id": "street"}, "office_id"),
        ({"office_id": "../x"}, "office_id"),
        ({"address": ""}, "address"),
        ({"positions": 0}, "positions"),
        ({"positions": 51}, "positions"),
        ({"item_code": "bathing", "positions": 1}, "positions"),
        ({"skills": ["flying"]}, "skills"),
        ({"on_behalf": True}, "contact_name"),
    ],
)
def test_a_wish_that_cannot_be_served_is_refused_and_the_field_named(world, change, field):
    change = dict(change)
    asked = span(world, change.pop("begins"), change.pop("ends")) if "begins" in change else wish(world)
    if change.get("office_id") == "street":
        change["office_id"] = world.ids["street"]
    with pytest.raises(Invalid) as refused:
        service.place(actor=world.resident(), **{**asked, **change})
    assert field in refused.value.fields
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0


def test_whoever_is_not_signed_in_places_nothing(world):
    with pytest.raises(NotSignedIn):
        service.place(actor=NOBODY, **wish(world))


def test_an_item_of_another_office_is_not_on_the_menu(world):
    add_item(world, "local", office_id=world.ids["far"])
    with pytest.raises(Invalid):
        service.place(actor=world.resident(), **wish(world, item_code="local"))
    assert service.place(
        actor=world.resident(office=world.ids["far"]), **wish(world, item_code="local", office_id=world.ids["far"])
    )


def test_events_of_an_order_are_gapless_and_tell_no_personal_data(world):
    resident = world.resident()
    order = service.place(actor=resident, **errand(world))
    service.cancel(order.id, "不需要了", actor=resident)
    rows = db.session.scalars(select(Event).where(Event.order_id == order.id).order_by(Event.version)).all()
    assert [row.version for row in rows] == list(range(1, order.version + 1))
    told = str([row.particulars for row in rows])
    assert order.address not in told and order.contact_phone not in told
    assert db.session.scalar(select(func.count()).select_from(Notification)) == 0, "one's own doing is no news"
