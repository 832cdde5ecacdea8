"""Prices prove plans, and what is read off them is never false: found by making pairs dearer and cheaper."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import (
    Market,
    Plan,
    PriceList,
    Problem,
    Weights,
    confirm_prices,
    generate,
    price_list,
    slacks,
    solve,
    takers,
    why,
    why_not,
    why_not_pair,
)
from dispatch.check import Checker
from dispatch.checking.rules import first_broken
from dispatch.engine import match
from dispatch.instant.matching import LARGE
from dispatch.reasons.market import row_of
from tests.dispatch.makers import LAT, at, cities, order, problem, volunteer

some = settings(max_examples=50, deadline=None)
Pairs = dict[tuple[str, str], int]


def pairs_of(city: Problem, plan: Plan) -> Pairs:
    """(order, volunteer) → cost of every feasible pair, by the checker's own arithmetic."""
    look = Checker(city, plan)
    return {
        (need.id, person.id): sum(look.terms(need, person).values())
        for need in city.orders
        for person in city.volunteers
        if first_broken(city, need, person)[0] is None
    }


def best(city: Problem, pairs: Pairs) -> tuple[int, int]:
    """(open priority, cost) of the best plan, over every way to give places to volunteers."""
    places = [need for need in city.orders for _ in range(need.positions)]
    people = [person.id for person in city.volunteers]

    @cache
    def rest(at: int, busy: frozenset[str]) -> tuple[int, int]:
        if at == len(places):
            return 0, 0
        left, cost = rest(at + 1, busy)
        found = [(left + places[at].priority, cost)]
        for one in people:
            if one not in busy and (places[at].id, one) in pairs:
                left, cost = rest(at + 1, busy | {one})
                found.append((left, cost + pairs[places[at].id, one]))
        return min(found)

    return rest(0, frozenset())


def value(plan: Plan) -> tuple[int, int]:
    return plan.stats["unfilled_priority"], sum(one.cost for one in plan.proposals)


def shifted(found: tuple[int, int], points: int) -> tuple[int, int]:
    return found[0], found[1] + points


@some
@given(cities(most_orders=4, most_volunteers=6))
def test_a_pair_may_become_dearer_by_its_slack_and_no_further(city: Problem) -> None:
    plan = solve(city)
    market, pairs = Market.of(city, plan), pairs_of(city, plan)
    bounds = slacks(market)
    for one in plan.proposals:
        told, key = why(city, plan, one, market=market), (one.order, one.volunteer)
        slack = 100_000 if told.slack is None else told.slack
        assert told.lasting == (told.slack is None)
        assert bounds[key] >= 0 and (told.lasting or bounds[key] <= slack)
        assert best(city, pairs | {key: pairs[key] + slack}) == shifted(value(plan), slack)
        if not told.lasting:
            assert best(city, pairs | {key: pairs[key] + slack + 1}) == shifted(value(plan), slack)
            assert told.minutes is not None
            assert told.minutes * 6 < slack or told.minutes == slack == 0


@some
@given(cities(most_orders=4, most_volunteers=6))
def test_a_pair_left_out_must_become_cheaper_by_what_is_told(city: Problem) -> None:
    plan = solve(city)
    market, pairs = Market.of(city, plan), pairs_of(city, plan)
    for person in city.volunteers:
        for told in why_not(city, plan, person.id, market=market):
            key = told.order, person.id
            assert (told.verdict == "refused") == (key not in pairs)
            if told.points is not None:
                changed = {key: pairs[key] - told.points}
                assert best(city, pairs | changed) >= value(plan)
            if told.lasting:
                assert best(city, pairs | {key: pairs[key] - 100_000}) >= value(plan)


@some
@given(
    cities(most_orders=5, most_volunteers=7), st.sampled_from((Weights(), Weights(fairness=0, travel_per_minute=50)))
)
def test_greatest_and_least_prices_are_proofs_the_checker_accepts(city: Problem, weights: Weights) -> None:
    plan = solve(city, weights)
    found = price_list(Market.of(city, plan))
    assert found is not None
    assert confirm_prices(city, plan, found.open, found.orders, found.volunteers) == []
    market = Market.of(city, plan)
    assert market.least is not None and market.greatest is not None
    assert (market.least.order <= market.greatest.order).all()
    least = dict(zip((one.id for one in city.orders), market.least.order.tolist(), strict=True))
    people = dict(zip((one.id for one in city.volunteers), market.least.volunteer.tolist(), strict=True))
    assert confirm_prices(city, plan, found.open, least, people) == []


@some
@given(cities(most_orders=5, most_volunteers=7))
def test_there_are_prices_exactly_where_no_plan_is_better(city: Problem) -> None:
    greedy = solve(city, method="greedy")
    proven = Market.of(city, greedy)
    best_found = value(greedy) == value(solve(city))
    assert (proven.greatest is not None) == best_found
    assert (proven.least is not None) == best_found


@some
@given(cities(most_orders=5, most_volunteers=7))
def test_the_solvers_own_lists_give_the_same_slacks(city: Problem) -> None:
    assert capped(slacks(listed(city))) == capped(slacks(Market.of(city, solve(city))))


