"""The parts of `make integrity` that are checked without running it."""

from __future__ import annotations

import importlib.util

import pytest

from models.states import ASSIGNMENT_MOVES, OFFER_MOVES, ORDER_MOVES
from tests.integrity.bars import FAMILIES, Bar, Part, Size
from tests.integrity.faults import LEFT_OUT, commands
from tests.integrity.machine import model
from tests.integrity.machine.actions import ACTIONS, STORIES, WRONG

MOVES = {"orders": ORDER_MOVES, "offer": OFFER_MOVES, "assignment": ASSIGNMENT_MOVES}


@pytest.mark.parametrize("noun", MOVES)
def test_the_tables_and_the_model_written_by_hand_say_the_same(noun):
    listed = {
        (str(before), str(move)): str(after) for move, (starts, after) in MOVES[noun].items() for before in starts
    }
    assert model.EDGES[noun] == listed


def test_every_action_is_asked_of_something_by_somebody():
    asked = {(table, name) for table, names in model.ASKED.items() for name in names}
    assert asked == {(action.table, action.name) for action in ACTIONS.values()}
    assert {action.by.__name__ for action in ACTIONS.values()} == set(WRONG)


def test_an_action_leads_only_to_statuses_there_are():
    for table, names in model.ASKED.items():
        for steps in names.values():
            assert {*steps, *steps.values()} <= set(model.STATUSES[table])
    assert set(model.SILENT) <= set(ACTIONS)


def test_stories_are_told_in_actions():
    told = {name for story in STORIES.values() for name in story}
    assert {name for name in told if not name.startswith("@")} <= set(ACTIONS)


def test_every_family_is_a_module():
    for name in FAMILIES:
        assert importlib.util.find_spec(f"tests.integrity.bars.{name}"), name


@pytest.mark.parametrize(
    ("values", "holds"), [((0, 0), True), ((0, 1), False), ((0, None), None), ((None, 1), False), ((), None)]
)
def test_a_bar_holds_when_all_its_parts_do(values, holds):
    assert Bar("a bar", [Part("what", value, "==", 0) for value in values]).holds is holds


def test_the_form_chooses_the_size():
    assert (Size(True, 1, 1).pick(3, 300), Size(False, 1, 1).pick(3, 300)) == (3, 300)


def test_commands_are_found_by_walking_the_modules():
    found = commands()
    assert {"app.serving.answers._accept", "app.ordering.placing.place", "app.people.sessions.issue"} <= set(found)
    assert not [name for name in found if name.startswith(tuple(LEFT_OUT))]
