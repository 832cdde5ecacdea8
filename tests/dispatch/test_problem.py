"""A problem is checked when it is made, keeps the same face whatever the input's order, and survives JSON."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from dispatch import OrderSpec, Plan, Problem, ProblemError, Weights, solve
from tests.dispatch.makers import NOW, at, cities, order, problem, volunteer, work

BAD_ORDERS: list[tuple[dict[str, Any], str]] = [
    ({"lat": 91}, "orders[1].lat: 91.0 is not between -90 and 90"),
    ({"lat": float("nan")}, "orders[1].lat: must be a number, not nan"),
    ({"lon": "east"}, "orders[1].lon: must be a number, not 'east'"),
    ({"window_start": 1.5}, "orders[1].window_start: must be a whole number, not 1.5"),
    ({"window_end": at(10.5)}, "orders[1].window_end: leaves less time after window_start than the duration"),
    ({"window_end": at(10, 100)}, "orders[1].window_end: is more than 92 days after window_start"),
    ({"duration": 0}, "orders[1].duration: 0 is not between 1 and"),
    ({"positions": 0}, "orders[1].positions: 0 is not between 1 and 10000"),
    ({"priority": True}, "orders[1].priority: must be a whole number, not True"),
    ({"now": 1}, "orders[1].now: must be true or false, not 1"),
    ({"skills": "law"}, "orders[1].skills: must be a set of words, not 'law'"),
    ({"languages": {""}}, "orders[1].languages: must be a word, not ''"),
    ({"sex": 1}, "orders[1].sex: must be a word, not 1"),
    ({"excluded": [("v1",)]}, "orders[1].excluded[0]: must be a volunteer id and why, not ('v1',)"),
    ({"minimum_age": -1}, "orders[1].minimum_age: -1 is not between 0 and 150"),
    ({"office": None}, "orders[1].office: must be text, not None"),
]
BAD_VOLUNTEERS: list[tuple[dict[str, Any], str]] = [
    ({"availability": [(5, 5)]}, "volunteers[0].availability[0]: must be a start and a later end, not (5, 5)"),
    ({"availability": 7}, "volunteers[0].availability: must be a list, each of a start and a later end"),
    ({"credentials": [("nurse", "soon")]}, "volunteers[0].credentials[0]: must be a kind and the moment it ends"),
    ({"mode": "plane"}, "volunteers[0].mode: 'plane' is none of walk, bike, ebike, car, transit"),
    ({"radius_m": -1}, "volunteers[0].radius_m: -1 is not between 0 and"),
    ({"commitments": [work(9, 9)]}, "volunteers[0].commitments[0].end: must be a moment after start"),
    ({"commitments": [(1, 2)]}, "volunteers[0].commitments[0]: must be a Commitment, not (1, 2)"),
    ({"daily_limit": -1}, "volunteers[0].daily_limit: -1 is not between 0 and 1000"),
    ({"weekly_limit_minutes": 2.5}, "volunteers[0].weekly_limit_minutes: must be a whole number, not 2.5"),
    ({"load": -5}, "volunteers[0].load: -5.0 is not between 0 and"),
    ({"answer_chance": 1.5}, "volunteers[0].answer_chance: 1.5 is not between 0 and 1"),
    ({"age": "old"}, "volunteers[0].age: must be a whole number, not 'old'"),
    ({"active": None}, "volunteers[0].active: must be true or false, not None"),
    ({"on_duty": "yes"}, "volunteers[0].on_duty: must be true or false, not 'yes'"),
]


@pytest.mark.parametrize(("changes", "said"), BAD_ORDERS, ids=[said.split(":")[0] for _, said in BAD_ORDERS])
def test_a_bad_order_is_refused_by_path_and_reason(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ProblemError) as refused:
        problem([order("good"), order("bad", **changes)])
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(("changes", "said"), BAD_VOLUNTEERS, ids=[said.split(":")[0] for _, said in BAD_VOLUNTEERS])
def test_a_bad_volunteer_is_refused_by_path_and_reason(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ProblemError) as refused:
        problem([order()], [volunteer(**changes)])
    assert str(refused.value).startswith(said)


def test_two_of_the_same_id_are_refused() -> None:
    with pytest.raises(ProblemError, match=r"volunteers\[1\]\.id: 'v1' is already volunteers\[0\]"):
        problem([], [volunteer(), volunteer()])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.pop("now"), "now: is missing"),
        (lambda data: data.update(orders={}), "orders: must be a list"),
        (lambda data: data["orders"][0].pop("duration"), "orders[0].duration: is missing"),
        (lambda data: data["orders"][0].update(wheels=2), "orders[0].wheels: is not a known field"),
        (lambda data: data["volunteers"].append(3), "volunteers[1]: must be an object"),
        (
            lambda data: data["volunteers"][0]["commitments"].append({"start": 1}),
            "volunteers[0].commitments[0].end: is missing",
        ),
    ],
)
def test_bad_json_is_refused_by_path_and_reason(change: Any, said: str) -> None:
    data = problem().to_dict()
    change(data)
    with pytest.raises(ProblemError) as refused:
        Problem.from_dict(data)
    assert str(refused.value) == said


@settings(max_examples=50, deadline=None)
@given(cities())
def test_a_problem_survives_json_and_replays_to_the_same_plan(city: Problem) -> None:
    again = Problem.from_dict(json.loads(json.dumps(city.to_dict())))
    assert again == city
    assert again.digest() == city.digest()
    weights = Weights.from_dict(json.loads(json.dumps(Weights(fairness=5).to_dict())))
    assert solve(again, weights, seed=3).digest() == solve(city, weights, seed=3).digest()


def test_a_plan_is_plain_json_and_its_digest_tells_decisions_apart() -> None:
    plan = solve(problem())
    assert json.loads(json.dumps(plan.to_dict()))["proposals"][0]["volunteer"] == "v1"
    assert plan.digest() == solve(problem()).digest()
    assert plan.digest() != solve(problem([order(positions=2)])).digest()


def test_sets_lists_and_mappings_are_taken_alike() -> None:
    by_set = order(skills={"a", "b"}, excluded={"v1": "declined"})
    by_list = order(skills=["b", "a"], excluded=[["v1", "declined"]])
    assert by_set == by_list
    assert by_set.bans == (("v1", "declined"),)


def test_only_the_needed_fields_must_be_given() -> None:
    sparse = {"id": "o1", "lat": 30, "lon": 120, "window_start": NOW, "window_end": NOW + 60, "duration": 60}
    given_ = Problem.from_dict({"now": NOW, "orders": [sparse], "volunteers": []}).orders[0]
    assert given_ == OrderSpec("o1", 30.0, 120.0, NOW, NOW + 60, 60)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"luck": 1}, "weights.luck: is not a known weight"),
        ({"fairness": -1}, "weights.fairness: -1 is not"),
        ({"fairness": 0.5}, "weights.fairness: must be a whole number, not 0.5"),
    ],
)
def test_bad_weights_are_refused(data: dict[str, Any], said: str) -> None:
    with pytest.raises(ProblemError) as refused:
        Weights.from_dict(data)
    assert str(refused.value).startswith(said)


def test_every_weight_has_its_term_or_is_the_price_of_an_open_position() -> None:
    plan: Plan = solve(problem())
    terms = {"language", "continuity", "answer", "stability", "fairness"}
    assert set(plan.weights) == {"unfilled", "travel_per_minute", *terms}
    assert set(plan.proposals[0].terms) == {"travel", *terms}
