"""Every exact matching comes with prices that prove it, over all pairs that may serve, whichever solver found it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import Problem
from dispatch.checking.rules import first_broken
from dispatch.engine import Matching, match
from dispatch.instant import network as instant
from dispatch.instant.network import FlowFailed, Network, PlainLoops
from dispatch.instant.paths import Arcs
from tests.dispatch.makers import cities, order, problem, volunteer

quick = settings(max_examples=60, deadline=None)
many = settings(max_examples=300, deadline=None)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Few people, many wishes, and costs that are often equal."""
    orders, people = draw(st.integers(1, 6)), draw(st.integers(1, 7))
    arcs: list[list[tuple[int, int]]] = []
    for _ in range(orders):
        fits = draw(st.sets(st.integers(0, people - 1)))
        arcs.append(sorted((draw(st.integers(0, 9)), person) for person in fits))
    counts = np.array([draw(st.integers(1, 3)) for _ in range(orders)], dtype=np.int64)
    prices = np.array([draw(st.sampled_from((0, 4, 12, 100, 300))) for _ in range(orders)], dtype=np.int64)
    flat = np.array([pair for row in arcs for pair in row], dtype=np.int64).reshape(-1, 2)
    ptr = np.cumsum([0] + [len(row) for row in arcs], dtype=np.int64)
    turn = np.array(draw(st.permutations(range(orders))), dtype=np.int64)
    return Network(Arcs(ptr, flat[:, 1].copy(), flat[:, 0].copy()), counts, prices, people, turn)


def objective(net: Network, answer: instant.Answer) -> int:
    order = np.repeat(np.arange(len(net.positions)), np.diff(net.arcs.ptr))[answer.used]
    left = net.positions - np.bincount(order, minlength=len(net.positions))
    assert (left >= 0).all()
    assert len(set(net.arcs.volunteer[answer.used])) == len(answer.used)
    return int(net.arcs.cost[answer.used].sum() + (left * net.open_price).sum())


def value_of(net: Network, answer: instant.Answer) -> int:
    """What the prices say that the plan must cost at least: the dual objective."""
    return int((net.positions * answer.order_price).sum() - answer.volunteer_price.sum())


def assert_sound(net: Network, answer: instant.Answer) -> None:
    order = np.repeat(np.arange(len(net.positions)), np.diff(net.arcs.ptr))
    slack = net.arcs.cost + answer.volunteer_price[net.arcs.volunteer] - answer.order_price[order]
    assert (slack >= 0).all() and not slack[answer.used].any()
    assert (answer.volunteer_price >= 0).all() and (answer.order_price <= net.open_price).all()
    assert objective(net, answer) == value_of(net, answer)


@many
@given(networks())
def test_augmenting_paths_and_the_flow_agree_on_the_objective_and_on_every_price(net: Network) -> None:
    paths, flow = instant.solve(net), instant.by_flow(net, PlainLoops())
    assert_sound(net, paths)
    assert_sound(net, flow)
    assert (paths.solver, flow.solver) == ("augmenting_paths", "min_cost_flow")
    assert objective(net, paths) == objective(net, flow)
    assert paths.order_price.tolist() == flow.order_price.tolist()
    assert paths.volunteer_price.tolist() == flow.volunteer_price.tolist()


@many
@given(networks(), st.integers(0, 30))
def test_a_plan_that_can_be_improved_has_no_prices(net: Network, at: int) -> None:
    best = instant.solve(net)
    worse = best.used[np.arange(len(best.used)) != at % max(len(best.used), 1)]
    dearer = objective(net, best) < objective(net, instant.Answer(worse, *([np.zeros(0, np.int64)] * 2), "", 0))
    if dearer:
        with pytest.raises(FlowFailed, match="could be improved"):
            instant.prices(net, worse, PlainLoops())


@quick
@given(cities())
def test_the_prices_of_a_matching_hold_for_every_pair_that_may_serve(city: Problem) -> None:
    found: Matching = match(city)
    place = {option.order.id: k for k, option in enumerate(found.options)}
    asked = {
        (found.options[k].order.id, int(v)) for k, picks in enumerate(found.chosen) for v in found.options[k].who[picks]
    }
    for need in city.orders:
        option = found.options[place[need.id]]
        cost = dict(zip(option.who.tolist(), option.cost.tolist(), strict=True))
        for v, person in enumerate(city.volunteers):
            if first_broken(city, need, person)[0] is None:
                slack = cost[v] + found.volunteer_price[v] - found.order_price[place[need.id]]
                assert slack >= 0
                assert slack == 0 or (need.id, v) not in asked
    for k, option in enumerate(found.options):
        assert found.order_price[k] <= found.open_price[k]
        assert len(found.chosen[k]) == option.order.positions or found.order_price[k] == found.open_price[k]
    busy = {v for _, v in asked}
    assert all(found.volunteer_price[v] == 0 for v in range(found.crowd.size) if v not in busy)
    assert found.bound == found.objective


def test_the_price_of_a_volunteer_two_orders_want_is_what_the_loser_would_gain() -> None:
    found = match(problem([order("low"), order("high", priority=2)], [volunteer()]))
    assert found.volunteer_price.tolist() == [found.unfilled - found.options[0].cost[0]]


def test_a_budget_ends_searches_that_grow_long_and_the_flow_takes_over() -> None:
    one = np.ones(3, dtype=np.int64)
    net = Network(Arcs(np.arange(4), np.zeros(3, np.int64), one), one, one * 50, 1, np.arange(3))
    assert instant.solve(net).solver == "augmenting_paths"
    assert instant.solve(net, patience=0).solver == "min_cost_flow"


@quick
@given(cities(), st.integers(0, 5), st.integers(0, 5))
def test_a_refusal_never_makes_anybody_else_dearer_nor_the_plan_cheaper(city: Problem, need: int, who: int) -> None:
    if not (city.orders and city.volunteers):
        return
    place, person = need % len(city.orders), city.volunteers[who % len(city.volunteers)]
    refused = replace(city.orders[place], excluded={person.id: "declined"})
    others = tuple(one for one in city.orders if one.id != refused.id)
    before, after = match(city), match(replace(city, orders=(*others, refused)))

    def costs(found: Matching) -> dict[tuple[str, int], int]:
        rows = ((option.order.id, option.who.tolist(), option.cost.tolist()) for option in found.options)
        return {(order, v): cost for order, people, cost in rows for v, cost in zip(people, cost, strict=True)}

    pair = (refused.id, before.crowd.index[person.id])
    gone = set(costs(before)) - set(costs(after)) - {(refused.id, before.crowd.index[who]) for who, _ in refused.bans}
    assert not gone
    assert all(costs(before)[one] == cost for one, cost in costs(after).items() if one in costs(before))
    if not city.orders[place].bans:
        assert after.objective >= before.objective
        assert pair not in costs(after)
