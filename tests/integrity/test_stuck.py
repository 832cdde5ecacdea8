"""What can be left behind half-way, and that each of it is freed within a minute of its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.dispatching import planning, runs, timers
from app.integrity.invariants import broken
from app.kernel import clock
from app.kernel.transaction import command
from app.people import sessions
from models import AuthSession, DispatchRun, IdempotencyKey, Offer, Order, db
from models.kinds import PlanStage, RunMode, RunStatus
from tests.factories import World
from tests.serving.steps import offered

MINUTE = timedelta(seconds=60)


def _left_behind(world: World, **values: object) -> str:
    """A run whose process died with the run in its hands."""
    run = runs.claim(world.ids["city"], "test", mode=RunMode(str(values.pop("mode", "instant"))))
    assert run is not None

    @command
    def become() -> None:
        row = db.session.get_one(DispatchRun, run.id)
        for name, value in values.items():
            setattr(row, name, value)

    become()
    return run.id


def _run(run_id: str) -> DispatchRun:
    return db.session.get_one(DispatchRun, run_id, populate_existing=True)


@pytest.mark.parametrize("mode", list(RunMode))
def test_a_run_whose_process_died_is_closed_as_soon_as_its_lease_is_over(world: World, mode: RunMode) -> None:
    run_id = _left_behind(world, mode=mode)
    timers.tick()
    assert _run(run_id).status == RunStatus.RUNNING, "while the lease stands it may be alive"
    clock.advance(runs.LEASE + timedelta(seconds=1))
    timers.tick()
    assert (_run(run_id).status, _run(run_id).error) == (RunStatus.FAILED, "the lease ran out")
    assert broken() == {}


def test_a_plan_of_which_half_has_gone_out_is_published_to_its_end(world: World) -> None:
    world.volunteer()
    world.open_order(starts=clock.now() + timedelta(days=1))
    plan = planning.plan_day(world.ids["station"], clock.today() + timedelta(days=1), actor=world.coordinator())
    assert _run(plan.id).stage == PlanStage.PREVIEW

    @command
    def die_in_the_middle() -> None:
        row = db.session.get_one(DispatchRun, plan.id)
        row.status, row.stage, row.lease_until = RunStatus.RUNNING, PlanStage.PUBLISHING, clock.now() + runs.LEASE

    die_in_the_middle()
    clock.advance(runs.LEASE + timedelta(seconds=1))
    timers.tick()
    assert (_run(plan.id).status, _run(plan.id).stage) == (RunStatus.APPLIED, PlanStage.PUBLISHED)
    assert db.session.scalar(select(func.count()).select_from(Offer)) == 1


def test_a_plan_that_has_become_too_old_is_closed_and_not_sent(world: World) -> None:
    gone = {"day": clock.today() - timedelta(days=1), "stage": PlanStage.PUBLISHING}
    run_id = _left_behind(world, mode="day", **gone)
    clock.advance(runs.LEASE + timedelta(seconds=1))
    timers.tick()
    assert _run(run_id).status == RunStatus.FAILED


def test_an_offer_and_an_order_whose_time_is_over_are_seen_to_by_the_next_tick(world: World) -> None:
    offer = offered(world.open_order(), world.volunteer())
    clock.advance(offer.expires_at - clock.now())
    timers.tick()
    assert db.session.get_one(Offer, offer.id, populate_existing=True).status == "expired"
    clock.advance(timedelta(days=30))
    assert "order_overdue" in broken()
    timers.tick()
    assert broken() == {}


def test_an_order_whose_verb_fails_does_not_keep_the_others_waiting(world: World) -> None:
    """What stays due is looked at again in a minute, and the timer of each says so."""
    first, second = world.open_order(), world.open_order()

    @command
    def make_due() -> None:
        for one in (first, second):
            db.session.get_one(Order, one.id).next_action_at = clock.now()

    make_due()
    clock.advance(timedelta(seconds=1))
    timers.tick()
    due = select(func.count()).where(Order.next_action_at <= clock.now())
    assert db.session.scalar(due) == 0


def test_sessions_and_keys_that_ran_out_are_swept_away(world: World, app: Flask) -> None:
    person = world.resident()
    sessions.issue(str(person.account_id))

    @command
    def remember() -> None:
        db.session.add(
            IdempotencyKey(actor_id="a", key="k", fingerprint="f", result_id="r", created_at=clock.now())
        )  # fmt: skip

    remember()
    clock.advance(timedelta(days=6, hours=23))
    timers.sweep()
    assert db.session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1, "phones may be offline for days"
    clock.advance(timedelta(days=24))
    timers.sweep()
    assert db.session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0
    assert db.session.scalar(select(func.count()).select_from(AuthSession)) == 0
