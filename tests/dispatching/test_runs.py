"""A run from the open order to the offer."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from app.dispatching import runs, service, snapshot, waves
from app.dispatching.solver import EXTENSION, Solver
from app.kernel import clock
from app.kernel.access import SYSTEM
from app.kernel.transaction import command
from app.serving import service as serving
from models import DispatchRun, Office, Order, db
from tests.dispatching.helpers import dispatched, fresh, kinds, live, offers, one_at_a_time, set_for


def test_an_open_order_is_offered_to_somebody_who_fits_within_one_run(world):
    volunteer = world.volunteer()
    order = world.open_order()

    run = dispatched()

    (offer,) = offers(order)
    assert (offer.volunteer_id, offer.status, offer.origin) == (volunteer.volunteer_id, "sent", "dispatch")
    assert (run.status, run.counts["offered"], run.degraded, run.solver) == ("applied", 1, "", "augmenting_paths")
    assert fresh(order).status == "offering"
    assert kinds(order)[-2:] == ["order.offer", "offer.make"]
    assert offer.run_id == run.id and offer.terms["reasons"]


def test_before_there_is_any_office_nothing_is_dispatched(app):
    assert dispatched() is None
    assert db.session.query(DispatchRun).count() == 0


def test_nobody_is_asked_twice_and_nothing_seeks_then(world):
    world.volunteer()
    order = world.open_order()
    dispatched()
    assert dispatched() is None
    assert len(offers(order)) == 1


def test_an_order_for_three_asks_three_and_says_who_is_missing(world):
    for name in ("甲", "乙"):
        world.volunteer(name)
    order = world.open_order(positions=3)

    run = dispatched()

    assert len(live(order)) == 2
    assert run.counts["unplaced"] == 1
    assert fresh(order).unplaced["open_positions"] == 1
    assert fresh(order).unplaced["verdict"] == "nobody_eligible"


def test_an_order_nobody_fits_knows_the_counted_reasons_and_says_so_once(world):
    world.volunteer(skills=[])
    world.volunteer(north_km=30)
    order = world.open_order()

    dispatched()
    dispatched()

    unplaced = fresh(order).unplaced
    assert (unplaced["lost"]["skills"], unplaced["lost"]["radius"], unplaced["eligible"]) == (1, 1, 0)
    assert kinds(order).count("order.unplaced") == 1


def test_an_idle_run_is_kept_only_until_the_next_one(world):
    world.volunteer(skills=[])
    world.open_order()
    fence = dispatched().fence
    second = dispatched()
    assert db.session.query(DispatchRun).all() == [second]
    assert second.fence == fence + 1


def test_two_orders_at_the_same_hour_never_go_to_one_person(world):
    world.volunteer()
    one, two = world.open_order(), world.open_order()
    dispatched()
    dispatched()
    assert len(live(one)) + len(live(two)) == 1
    waiting = one if not live(one) else two
    assert fresh(waiting).unplaced["lost"]["overlap"] == 1, "an offer out counts like accepted work"


def test_a_declined_order_goes_on_to_the_next_and_declining_bans_nobody_from_other_orders(world):
    one_at_a_time(world)
    near, far = world.volunteer("近", north_km=0.2), world.volunteer("远", north_km=2)
    order = world.open_order()
    dispatched()
    (offer,) = live(order)
    assert offer.volunteer_id == near.volunteer_id

    serving.decline(offer.id, actor=near)
    assert fresh(order).status == "open"
    dispatched()
    assert [one.volunteer_id for one in live(order)] == [far.volunteer_id]

    other = world.open_order(starts=clock.now() + timedelta(days=3))
    dispatched()
    assert [one.volunteer_id for one in live(other)] == [near.volunteer_id], "no is no reason to be asked later"


def test_several_offers_for_one_place_have_exactly_one_winner(world):
    set_for(world.ids["west"], "offers_per_position", 3)
    people = {actor.volunteer_id: actor for actor in (world.volunteer(name) for name in ("甲", "乙", "丙", "丁"))}
    order = world.open_order()
    dispatched()
    out = live(order)
    assert len(out) == 3

    serving.accept(out[1].id, actor=people[out[1].volunteer_id])

    assert [one.status for one in offers(order)].count("accepted") == 1
    assert [one.status for one in offers(order)].count("withdrawn") == 2
    assert fresh(order).status == "staffed"
    assert dispatched() is None


def thought_out(city):
    """A run's question, its plan and its waves, before anything is made of them."""
    frozen, weights = snapshot.take(city, only_automatic=True), runs.weights_of(city)[0]
    plan = Solver("inline").solve(frozen.problem, weights, seed=1)
    decided = waves.decide(frozen.problem, frozen.seen, plan, weights, seed=1, city_id=city.id)
    db.session.rollback()
    return frozen, plan, decided


