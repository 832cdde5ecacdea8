"""The ticking process: its threads, its lock, the wake-up within a second."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from app.dispatching import scheduler, wake
from app.dispatching.scheduler import Leader, Rewinder, Round
from app.kernel import clock
from app.serving import service as serving
from models import db
from tests.dispatching.helpers import live, one_at_a_time
from tests.factories import advance


def test_jobs_do_not_wait_for_a_time_that_the_clock_was_set_back_from(site):
    jobs = BackgroundScheduler(timezone=clock.LOCAL)
    jobs.start(paused=True)
    try:
        job = jobs.add_job(print, "interval", hours=1, next_run_time=clock.now() + timedelta(seconds=1))
        rewinder = Rewinder(jobs)
        rewinder.look()
        assert jobs.get_job(job.id).next_run_time > clock.now()
        advance(hours=-1)
        rewinder.look()
        assert jobs.get_job(job.id).next_run_time == clock.now()
    finally:
        jobs.shutdown()


def test_a_clock_set_forward_by_years_costs_no_count_of_the_rounds_missed():
    trigger, then = Round(seconds=1), clock.now()
    advance(days=3650)
    following = trigger.get_next_fire_time(then, clock.now())
    assert following == clock.now()
    assert trigger.get_next_fire_time(following, clock.now()) == clock.now() + timedelta(seconds=1)


@pytest.fixture
def clockwork(app, world):
    found = scheduler.start(app)
    yield found
    found.stop()


def eventually(what, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_an_order_that_opens_is_offered_by_itself_and_passed_on_after_a_no(clockwork, world):
    one_at_a_time(world)
    near, far = world.volunteer("近", north_km=0.2), world.volunteer("远", north_km=2)
    order = world.open_order()
    (first,) = eventually(lambda: live(order))
    assert first.volunteer_id == near.volunteer_id
    serving.decline(first.id, actor=near)
    assert eventually(lambda: live(order))[0].volunteer_id == far.volunteer_id


def test_an_offer_that_ran_out_is_ended_by_the_clock(clockwork, world):
    world.volunteer()
    order = world.open_order()
    eventually(lambda: live(order))
    advance(hours=5)
    eventually(lambda: not live(order))


def test_only_one_process_ticks_and_another_takes_over(app):
    one, two = Leader(db.engine.url), Leader(db.engine.url)
    try:
        assert one.leads()
        assert two.leads() is (db.engine.dialect.name == "sqlite")
        assert one.leads(), "still"
        one.resign()
        assert two.leads()
    finally:
        one.resign()
        two.resign()


def test_a_process_that_does_not_tick_leaves_the_waking_to_the_one_that_does(app, world):
    assert wake.EXTENSION not in app.extensions
    world.volunteer()
    assert live(world.open_order()) == []
    assert wake.overlooked()
