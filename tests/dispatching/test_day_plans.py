"""A day plan from the button to the offers, and back; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatching import evening, planning, publishing, runs, service, snapshot, timers
from app.dispatching.daily import orders_of
from app.dispatching.offers import make_offer
from app.kernel import clock
from app.kernel.access import SYSTEM
from app.kernel.clock import midnight, now, today
from app.kernel.errors import Invalid, NotFound, WrongState
from app.kernel.transaction import command
from app.serving import service as serving
from models import DispatchRun, Offer, Office, Order, db
from models.kinds import OfferOrigin, RunMode
from tests.dispatching.helpers import dispatched, fresh, kinds, live, offers, set_for


def day():
    return today() + timedelta(days=1)


def at(hour, minute=0):
    """A time of tomorrow."""
    return midnight(day()) + timedelta(hours=hour, minutes=minute)


def plan(world, actor=None, office="city", when=None):
    """A plan for tomorrow, worked out and waiting for somebody's look."""
    actor = actor or world.coordinator(world.ids[office])
    return service.plan_day(world.ids[office], when or day(), actor=actor), actor


def two_in_sequence(world, **more):
    """One volunteer, and two orders one after the other."""
    volunteer = world.volunteer(on_duty=False, **more)
    return volunteer, [world.open_order(starts=at(hour), hours=1, item="errand") for hour in (9, 14)]


def stage(run):
    db.session.rollback()
    return db.session.get(DispatchRun, run.id, populate_existing=True).stage


# ---------- working it out ----------


def test_a_plan_waits_for_a_look_and_offers_nothing_by_itself(world):
    _, orders = two_in_sequence(world)
    run, _actor = plan(world)
    assert (run.mode, run.stage, run.status, run.day) == ("day", "preview", "applied", day())
    assert run.counts["proposals"] == 2 and run.counts["volunteers"] == 1
    assert not any(live(order) for order in orders)


def test_only_orders_that_may_begin_on_that_day_and_can_wait_for_a_plan_are_in_it(world):
    world.volunteer(on_duty=False)
    wanted = world.open_order(starts=at(9), hours=1)
    flexible = world.open_order(starts=now() + timedelta(hours=3), hours=1, window_until=at(20))
    over_midnight = world.open_order(starts=at(23), hours=2)
    world.open_order(starts=at(9) + timedelta(days=1))
    world.open_order(starts=at(9), is_now=True)
    found = orders_of(db.session.get(Office, world.ids["city"]).path, day())
    assert {order.id for order in found} == {wanted.id, flexible.id, over_midnight.id}

    shot = snapshot.of_day(db.session.get(Office, world.ids["city"]), found, day())
    spans = {spec.id: (spec.window_start, spec.window_end) for spec in shot.problem.orders}
    assert spans[flexible.id] == (int(at(0).timestamp()), int(at(20).timestamp())), "cut to the day"
    assert spans[over_midnight.id][1] == int(at(25).timestamp()), "a service may run past midnight"


def test_today_is_planned_with_time_to_ask_people_first(world):
    world.volunteer(on_duty=False)
    order = world.open_order(starts=now(), hours=1, window_until=now() + timedelta(hours=6))
    found = orders_of(db.session.get(Office, world.ids["city"]).path, today())
    shot = snapshot.of_day(db.session.get(Office, world.ids["city"]), found, today())
    (spec,) = shot.problem.orders
    assert spec.id == order.id and spec.window_start == int((now() + timedelta(hours=1)).timestamp())


def test_whoever_joins_a_group_comes_when_the_others_do(world):
    first = world.volunteer("先", on_duty=False)
    order = world.open_order(starts=at(9), hours=1, positions=2, window_until=at(17))
    serving.claim(order.id, actor=first)
    begins = int(db.session.get(Order, order.id).window_from.timestamp())
    path = db.session.get(Office, world.ids["city"]).path
    (spec,) = snapshot.of_day(db.session.get(Office, world.ids["city"]), orders_of(path, day()), day()).problem.orders
    assert (spec.positions, spec.window_start, spec.window_end - spec.window_start) == (1, begins, 3600)


@pytest.mark.parametrize(("days", "error"), [(-1, Invalid), (15, Invalid)])
def test_a_day_gone_by_or_too_far_is_refused(world, days, error):
    with pytest.raises(error):
        plan(world, when=today() + timedelta(days=days))


def test_only_who_steers_the_office_may_plan_it(world):
    for actor in (world.coordinator(world.ids["east"]), world.coordinator(world.ids["station"])):
        with pytest.raises(NotFound):
            service.plan_day(world.ids["west"], day(), actor=actor)
    with pytest.raises(NotFound):
        service.plan_day("0" * 20, day(), actor=world.coordinator(world.ids["city"]))


def test_two_plans_of_one_office_are_never_worked_out_at_once_but_instant_runs_go_on(world):
    volunteer = world.volunteer()
    actor = world.coordinator(world.ids["city"])
    first = planning.ask(world.ids["city"], day(), actor=actor)
    with pytest.raises(WrongState):
        planning.ask(world.ids["city"], day(), actor=actor)
    order = world.open_order()
    assert dispatched().status == "applied" and live(order)[0].volunteer_id == volunteer.volunteer_id

    clock.advance(planning.LEASE + timedelta(seconds=1))
    assert planning.ask(world.ids["city"], day(), actor=actor).fence == first.fence + 1, "a dead one is taken over"
    assert db.session.get(DispatchRun, first.id).status == "failed"


