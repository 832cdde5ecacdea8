"""The compiled search and the plain one say the same: pair by pair, order by order, plan by plan."""

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import Problem, Weights, generate, solve, tables
from dispatch.candidates import ranks
from dispatch.crowd import Crowd
from dispatch.engine import Matching, match
from dispatch.fast import arrays, match_tables
from dispatch.fast.census import census
from dispatch.fast.lists import Collector
from dispatch.fast.match import Effort, city_of, starts
from dispatch.fast.problems import match_problem
from dispatch.instant.matching import Stages, find_candidates
from dispatch.instant.network import FlowFailed
from tests.dispatch.makers import LAT, LON, at, cities, ids, order, problem, volunteer, work

many = settings(max_examples=80, deadline=None)
dials = st.sampled_from((Weights(), Weights(fairness=0, stability=5), Weights(unfilled=0, travel_per_minute=0)))


@st.composite
def full_cities(draw: Any) -> Problem:
    """Little cities with offers out."""
    city = draw(cities(most_orders=5, most_volunteers=8))
    offered = st.frozensets(ids, max_size=2)
    return replace(city, orders=tuple(replace(one, offered=draw(offered)) for one in city.orders))


def candidates_by_search(
    city: Problem, weights: Weights, seed: int
) -> dict[str, tuple[list[int], list[int], list[int]]]:
    """order → volunteers, starts and costs, cheapest first, by the compiled search."""
    columns = tables.of(city)
    people, needs = arrays.people_of(columns, weights), arrays.needs_of(columns)
    grid, cell_of = city_of(people, needs, arrays.dials_of(columns, weights))
    collector = Collector(grid, cell_of, ranks((one.id for one in city.volunteers), seed))
    lists = collector.first(columns.orders.positions, len(city.volunteers) + 1)
    begin = starts(grid, np.repeat(np.arange(len(city.orders)), np.diff(lists.arcs.ptr)), lists.arcs.volunteer)
    assert lists.whole.all()
    found = {}
    for i, one in enumerate(city.orders):
        here = slice(lists.arcs.ptr[i], lists.arcs.ptr[i + 1])
        found[one.id] = (lists.arcs.volunteer[here].tolist(), begin[here].tolist(), lists.arcs.cost[here].tolist())
    eligible, worked = census(grid, columns.volunteers.load)
    for option in find_candidates(Crowd(city), weights, seed):
        i = next(i for i, one in enumerate(city.orders) if one.id == option.order.id)
        assert (eligible[i], worked[i]) == (option.eligible, option.load)
    return found


@many
@given(full_cities(), dials, st.integers(0, 3))
def test_the_search_finds_whom_the_rules_allow_with_the_same_start_and_cost(
    city: Problem, weights: Weights, seed: int
) -> None:
    found = candidates_by_search(city, weights, seed)
    for option in find_candidates(Crowd(city), weights, seed):
        most = len(option)
        who, start, cost = (values[:most] for values in found[option.order.id])
        assert (who, start, cost) == (option.who.tolist(), option.start.tolist(), option.cost.tolist())
        assert len(found[option.order.id][0]) == option.eligible


def both(city: Problem, weights: Weights, seed: int) -> tuple[Matching, Matching]:
    return match(city, weights, seed), match_problem(city, weights, seed, Stages(5.0))


def pairs(found: Matching) -> set[tuple[str, int, int]]:
    rows = zip(found.options, found.chosen, strict=True)
    return {(option.order.id, int(option.who[k]), int(option.start[k])) for option, picks in rows for k in picks}


@many
@given(full_cities(), dials, st.integers(0, 3))
def test_whole_plans_agree_with_their_prices(city: Problem, weights: Weights, seed: int) -> None:
    small, large = both(city, weights, seed)
    assert [option.order.id for option in small.options] == [option.order.id for option in large.options]
    assert pairs(small) == pairs(large)
    assert (small.objective, small.bound, small.unfilled) == (large.objective, large.bound, large.unfilled)
    assert small.order_price.tolist() == large.order_price.tolist()
    assert small.volunteer_price.tolist() == large.volunteer_price.tolist()
    assert (small.certificate, large.certificate) == ("optimal", "optimal")


@pytest.mark.parametrize("seed", range(4))
def test_plans_of_a_whole_quarter_agree(seed: int) -> None:
    city = generate.problem(60, 150, seed, work=0.3, bans=0.5)
    small, large = both(city, Weights(), seed)
    assert pairs(small) == pairs(large)
    assert small.order_price.tolist() == large.order_price.tolist()
    assert small.volunteer_price.tolist() == large.volunteer_price.tolist()


def test_a_large_problem_goes_through_the_compiled_search_and_its_plan_is_sound() -> None:
    city = generate.problem(420, 5000, 3)
    plan = solve(city)
    assert plan.certificate == "optimal" and plan.degraded is None and plan.gap == 0.0
    assert "rounds" in plan.stats
    busy = {one.volunteer for one in plan.proposals}
    assert len(busy) == len(plan.proposals)
    assert all(one.runner_up not in busy and one.margin >= 0 for one in plan.proposals if one.margin is not None)


