"""A day plan worked out: what is in it, who may ask for it, and that it offers nothing by itself; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatching import planning, service, snapshot
from app.dispatching.daily import orders_of
from app.kernel import clock
from app.kernel.access import SYSTEM
from app.kernel.clock import now, today
from app.kernel.errors import Invalid, NotFound, WrongState
from app.kernel.transaction import command
from app.serving import service as serving
from models import DispatchRun, Office, Order, db
from models.kinds import RunMode
from tests.dispatching.day_plans import at, day, plan, stage, two_in_sequence
from tests.dispatching.helpers import dispatched, fresh, live


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