def test_a_proposal_whose_order_changed_meanwhile_is_skipped_and_counted(world):
    world.volunteer()
    order = world.open_order()
    city = db.session.get(Office, world.ids["city"])
    run = runs.claim(city.id, "test")
    run_id, fence = run.id, run.fence
    frozen, plan, decided = thought_out(city)
    service.redispatch(order.id, actor=SYSTEM)  # whatever happens to the order counts up its version

    tally = runs.apply(run_id, fence, frozen, plan, decided, SYSTEM)

    assert (tally.offered, tally.stale) == (0, 1)
    assert live(order) == []


def test_a_volunteer_who_took_other_work_meanwhile_is_skipped(world):
    volunteer = world.volunteer()
    order, other = world.open_order(), world.open_order()
    city = db.session.get(Office, world.ids["city"])
    run = runs.claim(city.id, "test")
    run_id, fence = run.id, run.fence
    frozen, plan, decided = thought_out(city)
    taken = other if plan.proposals[0].order == order.id else order
    serving.claim(taken.id, actor=volunteer)

    tally = runs.apply(run_id, fence, frozen, plan, decided, SYSTEM)

    assert (tally.offered, tally.stale) == (0, 1)


def test_only_one_run_of_a_city_is_under_way(world):
    first = runs.claim(world.ids["city"], "one")
    assert first is not None
    assert runs.claim(world.ids["city"], "two") is None
    assert runs.claim(world.ids["west"], "elsewhere") is not None


def test_a_run_whose_process_died_is_taken_over_and_the_late_double_does_nothing(world):
    world.volunteer()
    order = world.open_order()
    dead = runs.claim(world.ids["city"], "dies")
    dead_id, dead_fence = dead.id, dead.fence
    clock.advance(runs.LEASE + timedelta(seconds=1))

    alive = dispatched()

    assert alive.fence > dead_fence and alive.counts["offered"] == 1
    assert db.session.get(DispatchRun, dead_id).status == "failed"
    with pytest.raises(runs.LostLease):
        runs._go(dead_id, dead_fence, 1, SYSTEM)
    assert len(live(order)) == 1


def test_two_runs_at_once_make_the_offers_of_one(app, world):
    for name in ("甲", "乙", "丙"):
        world.volunteer(name)
    orders = [world.open_order(starts=clock.now() + timedelta(days=day)) for day in (1, 2, 3)]
    barrier, results = threading.Barrier(4), []

    def go() -> None:
        with app.app_context():
            barrier.wait()
            results.append(dispatched() is not None)
            db.session.remove()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [len(live(order)) for order in orders] == [1, 1, 1]
    assert any(results)


def test_when_the_solver_fails_greedy_steps_in_and_the_run_says_so(app, world):
    app.extensions[EXTENSION] = Solver("inline", seconds=0)
    world.volunteer()
    order = world.open_order()
    run = dispatched()
    assert len(live(order)) == 1
    assert run.solver == "greedy" and "time limit" in run.degraded


def test_a_weight_nobody_knows_is_left_out_and_said(world):
    set_for(world.ids["city"], "weights", {"nonsense": 1})
    world.volunteer()
    order = world.open_order()
    run = dispatched()
    assert len(live(order)) == 1
    assert "weights.nonsense" in run.degraded


def test_the_citys_own_weights_are_used_and_kept_with_the_run(world):
    set_for(world.ids["city"], "weights", {"travel_per_minute": 9})
    world.volunteer()
    world.open_order()
    assert dispatched().weights["travel_per_minute"] == 9


def test_the_stored_question_holds_no_names_and_no_more_than_the_orders_ask(world):
    from app.dispatching.frozen import unfold

    world.volunteer("张三丰", birth_year=1950)
    world.open_order()
    problem = unfold(dispatched().problem).to_dict()
    (person,) = problem["volunteers"]
    assert person["age"] is None and person["sex"] is None and person["skills"] == ["escort"]
    assert "张三丰" not in str(problem) and "青年路" not in str(problem)


def test_an_order_with_a_window_shorter_than_its_service_stops_nobody_else(world):
    world.volunteer()
    crooked = world.open_order()
    _shorten(crooked.id)
    sound = world.open_order(starts=clock.now() + timedelta(days=2))
    dispatched()
    assert len(live(sound)) == 1 and live(crooked) == []


@command
def _shorten(order_id: str) -> None:
    order = db.session.get(Order, order_id)
    order.window_until = order.window_from + timedelta(minutes=10)