def test_the_compiled_search_finds_the_same_pairs_and_slacks_in_a_large_city() -> None:
    city = generate.problem(500, 4000, 1, days=3, work=0.2, bans=0.5)
    assert len(city.orders) * len(city.volunteers) >= LARGE
    market = Market.of(city, solve(city))
    for k in range(0, 500, 50):
        plain, found = row_of(market.crowd, city.orders[k], market.weights), market.row(k)
        assert dict(zip(found.who, found.cost, strict=True)) == dict(zip(plain.who, plain.cost, strict=True))
    assert capped(slacks(listed(city))) == capped(slacks(market))


def listed(city: Problem) -> Market:
    market = Market.of_matching(match(city))
    assert market is not None
    return market


def capped(found: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Beyond any cost the price of an open position counts, which is whatever outweighs the costs that were seen."""
    return {pair: min(slack, 100_000) for pair, slack in found.items()}


def prices_of(city: Problem, plan: Plan) -> PriceList:
    found = price_list(Market.of(city, plan))
    assert found is not None
    return found


def test_the_checker_finds_wrong_prices() -> None:
    city = problem([order("a"), order("b", skills={"law"})], [volunteer("v1"), volunteer("v2", lat=LAT + 0.005)])
    plan = solve(city)
    sound = prices_of(city, plan)

    def faults(orders: dict[str, int], people: dict[str, int]) -> list[str]:
        return confirm_prices(city, plan, sound.open, sound.orders | orders, sound.volunteers | people)

    assert faults({}, {}) == []
    assert faults({"a": sound.orders["a"] + 1}, {}) == [
        "pair a/v1: -1 points after prices", "pair a/v2: -1 points after prices",
    ]  # fmt: skip
    assert faults({"b": 1}, {}) == [f"order b: price 1 against {sound.open['b']} for leaving it open"]
    assert faults({}, {"v2": 5}) == ["volunteer v2: price 5"]


def test_who_serves_it_who_serves_another_and_who_is_refused_are_told_apart() -> None:
    needs = [order("near"), order("far", lat=LAT + 0.002, priority=5), order("law", skills={"law"})]
    people = [volunteer("v1"), volunteer("v2", lat=LAT + 0.002)]
    city = problem(needs, people)
    plan = solve(city)
    mine = {one.order: one for one in why_not(city, plan, "v1")}
    assert mine["near"].verdict == "serves"
    assert (mine["far"].verdict, mine["far"].serves) == ("elsewhere", "near")
    assert (mine["law"].verdict, mine["law"].rules) == ("refused", ("skills",))
    assert list(mine) == ["near", "law", "far"]


def test_somebody_idle_reads_in_what_the_others_are_the_better_choice() -> None:
    people = [volunteer("near"), volunteer("far", lat=LAT + 0.005), volunteer("busy", load=600)]
    city = problem([order()], people)
    plan = solve(city)
    far = why_not_pair(city, plan, "o1", "far")
    assert (far.verdict, far.because, far.points) == ("dearer", ("travel",), 46)
    assert far.minutes == 7
    assert why_not_pair(city, plan, "o1", "busy").because == ("fairness",)


def test_equals_are_drawn_by_lot_and_told_so() -> None:
    city = problem([order()], [volunteer("v1"), volunteer("v2")])
    plan = solve(city)
    other = "v2" if plan.proposals[0].volunteer == "v1" else "v1"
    told = why_not_pair(city, plan, "o1", other)
    assert (told.verdict, told.because, told.points) == ("dearer", (), 0)
    assert why(city, plan, plan.proposals[0]).slack == 0


def test_bans_are_told_with_their_own_word() -> None:
    city = problem([order(excluded={"v1": "declined"})])
    assert why_not_pair(city, solve(city), "o1", "v1").rules == ("banned:declined",)


def test_all_or_nothing_orders_are_told_without_prices() -> None:
    city = problem([order(positions=2, together=True)], [volunteer()])
    plan = solve(city)
    assert why_not_pair(city, plan, "o1", "v1").verdict == "open"
    assert price_list(Market.of(city, plan)) is None


def test_the_only_one_for_an_order_lasts_whatever_the_way() -> None:
    plan = solve(problem())
    told = why(problem(), plan, plan.proposals[0])
    assert told.lasting and told.slack is None and told.minutes is None


def test_takers_are_told_with_their_priority_and_with_what_taking_one_away_would_lose() -> None:
    needs = [order("a", priority=2), order("b", priority=3), order("c", priority=5)]
    city = problem(needs, [volunteer("v1"), volunteer("v2")])
    found = takers(city, solve(city), "a")
    assert [(one.order, one.people, one.priority, one.loses) for one in found] == [("c", 1, 5, 3), ("b", 1, 3, 3)]


def test_no_more_orders_are_told_about_than_asked_for() -> None:
    city = problem([order(f"o{k}") for k in range(5)])
    assert len(why_not(city, solve(city), "v1", most=2)) == 2


def test_prices_of_day_plans_and_strangers_are_refused() -> None:
    city = problem()
    plan = solve(city)
    with pytest.raises(ValueError, match="instant"):
        why(city, replace(plan, mode="day"), plan.proposals[0])
    with pytest.raises(KeyError):
        why_not(city, solve(city), "nobody")


def test_free_hours_are_told_as_the_rule_that_refuses() -> None:
    city = problem([order()], [volunteer(availability=((at(15), at(16)),))])
    assert why_not_pair(city, solve(city), "o1", "v1").rules == ("availability",)
