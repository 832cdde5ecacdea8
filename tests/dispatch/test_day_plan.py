"""Day plans against trying everything: never infeasible, never better than possible, the bound never false."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from dispatch import OrderSpec, Plan, Problem, Weights, generate, solve, violations
from dispatch.day.shifts import Shifts
from tests.dispatch.day_brute import best_worth
from tests.dispatch.day_makers import days
from tests.dispatch.makers import HOUR, at, order, problem, volunteer, work

PATIENT = 600.0  # seconds nobody waits for: only the limits in rounds count


def planned(city: Problem, **how: object) -> Plan:
    return solve(city, mode="day", time_limit=PATIENT, **how)  # type: ignore[arg-type]


def best_objective(city: Problem) -> int:
    day = Shifts.of(city, Weights())
    everything = sum(one.priority * one.positions for one in city.orders) * Weights().unfilled
    return everything - best_worth(day)


def coarse(city: Problem) -> Problem:
    """Few common starts, so that everything can be tried."""
    return replace(city, meeting_step=4 * HOUR, most_stops=min(city.most_stops, 3))


@settings(max_examples=120, deadline=None)
@given(days(most_orders=4, most_volunteers=4).map(coarse))
def test_no_plan_is_better_than_the_bound_and_an_optimal_one_is_the_best_there_is(city: Problem) -> None:
    plan, best = planned(city), best_objective(city)
    assert violations(city, plan) == []
    assert plan.bound is not None and plan.bound <= best <= plan.objective
    assert (plan.certificate == "optimal") == (plan.bound == plan.objective)


@settings(max_examples=40, deadline=None)
@given(days())
def test_the_order_of_the_input_changes_nothing(city: Problem) -> None:
    turned = replace(city, orders=city.orders[::-1], volunteers=city.volunteers[::-1])
    assert planned(turned).digest() == planned(city).digest()


@settings(max_examples=40, deadline=None)
@given(days())
def test_greedy_makes_a_plan_without_a_proof_that_is_no_better(city: Problem) -> None:
    quick, thorough = planned(city, method="greedy"), planned(city)
    assert violations(city, quick) == []
    assert (quick.certificate, quick.bound, quick.gap) == ("none", None, None)
    assert quick.objective >= thorough.objective


def test_a_day_without_orders_or_people_is_an_optimal_plan() -> None:
    for city in (problem([], []), problem([order()], []), problem([], [volunteer()])):
        plan = planned(city)
        assert plan.certificate == "optimal" and plan.routes == () and violations(city, plan) == []


def chain(count: int) -> list[OrderSpec]:
    """Orders next door, each an hour long, with the whole day to be served in."""
    return [order(f"o{k}", window_start=at(9), window_end=at(20)) for k in range(count)]


def test_somebody_may_serve_several_orders_one_after_the_other() -> None:
    plan = planned(problem(chain(3), [volunteer()]))
    assert [len(route.orders) for route in plan.routes] == [3]
    assert plan.certificate == "optimal"


def test_nobody_gets_more_orders_than_their_own_limit_or_the_problem_allows() -> None:
    limited = planned(problem(chain(3), [volunteer(daily_limit=2)]))
    assert [len(route.orders) for route in limited.routes] == [2]
    short = planned(replace(problem(chain(3), [volunteer()]), most_stops=1))
    assert [len(route.orders) for route in short.routes] == [1]


def test_a_limit_counts_over_all_shifts_of_a_day_and_with_accepted_work() -> None:
    busy = volunteer(daily_limit=3, commitments=(work(13, 14),))
    plan = planned(problem(chain(6), [busy]))
    assert sum(len(route.orders) for route in plan.routes) == 2
    weekly = volunteer(weekly_limit_minutes=180, commitments=(work(13, 14),))
    assert sum(len(route.orders) for route in planned(problem(chain(6), [weekly])).routes) == 2


def test_a_pause_is_left_between_services() -> None:
    tight = [order(f"o{k}", window_start=at(9), window_end=at(12)) for k in range(3)]
    free = volunteer(availability=((at(9), at(12)),))
    assert planned(problem(tight, [free])).stats["filled"] == 3
    rested = replace(free, rests=((at(9), at(11), 1800),))
    assert planned(problem(tight, [rested])).stats["filled"] == 2


def test_a_meeting_is_staffed_in_full_and_at_one_moment_or_not_at_all() -> None:
    meeting = order("m", positions=2, window_start=at(9), window_end=at(12))
    early, late = volunteer("v1", availability=((at(8), at(11)),)), volunteer("v2", availability=((at(10), at(15)),))
    plan = planned(problem([meeting], [early, late]))
    assert [one.start for one in plan.proposals] == [at(10)] * 2
    apart = replace(late, availability=((at(10.5), at(15)),))
    plan = planned(problem([meeting], [early, apart]))
    assert plan.proposals == () and plan.unplaced[0].open_positions == 2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_small_day_is_solved_to_the_end(seed: int) -> None:
    city = generate.day(100, 50, seed)
    plan = planned(city)
    assert plan.certificate == "optimal" and plan.bound == plan.objective and plan.gap == 0.0
    assert violations(city, plan) == []


def test_a_larger_day_comes_with_a_small_proven_gap_and_meetings_are_complete() -> None:
    city = generate.day(150, 75, 1, meetings=0.2)
    plan = planned(city)
    assert violations(city, plan) == []
    assert plan.gap is not None and plan.gap < 0.1
    assert plan.stats["stopped_by"] == "limits"


def test_without_time_there_is_a_first_plan_and_a_true_bound() -> None:
    city = generate.day(60, 30, 1)
    hasty, patient = solve(city, mode="day", time_limit=0.0), planned(city)
    assert violations(city, hasty) == []
    assert hasty.stats["stopped_by"] == "time"
    assert hasty.bound is not None and hasty.bound <= patient.objective <= hasty.objective


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="mode"):
        solve(problem(), mode="week")
