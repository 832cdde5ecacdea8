"""Orders that want all of their positions filled or none."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import Problem, Weights, solve, violations
from dispatch.engine import Matching, match
from dispatch.fast.problems import match_problem
from dispatch.instant.matching import Stages
from dispatch.instant.together import solve_together
from tests.dispatch.makers import LAT, cities, order, problem, volunteer

many = settings(max_examples=120, deadline=None)
quick = settings(max_examples=40, deadline=None)


@st.composite
def meetings(draw: Any) -> Problem:
    """Little cities in which several wish for company."""
    city = draw(cities(most_orders=4, most_volunteers=6))
    counts = st.sampled_from((1, 2, 2, 3))
    return replace(
        city,
        orders=tuple(
            replace(one, together=draw(st.booleans()), positions=draw(counts), skills=frozenset(), sex=None, now=False)
            for one in city.orders
        ),
    )


def best_by_trying_everything(found: Matching) -> int:
    """The least objective over every way to give candidates to orders."""

    def best(at: int, busy: frozenset[int]) -> int:
        if at == len(found.options):
            return 0
        option, need = found.options[at], found.options[at].order
        free = [
            (who, cost) for who, cost in zip(option.who.tolist(), option.cost.tolist(), strict=True) if who not in busy
        ]
        sizes = {0, need.positions} if need.together else set(range(need.positions + 1))
        return min(
            sum(cost for _, cost in team)
            + (need.positions - size) * need.priority * found.unfilled
            + best(at + 1, busy | {who for who, _ in team})
            for size in sizes
            for team in combinations(free, size)
        )

    return best(0, frozenset())


@many
@given(meetings())
def test_no_plan_of_whole_teams_is_cheaper(city: Problem) -> None:
    found = match(city)
    assert found.certificate == "optimal" and found.degraded is None
    assert found.objective == found.bound == best_by_trying_everything(found)
    for option, picks in zip(found.options, found.chosen, strict=True):
        assert len(picks) in (0, option.order.positions) or not option.order.together


@many
@given(meetings())
def test_prices_hold_for_every_pair_even_of_what_is_left_out(city: Problem) -> None:
    found = match(city)
    for price, option, picks in zip(found.order_price.tolist(), found.options, found.chosen, strict=True):
        slack = option.cost + found.volunteer_price[option.who] - price
        assert (slack >= 0).all() and not slack[picks].any()


@quick
@given(meetings(), st.integers(0, 2))
def test_the_compiled_search_serves_the_same_teams(city: Problem, seed: int) -> None:
    small, large = match(city, seed=seed), match_problem(city, Weights(), seed, Stages(5.0))
    assert (small.objective, small.certificate) == (large.objective, large.certificate)


@quick
@given(meetings())
def test_greedy_leaves_no_team_by_halves_either(city: Problem) -> None:
    found = match(city, method="greedy")
    for option, picks in zip(found.options, found.chosen, strict=True):
        assert len(picks) in (0, option.order.positions) or not option.order.together


@many
@given(meetings(), st.sampled_from(("exact", "greedy")))
def test_the_checker_accepts_plans_of_whole_teams(city: Problem, method: str) -> None:
    assert violations(city, solve(city, method=method)) == []


def test_the_checker_finds_half_a_team() -> None:
    half = problem([order("piano", positions=2)], [volunteer("v1")])
    plan = solve(half)
    assert violations(half, plan) == []
    whole = replace(half, orders=(replace(half.orders[0], together=True),))
    assert "order piano: 1 of 2 positions are filled, but it wants all or none" in violations(whole, plan)


def test_the_checker_finds_a_team_left_out_though_all_of_it_is_idle() -> None:
    alone = problem([order("piano", positions=2, together=True)], [volunteer("v1"), volunteer("v2")])
    nobody = solve(replace(alone, volunteers=()))
    found = violations(alone, nobody)
    assert any("is open although v1 may serve it" in fault for fault in found)


def test_two_who_cannot_be_three_help_elsewhere() -> None:
    needs = [order("piano", positions=3, together=True, priority=9), order("tea")]
    plan = solve(problem(needs, [volunteer("v1"), volunteer("v2", lat=LAT + 0.01)]))
    assert [one.order for one in plan.proposals] == ["tea"]
    assert plan.unplaced[0].open_positions == 3
    assert (plan.certificate, plan.gap) == ("optimal", 0.0)


def test_a_team_takes_somebody_from_two_who_would_be_served_by_halves() -> None:
    needs = [order(f"o{k}", positions=2, together=True, priority=2 + k) for k in range(2)]
    plan = solve(problem(needs, [volunteer(f"v{k}", lat=LAT + 0.001 * k) for k in range(3)]))
    assert [one.order for one in plan.proposals] == ["o1", "o1"]


def test_without_time_the_plan_is_still_whole_and_says_how_far_it_may_be_from_the_best() -> None:
    needs = [order(f"o{k}", positions=3, together=True, lat=LAT + 0.002 * (k % 7)) for k in range(30)]
    people = [volunteer(f"v{k}", lat=LAT + 0.001 * k) for k in range(40)]
    city = problem(needs, people)
    from dispatch.instant.matching import network

    small = match(city)
    net = network(small.options, small.crowd.size, small.unfilled)
    hasty = solve_together(net, np.ones(len(needs), dtype=np.bool_), 0.0)
    assert hasty.bound <= small.objective <= hasty.objective
    filled = np.diff(np.searchsorted(hasty.answer.used, net.arcs.ptr))
    assert set(filled.tolist()) <= {0, 3}
