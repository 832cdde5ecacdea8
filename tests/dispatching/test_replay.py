"""flask dispatch replay: the same question must get the same answer, or somebody must hear of it."""

from __future__ import annotations

import copy

import pytest

from app.dispatching.commands import dispatch_commands
from app.kernel.transaction import command
from models import DispatchRun, db
from tests.dispatching.helpers import dispatched


@pytest.fixture
def run_id(world):
    for number in range(6):
        world.volunteer(f"志愿者{number}", north_km=0.3 + number * 0.4)
    for _ in range(3):
        world.open_order(positions=2)
    return dispatched().id


def replay(app, run_id):
    db.session.rollback()
    return app.test_cli_runner().invoke(dispatch_commands, ["replay", run_id])


@command
def _tamper(run_id, change):
    row = db.session.get(DispatchRun, run_id)
    for field in ("plan", "versions"):
        value = copy.deepcopy(getattr(row, field))
        change(field, value)
        setattr(row, field, value)


def test_a_run_asked_again_gives_the_identical_plan(app, run_id):
    result = replay(app, run_id)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("identical ")
    assert db.session.get(DispatchRun, run_id).plan_digest in result.output


def test_a_tampered_plan_fails_loudly_and_names_the_place(app, run_id):
    def swap(field, value):
        if field == "plan":
            value["proposals"][0]["volunteer"] = "somebody else"

    _tamper(run_id, swap)
    result = replay(app, run_id)
    assert result.exit_code == 1
    assert "NOT IDENTICAL: plan.proposals[0].volunteer: stored 'somebody else'" in result.output


def test_other_library_versions_are_warned_about(app, run_id):
    def age(field, value):
        if field == "versions":
            value["ortools"] = "1.0"

    _tamper(run_id, age)
    result = replay(app, run_id)
    assert result.exit_code == 0
    assert "other versions: ortools 1.0 →" in result.output


def test_a_run_that_does_not_exist_or_keeps_no_question_is_said_plainly(app, run_id):
    assert replay(app, "nosuchrun").exit_code == 1
    _forget(run_id)
    result = replay(app, run_id)
    assert result.exit_code == 1 and "keeps no question" in result.output


@command
def _forget(run_id):
    db.session.get(DispatchRun, run_id).problem = None


def test_a_run_from_the_terminal_says_what_it_did(app, world):
    world.volunteer()
    world.open_order()
    result = app.test_cli_runner().invoke(dispatch_commands, ["run"])
    assert result.exit_code == 0 and "applied augmenting_paths" in result.output
    assert "nothing is waiting" in app.test_cli_runner().invoke(dispatch_commands, ["run"]).output