def test_a_plan_being_worked_out_hides_no_news_from_the_instant_runs(world):
    from app.dispatching.wake import overlooked

    world.open_order()
    dispatched()
    clock.advance(timedelta(seconds=5))
    order = world.open_order(starts=at(15))
    clock.advance(timedelta(seconds=5))
    planning.ask(world.ids["city"], day(), actor=world.coordinator(world.ids["city"]))
    assert fresh(order).status == "open" and overlooked()


def test_when_working_it_out_fails_the_run_says_so_and_another_may_begin(app, world):
    two_in_sequence(world)
    run = planning.ask(world.ids["city"], day(), actor=SYSTEM)
    office = db.session.get(Office, world.ids["city"])
    run_id, fence, path = run.id, run.fence, office.path
    _set_path(office.id, "/nowhere/")
    planning.work_out(run_id, fence, SYSTEM)
    failed = db.session.get(DispatchRun, run_id, populate_existing=True)
    assert failed.status == "failed" and failed.error and failed.stage is None
    _set_path(office.id, path)
    assert plan(world)[0].stage == "preview"


@command
def _set_path(office_id, path):
    db.session.get(Office, office_id).path = path


def test_a_newer_plan_puts_the_unpublished_one_away(world):
    two_in_sequence(world)
    first, actor = plan(world)
    second, _ = plan(world, actor)
    assert (stage(first), stage(second)) == ("discarded", "preview")
    with pytest.raises(WrongState):
        service.publish(first.id, actor=actor)


# ---------- publishing ----------


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


# ---------- putting away, taking back ----------


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


# ---------- planning again ----------


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


# ---------- every evening ----------


def evenings(world):
    """The clock at half past seven of the evening."""
    clock.advance(midnight(today()) + timedelta(hours=19, minutes=30) - now())


def test_every_evening_tomorrow_is_planned_once_by_the_topmost_desk(world):
    world.coordinator(world.ids["west"])
    world.coordinator(world.ids["station"])
    _, orders = two_in_sequence(world)
    timers.plan_tomorrow()
    assert db.session.query(DispatchRun).count() == 0, "noon is no evening"
    evenings(world)
    timers.plan_tomorrow()
    timers.plan_tomorrow()
    (run,) = db.session.query(DispatchRun).all()
    assert (run.office_id, run.cause, run.stage, run.day) == (world.ids["west"], "evening", "preview", day())
    assert not any(live(order) for order in orders)


def test_an_office_sets_its_own_hour_or_none_and_may_let_plans_go_out_by_themselves(world):
    world.coordinator(world.ids["city"])
    set_for(world.ids["city"], "day_plan_at", "")
    set_for(world.ids["station"], "day_plan_at", "18:00")
    set_for(world.ids["station"], "day_plan_publishes", True)
    _, orders = two_in_sequence(world)
    clock.advance(timedelta(hours=6))
    timers.plan_tomorrow()
    (run,) = db.session.query(DispatchRun).all()
    assert (run.office_id, run.stage) == (world.ids["station"], "published")
    assert all(live(order) for order in orders)


def test_what_an_office_below_plans_itself_is_left_to_it(world):
    world.coordinator(world.ids["city"])
    set_for(world.ids["station"], "day_plan_at", "23:00")
    mine = world.open_order(starts=at(9), office=world.ids["far"])
    world.open_order(starts=at(9))
    world.volunteer(on_duty=False)
    evenings(world)
    timers.plan_tomorrow()
    (run,) = db.session.query(DispatchRun).all()
    named = {one["order"] for part in ("proposals", "unplaced") for one in run.plan[part]}
    assert (run.office_id, named) == (world.ids["city"], {mine.id})


def test_a_failed_evening_is_tried_again_a_few_times_and_not_at_once(world):
    world.coordinator(world.ids["city"])
    two_in_sequence(world)
    evenings(world)
    for _ in range(evening.TRIES):
        ((office_id, when),) = evening.due()
        run = planning.ask(office_id, when, actor=SYSTEM, cause=evening.CAUSE)
        runs.fail(run.id, run.fence, RuntimeError("broken"))
        assert evening.due() == []
        clock.advance(evening.PAUSE)
    assert evening.due() == []


def test_nothing_to_plan_makes_no_plan(world):
    world.coordinator(world.ids["city"])
    evenings(world)
    assert evening.due() == []


def test_the_same_plan_is_found_again_from_what_was_stored(world):
    from app.dispatching.replay import replay

    two_in_sequence(world)
    run, _ = plan(world)
    again = replay(run)
    assert again.difference is None and again.violations == []
    assert run.mode == RunMode.DAY


def test_the_migration_goes_back_with_plans_and_their_offers_in_the_tables(app, world):
    from flask_migrate import downgrade, upgrade
    from sqlalchemy import inspect, text

    from app.config import ROOT

    two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    db.session.remove()
    downgrade(directory=str(ROOT / "migrations"), revision="0001")
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM dispatch_run")) == 0
        assert connection.scalar(text("SELECT count(*) FROM offer WHERE run_id IS NULL")) == 2
    assert "mode" not in {column["name"] for column in inspect(db.engine).get_columns("dispatch_run")}
    upgrade(directory=str(ROOT / "migrations"))
    assert plan(world)[0].stage == "preview"
