"""Offers by hand, taken back, running out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.dispatching import queries, service, timers
from app.kernel import clock
from app.kernel.access import SYSTEM
from app.kernel.clock import now
from app.kernel.errors import Conflict, NotFitting, NotFound, WrongState
from app.kernel.transaction import command
from app.serving import service as serving
from models import Block, Notification, Order, Volunteer, db
from models.kinds import BlockKind, Urgency
from tests.dispatching.helpers import dispatched, fresh, kinds, live, offers, one_at_a_time, set_for


def row(actor):
    return db.session.get(Volunteer, actor.volunteer_id)


@pytest.mark.parametrize(("urgency", "minutes"), [("urgent", 15), ("normal", 240), ("planned", 1440)])
def test_an_offer_stands_as_long_as_its_urgency_allows(world, urgency, minutes):
    world.volunteer()
    order = world.open_order(urgency=Urgency(urgency), starts=now() + timedelta(days=3))
    dispatched()
    (offer,) = live(order)
    assert offer.expires_at == now() + timedelta(minutes=minutes)


def test_an_offer_ends_in_time_to_set_out_but_gives_five_minutes_at_least(world):
    one_at_a_time(world)
    world.volunteer()
    soon = world.open_order(starts=now() + timedelta(minutes=90))
    dispatched()
    (offer,) = live(soon)
    assert offer.expires_at == offer.starts_at - timedelta(minutes=offer.travel_minutes)

    world.volunteer("第二位")
    at_once = world.open_order(starts=now(), hours=3, duration_minutes=60, is_now=True)
    dispatched()
    (offer,) = live(at_once)
    assert offer.expires_at == now() + timedelta(minutes=5)


def test_an_offer_that_runs_out_passes_the_order_on_and_nobody_is_asked_again(world):
    one_at_a_time(world)
    near, far = world.volunteer("近", north_km=0.2), world.volunteer("远", north_km=2)
    order = world.open_order()
    dispatched()
    (first,) = live(order)
    assert first.volunteer_id == near.volunteer_id

    clock.advance(timedelta(hours=4, seconds=1))
    timers.tick()
    assert [one.status for one in offers(order)] == ["expired"]
    assert fresh(order).status == "open"
    assert kinds(order)[-2:] == ["offer.expire", "order.wait"]

    dispatched()
    assert [one.volunteer_id for one in live(order)] == [far.volunteer_id]


def test_expiring_twice_or_too_early_is_harmless(world):
    world.volunteer()
    order = world.open_order()
    dispatched()
    (offer,) = live(order)
    service.expire_offer(offer.id)
    assert len(live(order)) == 1, "its time is not over"
    clock.advance(timedelta(hours=5))
    service.expire_offer(offer.id)
    service.expire_offer(offer.id)
    assert kinds(order).count("offer.expire") == 1


def test_a_coordinator_offers_by_hand_to_somebody_who_fits(world):
    chosen, desk = world.volunteer("远一点", north_km=2), world.coordinator()
    world.volunteer("近一点")
    order = world.open_order()

    offer = service.offer_by_hand(order.id, chosen.volunteer_id, actor=desk)

    assert (offer.volunteer_id, offer.origin) == (chosen.volunteer_id, "hand")
    notices = db.session.query(Notification).filter_by(account_id=chosen.account_id)
    assert [notice.kind for notice in notices] == ["offer"]


def test_conflicts_are_told_with_reasons_and_may_be_set_aside(world):
    busy_then, desk = world.volunteer(always=False, on_duty=False, skills=[]), world.coordinator()
    order = world.open_order()

    with pytest.raises(NotFitting) as refused:
        service.offer_by_hand(order.id, busy_then.volunteer_id, actor=desk)
    told = refused.value.more["conflicts"]
    assert {one["rule"] for one in told} == {"skills", "availability"}
    assert not any(one["binding"] for one in told) and all(one["words"] for one in told)

    offer = service.offer_by_hand(order.id, busy_then.volunteer_id, actor=desk, despite=True)
    assert offer.terms["despite"] == ["skills", "availability"]
    assert queries.conflicts(fresh(order), row(busy_then), offer.starts_at) == []
    assert serving.accept(offer.id, actor=busy_then).order_id == order.id


def test_without_such_an_offer_a_missing_skill_stands_in_the_way_of_a_yes(world):
    unskilled = world.volunteer(skills=[], always=False)
    order = world.open_order()
    assert [one.rule for one in queries.conflicts(order, row(unskilled))] == ["skills"]


@command
def _block(order, actor):
    db.session.add(
        Block(
            volunteer_id=actor.volunteer_id, resident_id=order.resident_id, kind=BlockKind.BY_RESIDENT, created_at=now()
        )
    )


def test_law_safety_and_impossibility_are_never_set_aside(world):
    desk = world.coordinator()
    papers = world.open_order(item="bathing", positions=1)
    grown_up = world.open_order(minimum_age=18)
    blocked_order = world.open_order()
    without_papers = world.volunteer("没有证")
    expired = world.volunteer("证过期", credentials={"first_aid": date(2026, 11, 23)})
    young = world.volunteer("年轻", birth_year=2009)
    blocked = world.volunteer("拉黑")
    unverified = world.volunteer("未核实", is_verified=False)
    _block(blocked_order, blocked)
    for order, person, rule in (
        (papers, without_papers, "credentials"),
        (papers, expired, "credentials"),
        (grown_up, young, "minimum_age"),
        (blocked_order, blocked, "blocked"),
        (grown_up, unverified, "active"),
    ):
        with pytest.raises(NotFitting) as refused:
            service.offer_by_hand(order.id, person.volunteer_id, actor=desk, despite=True)
        assert rule in {one["rule"] for one in refused.value.more["conflicts"] if one["binding"]}
        assert rule in {one.rule for one in queries.conflicts(fresh(order), row(person))}


def test_accepted_work_is_never_overlapped_by_hand(world):
    person, desk = world.volunteer(), world.coordinator()
    first, second = world.open_order(), world.open_order()
    serving.claim(first.id, actor=person)
    with pytest.raises(NotFitting) as refused:
        service.offer_by_hand(second.id, person.volunteer_id, actor=desk, despite=True)
    assert [one["rule"] for one in refused.value.more["conflicts"]] == ["overlap"]


def test_nobody_is_sent_to_an_order_of_their_own_not_even_by_hand(world):
    person, desk = world.volunteer(), world.coordinator()
    order = world.open_order()
    _make_requester(order.id, person.account_id)
    dispatched()
    assert live(order) == []
    with pytest.raises(NotFitting):
        service.offer_by_hand(order.id, person.volunteer_id, actor=desk, despite=True)


@command
def _make_requester(order_id, account_id):
    db.session.get(Order, order_id).requester_id = account_id


def test_lacking_a_skill_too_does_not_hide_that_somebody_is_busy_then(world):
    person, desk = world.volunteer(skills=[], north_km=30), world.coordinator()
    serving.claim(world.open_order(item="errand", hours=2).id, actor=person)
    second = world.open_order()
    with pytest.raises(NotFitting) as refused:
        service.offer_by_hand(second.id, person.volunteer_id, actor=desk, despite=True)
    assert {one["rule"] for one in refused.value.more["conflicts"]} == {"skills", "radius", "overlap"}


def test_a_strangers_order_does_not_exist_for_a_coordinator(world):
    person, stranger = world.volunteer(), world.coordinator(world.ids["east"])
    order = world.open_order()
    dispatched()
    (offer,) = live(order)
    with pytest.raises(NotFound):
        service.offer_by_hand(order.id, person.volunteer_id, actor=stranger)
    with pytest.raises(NotFound):
        service.withdraw_offer(offer.id, actor=stranger)
    with pytest.raises(NotFound):
        service.redispatch(order.id, actor=stranger)
    with pytest.raises(NotFound):
        service.escalate(order.id, actor=stranger)


def test_somebody_of_another_office_may_be_asked_only_when_nothing_speaks_against_it(world):
    neighbour = world.volunteer("邻社区", office=world.ids["neighbour"])
    unskilled = world.volunteer("邻社区二", office=world.ids["neighbour"], skills=[])
    desk, order = world.coordinator(), world.open_order()
    with pytest.raises(NotFound):
        service.offer_by_hand(order.id, unskilled.volunteer_id, actor=desk, despite=True)
    assert service.offer_by_hand(order.id, neighbour.volunteer_id, actor=desk).origin == "hand"


def test_the_same_person_has_one_live_offer_for_an_order(world):
    person, desk = world.volunteer(), world.coordinator()
    order = world.open_order()
    service.offer_by_hand(order.id, person.volunteer_id, actor=desk)
    with pytest.raises((Conflict, NotFitting)):
        service.offer_by_hand(order.id, person.volunteer_id, actor=desk)
    with pytest.raises(Conflict):
        service.offer_by_hand(order.id, person.volunteer_id, actor=desk, despite=True)


def test_what_a_coordinator_took_back_is_not_offered_again_by_the_next_run(world):
    one_at_a_time(world)
    near, far = world.volunteer("近", north_km=0.2), world.volunteer("远", north_km=2)
    desk, order = world.coordinator(), world.open_order()
    dispatched()
    (offer,) = live(order)

    service.withdraw_offer(offer.id, actor=desk)

    assert fresh(order).status == "open"
    kinds_told = [notice.kind for notice in db.session.query(Notification).filter_by(account_id=near.account_id)]
    assert kinds_told == ["offer", "offer_withdrawn"]
    with pytest.raises(WrongState):
        service.withdraw_offer(offer.id, actor=desk)
    dispatched()
    assert [one.volunteer_id for one in live(order)] == [far.volunteer_id]


def test_a_full_order_takes_no_more_offers(world):
    first, second, desk = world.volunteer("甲"), world.volunteer("乙"), world.coordinator()
    order = world.open_order()
    serving.claim(order.id, actor=first)
    with pytest.raises((WrongState, NotFitting)):
        service.offer_by_hand(order.id, second.volunteer_id, actor=desk, despite=True)


def test_the_expiry_is_a_setting_of_the_office(world):
    set_for(world.ids["street"], "answer_minutes", {"normal": 30})
    world.volunteer()
    order = world.open_order()
    dispatched()
    assert live(order)[0].expires_at == now() + timedelta(minutes=30)


def test_an_offer_may_go_out_by_the_system_for_a_reserve(world):
    """make_offer is the one door; it refuses an order that looks for nobody."""
    person, order = world.volunteer(), world.open_order(approve=False)
    with pytest.raises(WrongState):
        service.make_offer(
            order.id, person.volunteer_id, actor=SYSTEM, origin="reserve", starts_at=order.window_from,
            ends_at=order.window_until, distance_m=1, travel_minutes=1, terms={},
        )  # fmt: skip
