"""Runs and plans that take too long, break, or are overtaken by somebody's answer: nothing is lost or done twice."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from app.dispatching import day_solver, planning, publishing, runs, service, solver
from app.kernel import clock
from app.kernel.errors import WrongState
from app.kernel.transaction import command
from app.serving import service as serving
from models import DispatchRun, Volunteer, db
from tests.dispatching.day_plans import day, just_after, plan, stage, two_in_sequence
from tests.dispatching.helpers import dispatched, fresh, live, offers


class Slow(solver.Solver):
    """Something happens while it thinks, once."""

    def __init__(self, meanwhile):
        super().__init__("inline")
        self.meanwhile = [meanwhile]

    def solve(self, *question, **dials):
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().solve(*question, **dials)


class SlowDay(Slow, day_solver.DaySolver):
    """The same for day plans."""


def found(run_id):
    db.session.rollback()
    return db.session.get(DispatchRun, run_id, populate_existing=True)


def long_after(lease):
    clock.advance(lease + timedelta(seconds=1))


# ---------- instant runs ----------


def test_a_run_that_thinks_for_too_long_leaves_the_offers_to_the_one_that_took_over(app, world, caplog):
    world.volunteer()
    order, alive = world.open_order(), []

    def another_process():
        long_after(runs.LEASE)
        with app.app_context():
            alive.append(dispatched().id)

    app.extensions[solver.EXTENSION] = Slow(another_process)
    late = dispatched()

    assert (late.status, late.error, late.plan) == ("failed", "the lease ran out", None)
    assert [offer.run_id for offer in offers(order)] == alive and found(alive[0]).status == "applied"
    assert f"run {late.id} was taken over" in caplog.text


def test_a_run_that_fails_says_why_and_leaves_the_way_to_the_next(world):
    person, order = world.volunteer(), world.open_order()
    _move_to_latitude(person.volunteer_id, 95)
    failed = dispatched()
    assert failed.status == "failed" and "lat" in failed.error and failed.ended_at is not None
    assert not live(order)
    _move_to_latitude(person.volunteer_id, 30.27)
    assert dispatched().status == "applied" and len(live(order)) == 1


@command
def _move_to_latitude(volunteer_id, lat):
    db.session.get(Volunteer, volunteer_id).lat = lat


# ---------- day plans ----------


def test_the_desk_does_not_wait_while_a_plan_is_worked_out(app, world):
    app.config["LINLI"] = replace(app.config["LINLI"], solver="process")  # as on a server
    thought_out = threading.Event()
    app.extensions[day_solver.EXTENSION] = SlowDay(lambda: thought_out.wait(60))
    two_in_sequence(world)
    try:
        run, actor = plan(world)
        assert (run.status, run.stage) == ("running", None)
        with pytest.raises(WrongState):
            plan(world, actor)
    finally:
        thought_out.set()
        for thread in threading.enumerate():
            if thread.name == "day plan":
                thread.join()
    assert stage(run) == "preview" and found(run.id).counts["proposals"] == 2


def test_a_plan_that_took_too_long_does_not_put_the_one_made_in_its_place_away(world, caplog):
    two_in_sequence(world)
    late = planning.ask(world.ids["city"], day(), actor=world.coordinator(world.ids["city"]))
    late_id, fence = late.id, late.fence
    long_after(planning.LEASE)
    newer, actor = plan(world)

    planning.work_out(late_id, fence, actor)

    assert (found(late_id).status, found(late_id).stage, stage(newer)) == ("failed", None, "preview")
    assert f"day plan {late_id} was taken over" in caplog.text


def test_whoever_was_publishing_and_wakes_after_another_went_on_does_nothing_more(world, caplog):
    _, orders = two_in_sequence(world)
    run, actor = plan(world)
    fence = publishing.begin(run.id, actor=actor).fence
    long_after(runs.LEASE)
    service.publish(run.id, actor=actor)
    before = found(run.id).counts

    publishing.send(run.id, fence, actor)

    assert (stage(run), found(run.id).counts) == ("published", before)
    assert [len(offers(order)) for order in orders] == [1, 1]
    assert "was taken over" in caplog.text


def test_publishing_that_breaks_is_gone_on_with_once_the_fault_is_mended(world, caplog):
    _, orders = two_in_sequence(world)
    run, actor = plan(world)
    sound = run.plan
    _write_plan(run.id, {**sound, "of_a_newer_program": True})
    assert service.publish(run.id, actor=actor).stage == "publishing"
    assert "it can be gone on with" in caplog.text and not any(live(order) for order in orders)

    _write_plan(run.id, sound)
    long_after(runs.LEASE)
    assert service.publish(run.id, actor=actor).stage == "published"
    assert [len(offers(order)) for order in orders] == [1, 1]


@command
def _write_plan(run_id, words):
    db.session.get(DispatchRun, run_id).plan = words


def test_a_no_that_comes_while_a_new_plan_moves_the_offer_stands(app, world):
    volunteer, (first, second) = two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    other = world.volunteer("别人", on_duty=False)
    _pause(volunteer.volunteer_id)
    again, _ = plan(world, actor)
    asked = live(first)[0].id

    with just_after(app, "WHERE offer.id IN", lambda: serving.decline(asked, actor=volunteer)):
        service.publish(again.id, actor=actor)

    counts = found(again.id).counts
    assert (counts["taken_back"], counts["offered"], counts["stale"]) == (1, 2, 0)
    assert [offers(order)[0].status for order in (first, second)] == ["declined", "withdrawn"]
    assert [live(order)[0].volunteer_id for order in (first, second)] == [other.volunteer_id] * 2


@command
def _pause(volunteer_id):
    db.session.get(Volunteer, volunteer_id).is_paused = True


def test_a_yes_that_comes_while_a_plan_is_taken_back_counts(app, world):
    volunteer, (first, second) = two_in_sequence(world)
    run, actor = plan(world)
    service.publish(run.id, actor=actor)
    asked = live(first)[0].id

    with just_after(app, "WHERE offer.run_id =", lambda: serving.accept(asked, actor=volunteer)):
        assert service.undo(run.id, actor=actor) == 1

    assert (fresh(first).status, fresh(second).status) == ("staffed", "open")
    assert stage(run) == "withdrawn" and found(run.id).counts["undone"] == 1
