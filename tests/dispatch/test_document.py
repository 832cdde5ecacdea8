"""The JSON form: strict, and kind about what is wrong."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import Plan, Problem, ProblemError, Weights, solve
from dispatch.document import Document, Limits, dump, read, read_plan
from dispatch.engine import MODES
from tests.dispatch.makers import cities, order, problem


def refusal(text: str | bytes, reader: Any = read, **limits: int) -> str:
    with pytest.raises(ProblemError) as refused:
        reader(text, Limits(**limits))
    return str(refused.value)


def small() -> dict[str, Any]:
    return Document(problem()).to_dict()


@settings(max_examples=40, deadline=None)
@given(cities(), st.sampled_from(MODES), st.integers(0, 9))
def test_a_document_survives_json_and_its_text_does_not_depend_on_the_order_of_the_rows(
    city: Problem, mode: str, seed: int
) -> None:
    made = Document(city, mode, Weights(fairness=seed), seed)
    text = dump(made.to_dict())
    assert read(text) == made
    turned = made.to_dict() | {name: made.to_dict()[name][::-1] for name in ("orders", "volunteers")}
    assert dump(read(json.dumps(turned)).to_dict()) == text


def test_only_three_fields_are_needed() -> None:
    made = read('{"now": 5, "orders": [], "volunteers": []}')
    assert made == Document(Problem(5, (), ()), "instant", Weights(), 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"now": 1,\n "orders": [}', "line 2 column 13: is not JSON: Expecting value"),
        ("", "line 1 column 1: is not JSON: Expecting value"),
        (b'{"now": "\xff"}', "byte 9: is not UTF-8"),
        ("[1]", "problem: must be an object"),
        ('{"now": 1, "now": 2}', "now: is given twice in one object"),
        ("[" * 100_000, "document: is nested too deeply"),
        ('{"now": 1' + "0" * 5000 + "}", "document: has a number with too many digits"),
        ('{"now": 1, "volunteers": []}', "orders: is missing"),
        ('{"now": 1, "volunteers": [], "orders": [], "luck": 1}', "luck: is not a known field"),
    ],
)
def test_a_text_that_is_no_document_is_refused_by_place_and_reason(text: str | bytes, said: str) -> None:
    assert refusal(text).startswith(said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "version: 2 is not between 1 and 1"),
        ({"version": "1"}, "version: must be a whole number, not '1'"),
        ({"mode": "week"}, "mode: must be one of instant, day, not 'week'"),
        ({"mode": ["day"]}, "mode: must be one of instant, day, not ['day']"),
        ({"seed": -1}, "seed: -1 is not between 0 and"),
        ({"weights": 3}, "weights: must be an object"),
        ({"weights": {"luck": 1}}, "weights.luck: is not a known weight"),
        ({"weights": {"answer": 1.5}}, "weights.answer: must be a whole number, not 1.5"),
        ({"orders": 3}, "orders: must be a list"),
        ({"now": None}, "now: must be a whole number, not None"),
    ],
)
def test_a_wrong_field_of_the_document_is_refused(change: dict[str, Any], said: str) -> None:
    assert refusal(json.dumps(small() | change)).startswith(said)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("lat", float("nan"), "orders[0].lat: must be a number, not nan"),
        ("lon", float("inf"), "orders[0].lon: must be a number, not inf"),
        ("lat", 10**400, "orders[0].lat: must be a number, not 1000"),
        ("lat", True, "orders[0].lat: must be a number, not True"),
        ("skills", [["a"]], "orders[0].skills: must be a set of words, not [['a']]"),
        ("skills", "law", "orders[0].skills: must be a set of words, not 'law'"),
        ("excluded", [["v1", "own"], ["v2", 3]], "orders[0].excluded[1]: must be a volunteer id and why"),
        ("excluded", [["v1", ["own"]]], "orders[0].excluded[0]: must be a volunteer id and why"),
        ("id", "\ud800", "orders[0].id: must be text that can be written down"),
        ("office", "\udfff", "orders[0].office: must be text"),
        ("duration", 3600.0, "orders[0].duration: must be a whole number, not 3600.0"),
    ],
)
def test_a_wrong_value_in_a_row_is_refused_by_path(field: str, value: Any, said: str) -> None:
    data = small()
    data["orders"][0][field] = value
    assert refusal(json.dumps(data)).startswith(said)


def test_a_refusal_is_short_however_long_the_value() -> None:
    assert len(refusal(json.dumps(small() | {"now": "x" * 100_000}))) < 400


def test_too_much_is_refused_before_it_is_looked_at() -> None:
    text = dump(small())
    assert refusal(text, bytes=10).endswith(" bytes, more than the limit of 10")
    assert refusal(text, orders=0) == "orders: has 1 rows, more than the limit of 0"
    assert refusal(text, volunteers=0) == "volunteers: has 1 rows, more than the limit of 0"


def test_a_plan_survives_json() -> None:
    made = solve(problem([order(), order("o2", positions=2)]))
    assert read_plan(dump(made.to_dict())) == made


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda plan: plan.pop("objective"), "objective: is missing"),
        (lambda plan: plan.update(luck=1), "luck: is not a known field"),
        (lambda plan: plan.update(proposals={}), "proposals: must be a list, not {}"),
        (lambda plan: plan["proposals"].append(1), "proposals[1]: must be an object, not 1"),
        (lambda plan: plan["proposals"][0].pop("start"), "proposals[0].start: is missing"),
        (lambda plan: plan["proposals"][0].update(start=1.5), "proposals[0].start: must be a whole number, not 1.5"),
        (lambda plan: plan["proposals"][0].update(start=True), "proposals[0].start: must be a whole number, not True"),
        (lambda plan: plan["proposals"][0].update(reasons=[1]), "proposals[0].reasons[0]: must be text, not 1"),
        (lambda plan: plan["proposals"][0]["terms"].update(travel="far"), "proposals[0].terms.travel: must be a whole"),
        (lambda plan: plan["weights"].pop("answer"), "weights.answer: is missing"),
        (lambda plan: plan["weights"].update(answer=-1), "weights.answer: -1 is not between 0 and"),
        (lambda plan: plan["stats"].pop("unfilled_weight"), "stats.unfilled_weight: is missing"),
        (lambda plan: plan.update(gap="none"), "gap: must be a number, not 'none'"),
        (lambda plan: plan.update(gap=float("nan")), "gap: must be a number, not nan"),
        (lambda plan: plan.update(mode="week"), "mode: must be one of instant, day, not 'week'"),
    ],
)
def test_a_foreign_plan_is_refused_by_path_and_reason(change: Any, said: str) -> None:
    plan = solve(problem()).to_dict()
    change(plan)
    assert refusal(json.dumps(plan), read_plan).startswith(said)


def test_a_plan_of_an_older_engine_is_read_where_its_fields_have_defaults() -> None:
    plan = solve(problem()).to_dict()
    for name in ("mode", "bound", "gap", "routes"):
        del plan[name]
    assert isinstance(read_plan(json.dumps(plan)), Plan)
