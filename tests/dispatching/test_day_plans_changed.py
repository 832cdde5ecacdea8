"""A day plan put away, taken back, or planned again while its offers are open."""

from __future__ import annotations

import pytest

from app.dispatching import service, snapshot
from app.dispatching.daily import orders_of
from app.kernel.errors import WrongState
from app.kernel.transaction import command
from app.serving import service as serving
from models import DispatchRun, Office, db
from tests.dispatching.day_plans import day, plan, stage, two_in_sequence
from tests.dispatching.helpers import dispatched, fresh, kinds, live, offers


def test_discarded_it_offers_nothing(world):
    _, orders = two_in_sequence(world)
    run, actor = plan(world)
    service.discard(run.id, actor=actor)
    assert stage(run) == "discarded" and not any(offers(order) for order in orders)
    with pytest.raises(WrongState):
        service.publish(run.id, actor=actor)


def test_taken_back_all_its_open_offers_go_and_accepted_work_stays(world):
    volunteer, (first, second) = two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    serving.accept(live(first)[0].id, actor=volunteer)
    assert service.undo(run.id, actor=actor) == 1
    assert stage(run) == "withdrawn"
    assert (fresh(first).status, fresh(second).status) == ("staffed", "open")
    assert kinds(second)[-2:] == ["offer.withdraw", "order.wait"]
    with pytest.raises(WrongState):
        service.undo(run.id, actor=actor)


def test_who_was_asked_by_a_plan_that_was_taken_back_may_be_asked_again(world):
    volunteer, orders = two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    service.undo(run.id, actor=actor)
    dispatched()  # asks for one new order at a time; which of two equal ones is drawn by their ids
    assert [offer.volunteer_id for order in orders for offer in live(order)] == [volunteer.volunteer_id]


def test_what_was_not_published_or_is_answered_cannot_be_taken_back(world):
    volunteer, orders = two_in_sequence(world)
    run, actor = plan(world)
    with pytest.raises(WrongState):
        service.undo(run.id, actor=actor)
    service.publish(run.id, actor=actor)
    for order in orders:
        serving.accept(live(order)[0].id, actor=volunteer)
    with pytest.raises(WrongState):
        service.undo(run.id, actor=actor)


def test_a_new_plan_knows_the_open_offers_and_leaves_them_where_they_are(world):
    volunteer, orders = two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    before = [live(order)[0].id for order in orders]
    world.volunteer("别人", north_km=0.49, on_duty=False)
    again, _ = plan(world, actor)

    office = db.session.get(Office, world.ids["city"])
    shot = snapshot.of_day(office, orders_of(office.path, day()), day())
    assert [spec.offered for spec in shot.problem.orders] == [{volunteer.volunteer_id}] * 2
    assert all(not spec.commitments for spec in shot.problem.volunteers)
    assert sorted(again.counts["moving"]) == sorted(before)

    service.publish(again.id, actor=actor)
    counts = db.session.get(DispatchRun, again.id, populate_existing=True).counts
    assert (counts["kept"], counts["offered"], counts["taken_back"]) == (2, 0, 0)
    assert [live(order)[0].id for order in orders] == before


def test_an_open_offer_moves_where_its_volunteer_can_come_no_more(world):
    volunteer, (first, second) = two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    other = world.volunteer("别人", on_duty=False)
    _pause(volunteer.volunteer_id)
    again, _ = plan(world, actor)
    service.publish(again.id, actor=actor)
    assert [offer.volunteer_id for order in (first, second) for offer in live(order)] == [other.volunteer_id] * 2
    assert offers(first)[0].status == "withdrawn"
    counts = db.session.get(DispatchRun, again.id, populate_existing=True).counts
    assert (counts["kept"], counts["offered"], counts["taken_back"]) == (0, 2, 2)


@command
def _pause(volunteer_id):
    from models import Volunteer

    db.session.get(Volunteer, volunteer_id).is_paused = True


def test_offers_by_hand_are_never_moved(world):
    volunteer, (first, _second) = two_in_sequence(world)
    actor = world.coordinator(world.ids["city"])
    service.offer_by_hand(first.id, volunteer.volunteer_id, actor=actor)
    run, _ = plan(world, actor)
    assert run.counts["moving"] == []
    assert first.id not in {one["order"] for one in run.plan["proposals"]}
