"""Every evening tomorrow is planned by itself, by the hour and the wish of each office."""

from __future__ import annotations

from datetime import timedelta

from app.dispatching import evening, planning, runs, timers
from app.kernel import clock
from app.kernel.access import SYSTEM
from app.kernel.clock import midnight, now, today
from models import DispatchRun, db
from tests.dispatching.day_plans import at, day, two_in_sequence
from tests.dispatching.helpers import live, set_for


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