def test_the_certificate_holds_for_every_feasible_pair_of_a_city() -> None:
    """Dual feasibility looked at by itself, over the lists of everybody."""
    columns = generate.city(300, 900, 5)
    found = match_tables(columns, seed=5)
    collector = Collector(found.city, np.zeros(300, np.int64), np.arange(900))
    everybody = collector.first(columns.orders.positions, 901)
    row = np.repeat(np.arange(300), np.diff(everybody.arcs.ptr))
    slack = everybody.arcs.cost + found.volunteer_price[everybody.arcs.volunteer] - found.order_price[row]
    assert everybody.whole.all() and slack.min() >= 0
    filled = np.bincount(found.order, minlength=300)
    left = columns.orders.positions - filled
    assert (found.order_price[left > 0] == found.open_price[left > 0]).all()
    assert found.objective == found.cost.sum() + (left * found.open_price).sum() == found.bound
    assert (columns.orders.positions * found.order_price).sum() - found.volunteer_price.sum() == found.bound


@pytest.mark.parametrize("orders", [40, 250])
def test_scarce_people_are_matched_by_the_flow_with_the_same_objective_and_prices(orders: int) -> None:
    columns = generate.city(orders, 60, 1)
    patient = match_tables(columns)
    hasty = match_tables(columns, effort=Effort(haste=0.001, ease=0.001))
    by_price = match_tables(columns, effort=Effort(haste=0.001, ease=0.001, everybody=0, wide=1, added=2))
    assert patient.solver == "augmenting_paths" and hasty.solver == by_price.solver == "min_cost_flow"
    assert patient.objective == hasty.objective == by_price.objective
    assert patient.order_price.tolist() == hasty.order_price.tolist() == by_price.order_price.tolist()
    assert by_price.counts["added"] > 0


def test_places_all_over_the_earth_are_searched_too() -> None:
    spots = [(0.0, 0.0), (89.9, 10.0), (-89.9, 170.0), (0.0, 179.9), (0.1, -179.9), (LAT, LON)]
    needs = [order(f"o{k}", lat=lat, lon=lon, window_end=at(24, 3)) for k, (lat, lon) in enumerate(spots)]
    people = [
        volunteer(f"v{k}", lat=lat, lon=lon, radius_m=20_000_000, mode="car") for k, (lat, lon) in enumerate(spots)
    ]
    city = problem(needs, people)
    assert pairs(match(city)) == pairs(match_problem(city, Weights(), 0, Stages(5.0)))


def test_empty_sides_are_problems_too() -> None:
    for city in (problem([], []), problem([], [volunteer()]), problem([order()], [])):
        small, large = both(city, Weights(), 0)
        assert pairs(small) == pairs(large) == set()
        assert small.objective == large.objective


def test_more_than_sixty_four_skills_are_told_apart() -> None:
    needs = [order(f"o{k:03}", skills={f"s{k}", f"s{k + 1}"}) for k in range(90)]
    people = [volunteer(f"v{k:03}", skills={f"s{k}", f"s{k + 1}"}) for k in range(60)]
    small, large = both(problem(needs, people), Weights(), 0)
    assert pairs(small) == pairs(large) and len(pairs(large)) == 60


def test_rests_between_commitments_count_in_both() -> None:
    people = [volunteer(f"v{k}", commitments=[work(9, 10.5), work(12, 13)], radius_m=9000) for k in range(3)]
    needs = [order(f"o{k}", lat=LAT + 0.01 * k, window_start=at(9), window_end=at(15)) for k in range(3)]
    small, large = both(problem(needs, people), Weights(), 0)
    assert pairs(small) == pairs(large)


PLAN = """
import sys
from dispatch import Weights, generate
from dispatch.fast.problems import match_problem
from dispatch.instant.matching import Stages
found = match_problem(generate.problem(25, 60, 2, work=0.5, bans=1.0), Weights(), 1, Stages(5.0))
rows = zip(found.options, found.chosen)
print([(o.order.id, o.who[p].tolist(), o.start[p].tolist(), o.cost.tolist(), o.eligible) for o, p in rows])
print(found.order_price.tolist(), found.volunteer_price.tolist())
"""


def test_without_compiling_the_same_code_gives_the_same_plan() -> None:
    def run(**changes: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", PLAN], env={**os.environ, **changes}, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert run(NUMBA_DISABLE_JIT="1") == run()


def test_prices_too_large_for_64_bits_are_refused_in_words() -> None:
    columns = generate.city(30, 40, 0)
    heavy = Weights(unfilled=1_000_000, fairness=1_000_000, travel_per_minute=1_000_000)
    orders = replace(columns.orders, priority=columns.orders.priority * 10**8)
    with pytest.raises(FlowFailed, match="do not fit 64 bits"):
        match_tables(replace(columns, orders=orders), heavy)
