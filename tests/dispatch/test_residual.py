"""One change of an optimal plan, worked out by shortest paths: always what a full solve finds."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import Market, OrderSpec, Plan, Problem, solve
from dispatch.crowd import Crowd
from dispatch.reasons.market import Prices, Row, pair_cost, row_of
from dispatch.reasons.residual import Residual
from tests.dispatch.makers import cities, orders, volunteers

many = settings(max_examples=50, deadline=None)
sides = st.sampled_from(("greatest", "least"))


def residual(city: Problem, side: str) -> Residual:
    market = Market.of(city, solve(city))
    prices = getattr(market, side)
    assert isinstance(prices, Prices)
    return Residual(market, prices)


def found(changed: Residual, needs: tuple[OrderSpec, ...]) -> tuple[int, int]:
    """(open priority, cost)."""
    return sum(need.priority * left for need, left in zip(needs, changed.vacant.tolist(), strict=True)), changed.cost()


def solved(plan: Plan) -> tuple[int, int]:
    return plan.stats["unfilled_priority"], sum(one.cost for one in plan.proposals)


def column_of(city: Problem, volunteer_id: str, market: Market) -> Row:
    crowd = Crowd(city)
    at = crowd.index[volunteer_id]
    costs = [pair_cost(crowd, need, at, market.weights) for need in city.orders]
    pairs = [(order, cost) for order, cost in enumerate(costs) if cost is not None]
    return Row(*(np.array([pair[k] for pair in pairs], dtype=np.int64) for k in (0, 1)))


@many
@given(cities(most_orders=6, most_volunteers=8), sides, st.data())
def test_a_changed_order_gives_the_plan_of_a_full_solve(city: Problem, side: str, data: Any) -> None:
    if not city.orders:
        return
    changed = residual(city, side)
    at = data.draw(st.integers(0, len(city.orders) - 1))
    need = data.draw(orders(city.orders[at].id))
    changed.put_order(
        at,
        row_of(changed.market.crowd, need, changed.market.weights),
        need.positions,
        need.priority * changed.market.point,
    )
    after = replace(city, orders=tuple(need if one.id == need.id else one for one in city.orders))
    assert found(changed, after.orders) == solved(solve(after))


@many
@given(cities(most_orders=6, most_volunteers=8), sides, st.data())
def test_a_changed_volunteer_gives_the_plan_of_a_full_solve(city: Problem, side: str, data: Any) -> None:
    if not city.volunteers:
        return
    changed = residual(city, side)
    at = data.draw(st.integers(0, len(city.volunteers) - 1))
    person = data.draw(volunteers(city.volunteers[at].id))
    after = replace(city, volunteers=tuple(person if one.id == person.id else one for one in city.volunteers))
    changed.put_volunteer(at, column_of(after, person.id, changed.market))
    assert found(changed, after.orders) == solved(solve(after))


@many
@given(cities(most_orders=6, most_volunteers=6), sides, st.data())
def test_newcomers_one_after_another_give_the_plan_of_a_full_solve(city: Problem, side: str, data: Any) -> None:
    changed = residual(city, side)
    people = city.volunteers
    for k in range(2):
        people = (*people, data.draw(volunteers(f"z{k}")))
        after = replace(city, volunteers=people)
        changed.put_volunteer(len(people) - 1, column_of(after, f"z{k}", changed.market))
        assert found(changed, after.orders) == solved(solve(after))


@many
@given(cities(most_orders=5, most_volunteers=7), st.data())
def test_one_change_after_another_keeps_prices_that_prove_the_plan(city: Problem, data: Any) -> None:
    if not city.orders:
        return
    changed = residual(city, "least")
    for _ in range(3):
        at = data.draw(st.integers(0, len(city.orders) - 1))
        need = data.draw(orders(city.orders[at].id))
        row = row_of(changed.market.crowd, need, changed.market.weights)
        changed.put_order(at, row, need.positions, need.priority * changed.market.point)
        assert faults(changed) == []


def test_a_copy_leaves_the_first_as_it_was() -> None:
    city = Problem(0, (), ())
    first = residual(city, "least")
    first.copy().put_volunteer(0, Row(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)))
    assert len(first.serves) == 0


def faults(state: Residual) -> list[str]:
    """Where the conditions of optimality are broken."""
    told: list[str] = []
    for order in range(len(state.order_price)):
        row = state.row(order)
        reduced = row.cost + state.volunteer_price[row.who] - state.order_price[order]
        used = state.serves[row.who] == order
        if (reduced < 0).any() or reduced[used].any():
            told.append(f"pairs of order {order}")
        if state.order_price[order] > state.open_price[order]:
            told.append(f"price of order {order}")
        if state.vacant[order] and state.order_price[order] < state.open_price[order]:
            told.append(f"open order {order}")
    idle = state.serves < 0
    if (state.volunteer_price < 0).any() or state.volunteer_price[idle].any():
        told.append("prices of volunteers")
    return told
