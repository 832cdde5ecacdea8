"""Routes and their pricing: compiled and plain code agree, and the search finds what trying everything finds."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from dispatch import Problem, Weights, generate
from dispatch.day import pool as pools
from dispatch.day.columns import Columns, sold, whole
from dispatch.day.columns import generate as generate_columns
from dispatch.day.pricing import NOTHING, Prices, best_routes, legs
from dispatch.day.routes import schedule
from dispatch.day.shifts import Shifts
from tests.dispatch.day_brute import feasible_routes
from tests.dispatch.day_makers import days
from tests.dispatch.test_day_plan import coarse

UNLIMITED = 10**9


@st.composite
def priced(draw: Any) -> tuple[Shifts, Prices]:
    """A tiny day and some prices."""
    day = Shifts.of(coarse(draw(days(most_orders=4, most_volunteers=3))), Weights())

    def points(count: int, most: int) -> Any:
        return np.array(draw(st.lists(st.integers(0, most), min_size=count, max_size=count)), dtype=np.int64)

    return day, Prices(
        points(len(day.order_people), 250_000),
        points(len(day.limit_volunteer), 50_000),
        points(len(day.begin), 200_000),
    )


def rewarded(day: Shifts, prices: Prices, shift: int, route: tuple[int, ...], worth: int) -> int:
    for place in route:
        task = day.pair_task[day.ptr[shift] + place]
        worth -= int(prices.order[day.task_order[task]])
        if day.day_limit[shift] >= 0:
            worth -= int(prices.limit[day.day_limit[shift]])
        if day.week_limit[shift] >= 0:
            worth -= int(prices.limit[day.week_limit[shift]] * day.task_seconds[task] // 3600)
    return worth


@settings(max_examples=100, deadline=None)
@given(priced())
def test_pricing_finds_the_best_routes_of_every_shift(given_: tuple[Shifts, Prices]) -> None:
    day, prices = given_
    banned = np.zeros(len(day.task_order), dtype=np.bool_)
    asked = np.arange(len(day.begin), dtype=np.int64)
    value, route, most, _ = best_routes(day, legs(day), prices, banned, asked, 3, UNLIMITED)
    for shift in asked.tolist():
        best: dict[frozenset[int], int] = {}
        for stops, worth in feasible_routes(day, shift):
            left = rewarded(day, prices, shift, stops, worth)
            best[frozenset(stops)] = max(best.get(frozenset(stops), left), left)
        price = max(int(prices.shift[shift]), 0)
        expected = [left for left in sorted(best.values(), reverse=True) if left > price][:3]
        assert [one for one in value[shift].tolist() if one > NOTHING] == expected
        assert most[shift] == max([price, *expected])
        for left, stops in zip(value[shift].tolist(), route[shift].tolist(), strict=True):
            if left > NOTHING:
                assert best[frozenset(k for k in stops if k >= 0)] == left


@settings(max_examples=60, deadline=None)
@given(priced())
def test_a_search_cut_short_still_says_what_it_may_have_missed(given_: tuple[Shifts, Prices]) -> None:
    day, prices = given_
    banned = np.zeros(len(day.task_order), dtype=np.bool_)
    asked = np.arange(len(day.begin), dtype=np.int64)
    table = legs(day)
    exact = best_routes(day, table, prices, banned, asked, 1, UNLIMITED)[2]
    assert (best_routes(day, table, prices, banned, asked, 1, 0)[2] >= exact).all()


@settings(max_examples=40, deadline=None)
@given(days(most_orders=4, most_volunteers=3).map(coarse))
def test_compiled_and_plain_code_time_a_route_alike(city: Problem) -> None:
    day = Shifts.of(city, Weights())
    plain = getattr(schedule, "py_func", schedule)
    for shift in range(len(day.begin)):
        for route, _ in feasible_routes(day, shift):
            one, other = np.zeros(8, dtype=np.int64), np.zeros(8, dtype=np.int64)
            stops = np.array(route, dtype=np.int64)
            assert schedule(day, shift, stops, one) == plain(day, shift, stops, other)
            assert (one == other).all()


def test_settled_prices_are_those_of_the_linear_program() -> None:
    day = Shifts.of(generate.day(120, 60, 2), Weights())
    columns = Columns.of(day, pools.empty(day))
    generate_columns(columns, 30, lambda: False)
    columns.settle(400)
    pool, shares = columns.pool, pools.uses(day, columns.pool.shift, columns.pool.route)
    rows = np.repeat(np.arange(len(shares.ptr) - 1), np.diff(shares.ptr))
    use = np.zeros((len(columns.supply) + len(day.begin), len(pool.shift)))
    use[rows, shares.route] = shares.amount
    use[len(columns.supply) + pool.shift, np.arange(len(pool.shift))] = 1.0
    supply = np.concatenate([columns.supply, np.ones(len(day.begin))])
    best = -linprog(-pool.worth.astype(float), A_ub=use, b_ub=supply).fun
    prices = whole(day, columns.price, pool)
    fetched = sold(day, prices) + int(prices.shift.sum())
    assert best - 1 <= fetched <= best * 1.001
    assert columns.most >= best - 1
