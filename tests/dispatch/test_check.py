"""The checker accepts every plan of both methods and finds every kind of fault that is put into one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import Plan, Problem, Proposal, Unplaced, solve, violations
from tests.dispatch.makers import LAT, at, cities, order, problem, schedules, volunteer, work


@settings(max_examples=100, deadline=None)
@given(cities(most_orders=5, most_volunteers=8), st.sampled_from(("exact", "greedy")), st.integers(0, 3))
def test_the_checker_accepts_every_plan(city: Problem, method: str, seed: int) -> None:
    plan = solve(city, method=method, seed=seed)
    assert violations(city, plan) == []


@settings(max_examples=300, deadline=None)
@given(schedules())
def test_the_checker_finds_the_same_start_in_a_full_diary(city: Problem) -> None:
    assert violations(city, solve(city)) == []


@settings(max_examples=50, deadline=None)
@given(cities())
def test_the_counts_of_every_unplaced_order_add_up_to_everybody(city: Problem) -> None:
    for one in solve(city).unplaced:
        assert sum(one.lost.values()) + one.eligible == len(city.volunteers)


@pytest.fixture
def city() -> Problem:
    """Order a is served by v1 (v2 is next in line), b by nobody, c by v3; v4 is idle, v5 lacks something each."""
    needs = [
        order("a", skills={"first aid"}, excluded={"v4": "declined"}),
        order("b", skills={"flying"}, excluded={"v5": "blocked"}),
        order("c", skills={"law"}, credentials={"lawyer"}, sex="female"),
    ]
    people = [
        volunteer("v1", skills={"first aid"}, daily_limit=2, commitments=[work(14, 15)]),
        volunteer("v2", skills={"first aid"}, lat=LAT + 0.005),
        volunteer("v3", skills={"law"}, credentials=[("lawyer", None)], sex="female"),
        volunteer("v4", skills={"first aid"}),
        volunteer("v5", skills={"flying"}),
    ]
    return problem(needs, people)


@pytest.fixture
def plan(city: Problem) -> Plan:
    found = solve(city)
    assert violations(city, found) == []
    assert [(one.order, one.volunteer) for one in found.proposals] == [("a", "v1"), ("c", "v3")]
    return found


def with_first(plan: Plan, **changes: Any) -> Plan:
    return replace(plan, proposals=(replace(plan.proposals[0], **changes), *plan.proposals[1:]))


def with_unplaced(plan: Plan, **changes: Any) -> Plan:
    return replace(plan, unplaced=(replace(plan.unplaced[0], **changes),))


FIRST_FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("asks somebody refused by a rule", {"volunteer": "v5"}, "breaks the rule skills"),
    ("asks somebody who said no", {"volunteer": "v4"}, "breaks the rule banned"),
    ("asks a stranger", {"volunteer": "v99"}, "volunteer v99 is not in the problem"),
    ("serves an unknown order", {"order": "z"}, "order z is not in the problem"),
    ("starts before the window", {"start": at(9), "end": at(10)}, "earliest possible start"),
    ("starts later than it could", {"start": at(10.5), "end": at(11.5)}, "earliest possible start"),
    ("cuts the service short", {"end": at(10.5)}, "but the order asks for"),
    ("shortens the way", {"distance_m": 7}, "says 7 m, but it is"),
    ("hurries the travel", {"travel_s": 7}, "says 7 s of travel"),
    ("hides a cost", {"cost": 0}, "costs 0 by"),
    ("invents a term", {"terms": {"luck": 2}}, "but it should be"),
    ("names a busy runner-up", {"runner_up": "v3"}, "is asked for another order"),
    ("names a runner-up who may not serve", {"runner_up": "v5"}, "the runner-up v5 may not serve it"),
    ("names an unknown runner-up", {"runner_up": "v99"}, "volunteer v99 is not in the problem"),
    ("gets the margin wrong", {"margin": 1}, "the margin 1 to the runner-up is wrong"),
    ("forgets the runner-up", {"runner_up": None, "margin": None}, "says nobody is next in line, but v2 is"),
]


@pytest.mark.parametrize(("changes", "found"), [fault[1:] for fault in FIRST_FAULTS], ids=[f[0] for f in FIRST_FAULTS])
def test_a_faulty_proposal_is_found(city: Problem, plan: Plan, changes: dict[str, Any], found: str) -> None:
    assert any(found in fault for fault in violations(city, with_first(plan, **changes)))


UNPLACED_FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("counts a loss at the wrong rule", {"lost": {"radius": 5}}, "counts {'radius': 5}"),
    ("leaves somebody uncounted", {"lost": {"skills": 3, "banned": 1}}, "counts {'skills': 3"),
    ("invents somebody eligible", {"eligible": 1}, "says 1 eligible, but it is 0"),
    ("gives another reason for a ban", {"bans": {"declined": 1}}, "counts bans"),
    ("blames other orders", {"verdict": "taken_by_others"}, "says taken_by_others"),
    ("blames one order", {"taken_by": ("a",)}, "says taken by ['a']"),
    ("opens too many positions", {"open_positions": 2}, "order b: 0 filled and 2 open of 1"),
    ("is about an unknown order", {"order": "z"}, "order z is not in the problem"),
]


@pytest.mark.parametrize(
    ("changes", "found"), [fault[1:] for fault in UNPLACED_FAULTS], ids=[fault[0] for fault in UNPLACED_FAULTS]
)
def test_a_faulty_reason_is_found(city: Problem, plan: Plan, changes: dict[str, Any], found: str) -> None:
    assert any(found in fault for fault in violations(city, with_unplaced(plan, **changes)))


def test_a_volunteer_asked_twice_is_found(city: Problem, plan: Plan) -> None:
    twice = replace(plan, proposals=(*plan.proposals, plan.proposals[0]))
    assert "volunteer v1 is asked 2 times" in violations(city, twice)


def test_too_many_people_for_one_order_are_found(city: Problem, plan: Plan) -> None:
    crowded = replace(plan, proposals=(*plan.proposals, replace(plan.proposals[0], volunteer="v2")))
    assert "order a: 2 filled and 0 open of 1 positions" in violations(city, crowded)


def test_a_forgotten_order_is_found(city: Problem, plan: Plan) -> None:
    assert "order b: 0 filled and 0 open of 1 positions" in violations(city, replace(plan, unplaced=()))


def test_a_position_left_open_beside_somebody_idle_is_found(city: Problem, plan: Plan) -> None:
    lost = {"skills": 2, "banned": 1}
    lazy = Unplaced("a", 1, lost, {"declined": 1}, 2, "nobody_eligible", ())
    idle = replace(plan, proposals=plan.proposals[1:], unplaced=(lazy, *plan.unplaced))
    assert "unplaced a: is open although v1 may serve it and is asked for nothing" in violations(city, idle)


def test_a_plan_that_is_not_optimal_but_says_so_is_found(city: Problem, plan: Plan) -> None:
    first = plan.proposals[0]
    assert first.runner_up == "v2" and first.margin is not None
    without = replace(city.orders[0], excluded={"v1": "declined", "v4": "declined"})
    other = solve(problem([without], city.volunteers)).proposals[0]
    worse: Proposal = replace(other, runner_up="v1", margin=-first.margin)
    found = violations(city, replace(plan, proposals=(worse, *plan.proposals[1:])))
    assert any("is free and cheaper, so the plan is not optimal" in fault for fault in found)


def test_a_wrong_objective_is_found(city: Problem, plan: Plan) -> None:
    assert any("objective 1 should be" in fault for fault in violations(city, replace(plan, objective=1)))


def test_a_priority_point_too_light_to_come_first_is_found(city: Problem, plan: Plan) -> None:
    light = replace(plan, stats=plan.stats | {"unfilled_weight": 1})
    assert any("less than all costs together" in fault for fault in violations(city, light))


MUTANT_RULES: list[tuple[str, dict[str, Any], str]] = [
    ("skills", {"skills": ()}, "skills"),
    ("credentials", {"credentials": [("lawyer", at(10.5))]}, "credentials"),
    ("sex", {"sex": "male"}, "sex"),
    ("activity", {"active": False}, "active"),
    ("radius", {"lat": LAT + 0.05}, "radius"),
    ("free hours", {"availability": [(at(10), at(10.5))]}, "availability"),
    ("accepted work", {"commitments": [work(9, 13)]}, "overlap"),
    ("the daily limit", {"daily_limit": 0}, "daily_limit"),
    ("the weekly limit", {"weekly_limit_minutes": 59}, "weekly_limit"),
]


@pytest.mark.parametrize(("changes", "rule"), [fault[1:] for fault in MUTANT_RULES], ids=[f[0] for f in MUTANT_RULES])
def test_a_plan_made_before_the_volunteer_changed_is_found(
    city: Problem, plan: Plan, changes: dict[str, Any], rule: str
) -> None:
    people = [replace(one, **changes) if one.id == "v3" else one for one in city.volunteers]
    found = violations(problem(city.orders, people), plan)
    assert f"proposal c/v3: breaks the rule {rule}" in found
