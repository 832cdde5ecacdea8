"""Reserves, dispatching afresh, escalation, giving up: an order that looks for people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatching import queries, service, timers
from app.kernel import clock
from app.kernel.clock import now
from app.kernel.errors import AlreadyTaken, WrongState
from app.ordering import service as ordering
from app.serving import service as serving
from models import Notification, Reserve, db
from models.kinds import Urgency
from tests.dispatching.helpers import dispatched, fresh, kinds, live, offers, one_at_a_time


def told(account_id):
    db.session.rollback()
    rows = db.session.query(Notification).filter_by(account_id=account_id).order_by(Notification.created_at)
    return [notice.kind for notice in rows]


def ticking(minutes: int, step: int = 1) -> None:
    """Let time pass as the clock would, tick by tick."""
    for _ in range(0, minutes, step):
        clock.advance(timedelta(minutes=step))
        timers.tick()


def test_a_late_yes_is_asked_first_when_the_place_frees_up(world):
    first = world.volunteer("先到")
    world.volunteer("更近", north_km=0.1)
    late = world.volunteer("晚到", north_km=3)
    order = world.open_order()
    taken = serving.claim(order.id, actor=first)
    with pytest.raises(AlreadyTaken):
        serving.claim(order.id, actor=late)
    assert db.session.query(Reserve).one().volunteer_id == late.volunteer_id

    serving.hand_back(taken.id, "临时有事", actor=first)

    (offer,) = live(order)
    assert (offer.volunteer_id, offer.origin) == (late.volunteer_id, "reserve")
    assert fresh(order).status == "offering"
    assert told(late.account_id)[-1] == "reserve_asked"
    assert dispatched() is None, "the reserve is waited for"
    assert serving.accept(offer.id, actor=late).volunteer_id == late.volunteer_id


def test_of_several_late_people_only_as_many_are_asked_as_there_is_room_for(world):
    one_at_a_time(world)
    first, second, third = world.volunteer("先到"), world.volunteer("晚到"), world.volunteer("更晚")
    order = world.open_order()
    taken = serving.claim(order.id, actor=first)
    for late in (second, third):
        clock.advance(timedelta(minutes=1))
        with pytest.raises(AlreadyTaken):
            serving.claim(order.id, actor=late)

    serving.hand_back(taken.id, "", actor=first)

    (offer,) = live(order)
    assert offer.volunteer_id == second.volunteer_id and "reserve_asked" not in told(third.account_id)
    serving.decline(offer.id, actor=second)
    assert [one.volunteer_id for one in live(order)] == [third.volunteer_id], "still on the list, and next"


def test_a_reserve_who_cannot_any_more_stays_on_the_list_and_others_are_asked(world):
    first, other = world.volunteer("先到"), world.volunteer("别人", north_km=1)
    late = world.volunteer("晚到", north_km=3)
    order = world.open_order()
    taken = serving.claim(order.id, actor=first)
    with pytest.raises(AlreadyTaken):
        serving.claim(order.id, actor=late)
    serving.claim(world.open_order().id, actor=late)

    serving.hand_back(taken.id, "", actor=first)
    assert live(order) == []
    dispatched()
    assert [one.volunteer_id for one in live(order)] == [other.volunteer_id]
    assert db.session.query(Reserve).filter_by(left_at=None).count() == 1


def test_the_one_who_gave_it_back_is_not_asked_again(world):
    first = world.volunteer("先到")
    order = world.open_order()
    taken = serving.claim(order.id, actor=first)
    serving.hand_back(taken.id, "", actor=first)
    dispatched()
    assert live(order) == []
    assert fresh(order).unplaced["bans"] == {"declined": 1}


def test_dispatching_afresh_asks_once_more_whoever_let_it_pass_but_nobody_who_said_no(world):
    one_at_a_time(world)
    silent, no, desk = (
        world.volunteer("没看见", north_km=0.2),
        world.volunteer("说过不", north_km=1),
        world.coordinator(),
    )
    order = world.open_order()
    dispatched()
    clock.advance(timedelta(hours=5))
    timers.tick()
    dispatched()
    serving.decline(live(order)[0].id, actor=no)
    dispatched()
    assert live(order) == []

    clock.advance(timedelta(minutes=1))
    service.redispatch(order.id, actor=desk)
    dispatched()

    assert [one.volunteer_id for one in live(order)] == [silent.volunteer_id]


def test_an_order_nobody_takes_climbs_station_street_district_city_by_itself(world):
    order = world.open_order(urgency=Urgency.URGENT, starts=now() + timedelta(days=2))
    desks = {level: world.coordinator(world.ids[level]) for level in ("street", "west", "city")}
    reached = []
    for _ in range(40):
        clock.advance(timedelta(minutes=1))
        timers.tick()
        if fresh(order).escalated_to_id not in (None, *reached[-1:]):
            reached.append(fresh(order).escalated_to_id)

    assert reached == [world.ids["street"], world.ids["west"], world.ids["city"]]
    assert all(told(desk.account_id) == ["escalated"] for desk in desks.values())
    assert kinds(order).count("order.escalate") == 3


def test_escalation_keeps_to_its_minutes(world):
    order = world.open_order(starts=now() + timedelta(days=2))  # normal: two hours a level
    ticking(119)
    assert fresh(order).escalated_to_id is None
    ticking(3)
    assert fresh(order).escalated_to_id == world.ids["street"]


def test_a_supervisor_may_press_an_order_upwards_but_not_beyond_the_city(world):
    supervisor, order = world.supervisor(world.ids["city"]), world.open_order()
    for level in ("street", "west", "city"):
        assert service.escalate(order.id, actor=supervisor).escalated_to_id == world.ids[level]
    with pytest.raises(WrongState):
        service.escalate(order.id, actor=supervisor)


def test_when_the_window_is_over_the_order_is_given_up_kindly_with_counted_reasons(world):
    resident, desk = world.resident(), world.coordinator()
    world.volunteer(skills=[])
    order = world.open_order(resident, starts=now() + timedelta(hours=3))
    dispatched()
    ticking(182)

    given_up = fresh(order)
    assert given_up.status == "unfilled" and given_up.next_action_at is None
    assert given_up.unplaced["lost"]["skills"] == 1
    assert "order_unfilled" in told(resident.account_id) and "order_unfilled" in told(desk.account_id)
    words = queries.unplaced_words(given_up)
    assert any("没有所需技能 1" in sentence for sentence in words)
    assert not any("技能" in sentence for sentence in queries.unplaced_words(given_up, reader="resident"))
    with pytest.raises(WrongState):
        service.redispatch(order.id, actor=desk)


def test_giving_up_takes_back_what_is_still_out(world):
    world.volunteer()
    order = world.open_order(starts=now() + timedelta(hours=1), urgency=Urgency.PLANNED)
    dispatched()
    ticking(62)
    assert fresh(order).status == "unfilled"
    assert {one.status for one in offers(order)} <= {"expired", "withdrawn"}


def test_an_order_that_found_some_of_its_people_goes_ahead_with_them(world):
    helper = world.volunteer()
    order = world.open_order(positions=2, starts=now() + timedelta(hours=2))
    serving.claim(order.id, actor=helper)
    ticking(122)
    assert fresh(order).status == "staffed"
    assert "order.give_up" not in kinds(order)


def test_an_unfilled_order_can_be_tried_again_while_its_window_lasts(world):
    desk, order = world.coordinator(), world.open_order(starts=now() + timedelta(hours=1), hours=1)
    ticking(62)
    assert fresh(order).status == "unfilled"
    with pytest.raises(WrongState):
        service.redispatch(order.id, actor=desk)


def test_giving_up_too_early_or_twice_is_harmless(world):
    resident = world.resident()
    order = world.open_order(resident, starts=now() + timedelta(hours=1))
    assert service.give_up(order.id).status == "open", "its window has time left"
    clock.advance(timedelta(hours=2))
    for _ in range(2):
        assert service.give_up(order.id).status == "unfilled"
    assert kinds(order).count("order.give_up") == 1 and told(resident.account_id).count("order_unfilled") == 1


@pytest.fixture
def at_another_time(world):
    """An order that was given up, for which the desk has now agreed on tomorrow; and the desk."""
    desk, order = world.coordinator(), world.open_order(starts=now() + timedelta(hours=1), hours=1)
    ticking(62)
    tomorrow = now() + timedelta(days=1)
    ordering.amend(order.id, actor=desk, window_from=tomorrow, window_until=tomorrow + timedelta(hours=2))
    assert fresh(order).status == "unfilled"
    return order, desk


def test_with_a_new_time_an_order_given_up_is_dispatched_again(world, at_another_time):
    (order, desk), person = at_another_time, world.volunteer()
    assert dispatched() is None, "nobody is asked before the desk says so"
    assert service.redispatch(order.id, actor=desk).status == "open"
    assert kinds(order)[-1] == "order.retry" and fresh(order).next_action_at is not None
    dispatched()
    assert [offer.volunteer_id for offer in live(order)] == [person.volunteer_id]


def test_with_a_new_time_somebody_is_asked_by_hand_for_an_order_given_up(world, at_another_time):
    (order, desk), person = at_another_time, world.volunteer()
    offer = service.offer_by_hand(order.id, person.volunteer_id, actor=desk)
    assert fresh(order).status == "offering" and kinds(order)[-3:] == ["order.retry", "order.offer", "offer.make"]
    serving.accept(offer.id, actor=person)
    assert fresh(order).status == "staffed"
