"""A day plan published: its offers go out, once, as far as nothing has overtaken them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatching import planning, publishing, runs, service
from app.dispatching.offers import make_offer
from app.kernel import clock
from app.kernel.clock import now, today
from app.kernel.errors import NotFound, WrongState
from app.kernel.transaction import command
from app.serving import service as serving
from models import DispatchRun, Offer, Order, db
from models.kinds import OfferOrigin
from tests.dispatching.day_plans import at, day, plan, stage, two_in_sequence
from tests.dispatching.helpers import dispatched, fresh, live, offers, one_at_a_time, set_for


def test_published_it_asks_one_person_for_several_orders_and_each_can_be_accepted(world):
    volunteer, orders = two_in_sequence(world)
    run, actor = plan(world)
    assert service.publish(run.id, actor=actor).stage == "published"
    found = [live(order)[0] for order in orders]
    assert {offer.volunteer_id for offer in found} == {volunteer.volunteer_id}
    assert {(offer.run_id, offer.origin) for offer in found} == {(run.id, "dispatch")}
    assert stage(run) == "published" and db.session.get(DispatchRun, run.id).counts["offered"] == 2

    serving.accept(found[0].id, actor=volunteer)
    assert db.session.get(Offer, found[1].id).status == "sent", "the second is not lost by the first yes"
    serving.accept(found[1].id, actor=volunteer)
    assert [fresh(order).status for order in orders] == ["staffed", "staffed"]


def test_one_after_the_other_with_just_the_way_between_can_be_accepted_in_any_order(world):
    volunteer = world.volunteer(on_duty=False)
    orders = [world.open_order(starts=at(9), hours=1, item="errand", window_until=at(13)) for _ in range(2)]
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    found = [live(order)[0] for order in orders]
    for offer in sorted(found, key=lambda one: one.starts_at, reverse=True):
        serving.accept(offer.id, actor=volunteer)
    assert [fresh(order).status for order in orders] == ["staffed", "staffed"]


def test_it_is_published_once(world):
    two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    with pytest.raises(WrongState):
        service.publish(run.id, actor=actor)
    with pytest.raises(WrongState):
        service.discard(run.id, actor=actor)


def test_only_who_steers_the_office_may_publish_discard_or_take_back(world):
    two_in_sequence(world)
    run, _ = plan(world)
    stranger = world.coordinator(world.ids["east"])
    for verb in (service.publish, service.discard, service.undo):
        with pytest.raises(NotFound):
            verb(run.id, actor=stranger)
    assert stage(run) == "preview"


def test_an_instant_run_is_no_plan_to_publish(world):
    world.volunteer()
    world.open_order()
    run, actor = dispatched(), world.coordinator(world.ids["city"])
    for verb in (service.publish, service.discard, service.undo):
        with pytest.raises(NotFound):
            verb(run.id, actor=actor)


def test_a_plan_too_old_or_of_a_day_gone_by_is_refused(world):
    two_in_sequence(world)
    run, actor = plan(world)
    clock.advance(publishing.KEEPS + timedelta(minutes=1))
    with pytest.raises(WrongState):
        service.publish(run.id, actor=actor)
    clock.advance(timedelta(days=2))
    with pytest.raises(WrongState):
        service.publish(run.id, actor=actor)


def test_what_events_have_overtaken_is_skipped_counted_and_said(world):
    volunteer, (first, second) = two_in_sequence(world)
    run, actor = plan(world)
    _shift(second.id)
    world.volunteer("别人")
    service.publish(run.id, actor=actor)
    counts = db.session.get(DispatchRun, run.id, populate_existing=True).counts
    assert (counts["offered"], counts["stale"]) == (1, 1)
    assert counts["overtaken"] == [{"order": second.id, "volunteer": volunteer.volunteer_id, "why": "amended"}]
    assert live(first) and not live(second)


@command
def _shift(order_id):
    order = db.session.get(Order, order_id)
    order.window_from += timedelta(hours=3)
    order.window_until += timedelta(hours=3)


def test_whoever_has_another_offer_for_that_time_meanwhile_is_not_asked(world):
    volunteer, (first, _second) = two_in_sequence(world)
    run, actor = plan(world)
    other = world.open_order(starts=at(9, 30), hours=1, item="errand")
    make_offer(
        other.id, volunteer.volunteer_id, actor=actor, origin=OfferOrigin.HAND, starts_at=at(9, 30),
        ends_at=at(10, 30), distance_m=500, travel_minutes=8, terms={},
    )  # fmt: skip
    service.publish(run.id, actor=actor)
    assert not live(first)
    assert db.session.get(DispatchRun, run.id, populate_existing=True).counts["overtaken"][0]["why"] == "overlap"


def test_an_order_somebody_else_was_asked_for_meanwhile_is_left_to_them(world):
    one_at_a_time(world)
    _, (first, second) = two_in_sequence(world)
    run, actor = plan(world)
    other = world.volunteer("别人")
    service.offer_by_hand(first.id, other.volunteer_id, actor=actor)
    service.publish(run.id, actor=actor)
    assert [offer.volunteer_id for offer in live(first)] == [other.volunteer_id] and len(live(second)) == 1
    (overtaken,) = db.session.get(DispatchRun, run.id, populate_existing=True).counts["overtaken"]
    assert (overtaken["order"], overtaken["why"]) == (first.id, "conflict")


def test_while_another_plan_of_the_office_is_worked_out_it_does_not_go_out(world):
    _, orders = two_in_sequence(world)
    run, actor = plan(world)
    other = planning.ask(world.ids["city"], day() + timedelta(days=1), actor=actor).id
    with pytest.raises(WrongState):
        service.publish(run.id, actor=actor)
    assert stage(run) == "preview" and not any(live(order) for order in orders)
    clock.advance(planning.LEASE + timedelta(seconds=1))
    assert service.publish(run.id, actor=actor).stage == "published", "the other's process died"
    assert db.session.get(DispatchRun, other).error == "the lease ran out"


def test_whoever_sleeps_when_it_is_published_is_not_woken(world):
    volunteer, orders = two_in_sequence(world, quiet_from=22 * 60, quiet_until=7 * 60)
    run, actor = plan(world)
    clock.advance(timedelta(hours=11))  # 23:00
    service.publish(run.id, actor=actor)
    assert not any(live(order) for order in orders)
    counts = db.session.get(DispatchRun, run.id, populate_existing=True).counts
    assert {one["why"] for one in counts["overtaken"]} == {"quiet"}
    assert volunteer.volunteer_id


def test_planned_offers_leave_hours_to_answer_and_time_to_ask_somebody_else(world):
    _, (first, second) = two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    wanted = now() + timedelta(minutes=720)
    assert live(second)[0].expires_at == wanted
    assert live(first)[0].expires_at == wanted

    clock.advance(timedelta(hours=1))
    set_for(world.ids["city"], "day_plan_answer_minutes", 6000)
    late = world.open_order(starts=at(20), hours=1, item="errand")
    again, _ = plan(world, actor)
    service.publish(again.id, actor=actor)
    (offer,) = live(late)
    assert offer.expires_at == offer.starts_at - timedelta(minutes=offer.travel_minutes) - publishing.SPARE


def test_what_begins_in_an_hour_or_two_is_to_be_answered_in_time_to_set_out(world):
    world.volunteer(on_duty=False)
    order = world.open_order(starts=now() + timedelta(minutes=90), hours=1, item="errand")
    run, actor = plan(world, when=today())
    service.publish(run.id, actor=actor)
    (offer,) = live(order)
    assert offer.expires_at == offer.starts_at - timedelta(minutes=offer.travel_minutes)


def test_instant_runs_leave_places_alone_that_a_plan_has_offered(world):
    set_for(world.ids["city"], "offers_per_position", 3)
    _, orders = two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    world.volunteer("闲")
    dispatched()
    assert [len(live(order)) for order in orders] == [1, 1]


def test_a_no_to_a_planned_offer_goes_on_to_somebody_else_at_once(world):
    volunteer, (first, second) = two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    other = world.volunteer("别人")
    serving.decline(live(first)[0].id, actor=volunteer)
    dispatched()
    assert [offer.volunteer_id for offer in live(first)] == [other.volunteer_id]
    assert [offer.volunteer_id for offer in live(second)] == [volunteer.volunteer_id]


def test_publishing_that_died_half_way_is_gone_on_with_and_asks_nobody_twice(world):
    _, orders = two_in_sequence(world)
    run, actor = plan(world)
    begun = publishing.begin(run.id, actor=actor)
    proposal = publishing.Plan.from_dict(begun.plan).proposals[0]
    publishing.put(begun.id, begun.fence, proposal, actor=actor)  # and here its process dies
    with pytest.raises(WrongState):
        service.publish(run.id, actor=actor)
    clock.advance(planning.LEASE + timedelta(seconds=1))
    assert service.publish(run.id, actor=actor).stage == "published"
    assert [len(offers(order)) for order in orders] == [1, 1]
    with pytest.raises(runs.LostLease):
        publishing.put(run.id, begun.fence - 1, proposal, actor=actor)
