"""When the flow cannot answer, greedy does, and the plan says why."""

import pytest

from dispatch import Plan, Problem, Weights, solve, violations
from dispatch.instant import network as instant
from tests.dispatch.makers import order, problem, volunteer


@pytest.fixture
def city() -> Problem:
    needs = [order("easy", priority=2), order("hard", skills={"law"})]
    return problem(needs, [volunteer("v1", skills={"law"}), volunteer("v2")])


def assert_fell_back(city: Problem, plan: Plan, why: str) -> None:
    assert (plan.solver, plan.certificate) == ("greedy", "none")
    assert plan.degraded is not None and why in plan.degraded
    assert violations(city, plan) == []


def test_no_time_left_is_a_reason_to_fall_back(city: Problem) -> None:
    assert_fell_back(city, solve(city, time_limit=0), "time limit of 0 s")


def test_costs_too_large_for_the_solver_are_a_reason_to_fall_back() -> None:
    needs = [order(f"o{k}", positions=10_000, priority=1000) for k in range(40)]
    city = problem(needs, [volunteer(f"v{k}", load=60_000) for k in range(40)])
    plan = solve(city, Weights(unfilled=1_000_000, fairness=1_000_000, travel_per_minute=1_000_000))
    assert_fell_back(city, plan, "do not fit 64 bits")


def test_a_solver_that_breaks_is_a_reason_to_fall_back(city: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise MemoryError("no room for the network")

    monkeypatch.setattr(instant.PlainLoops, "augment", staticmethod(broken))
    assert_fell_back(city, solve(city), "MemoryError: no room for the network")


def test_a_degraded_plan_replays_as_greedy_with_the_same_digest(city: Problem) -> None:
    degraded = solve(city, time_limit=0)
    assert solve(city, method=degraded.solver).digest() == degraded.digest()


def test_an_unknown_method_is_refused(city: Problem) -> None:
    with pytest.raises(ValueError, match="method must be one of exact, greedy"):
        solve(city, method="magic")


def test_greedy_serves_the_most_urgent_first(city: Problem) -> None:
    plan = solve(problem([order("low"), order("high", priority=3)], [volunteer()]), method="greedy")
    assert [proposal.order for proposal in plan.proposals] == ["high"]
    assert plan.degraded is None
