"""The solver's process: warm, killed, too slow."""

from __future__ import annotations

import sys

import pytest

import dispatch
from app.dispatching.solver import Solver
from dispatch import OrderSpec, Problem, VolunteerSpec, Weights, generate

PROBLEM = Problem(
    1_000_000,
    [OrderSpec("order", 30.0, 120.0, 1_003_600, 1_010_800, 3600)],
    [VolunteerSpec("person", 30.001, 120.0, availability=((1_000_000, 1_100_000),))],
)


@pytest.fixture
def solver():
    found = Solver("process", seconds=30)
    yield found
    found.stop()


def asked(solver):
    return solver.solve(PROBLEM, Weights(), seed=1)


def test_the_child_gives_the_same_plan_as_the_engine_and_stays_for_the_next_question(solver):
    inline = Solver("inline").solve(PROBLEM, Weights(), seed=1)
    assert asked(solver).digest() == inline.digest()
    pid = solver._child.pid
    assert asked(solver).digest() == inline.digest()
    assert solver._child.pid == pid


def test_a_killed_child_is_replaced_and_people_still_get_their_offers(solver):
    asked(solver)
    solver._child.kill()
    solver._child.wait()
    plan = asked(solver)
    assert plan.proposals and plan.degraded is None, "a dead child is seen before it is asked"


def test_a_child_that_dies_over_a_question_is_said_and_greedy_steps_in(solver):
    asked(solver)
    solver._child.stdout.close()
    plan = asked(solver)
    assert plan.solver == "greedy" and plan.degraded.startswith("solver process: died")
    assert asked(solver).degraded is None, "the next question goes to a new child"


def test_where_no_child_can_be_started_greedy_steps_in(solver, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/python/here")  # as after an update that moved it
    plan = asked(solver)
    assert plan.solver == "greedy" and plan.degraded == "solver process: could not be started (FileNotFoundError)"
    monkeypatch.undo()
    assert asked(solver).degraded is None


def test_a_child_that_takes_too_long_is_ended(solver):
    solver.seconds = 0.001
    plan = asked(solver)
    assert plan.solver == "greedy" and "no answer within 0.001 s" in plan.degraded
    assert len(plan.proposals) == 1


def test_a_city_goes_to_the_child_and_comes_back_in_pieces_and_nothing_is_lost(solver):
    city = generate.problem(120, 400, 1, work=0.1, bans=5.0)
    plan = solver.solve(city, Weights(), seed=3)
    inline = Solver("inline").solve(city, Weights(), seed=3)
    assert plan.digest() == inline.digest() and plan.degraded is None
    assert plan.proposals == inline.proposals and plan.unplaced == inline.unplaced


def test_when_a_large_problem_takes_too_long_greedy_steps_in_beside_the_pages(solver):
    city = generate.problem(250, 1000, 1)
    solver.seconds = 0.001
    plan = solver.solve(city, Weights(), seed=1)
    assert plan.solver == "greedy" and "no answer within 0.001 s" in plan.degraded
    assert solver._child is not None and solver._child.poll() is None, "a new child did it"
    assert plan.digest() == dispatch.solve(city, Weights(), seed=1, method="greedy").digest()
