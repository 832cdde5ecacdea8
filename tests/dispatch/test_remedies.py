"""Remedies: each is proven, each does what it says when applied, and the least change comes first."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import (
    Confirmer,
    Plan,
    Problem,
    Remedy,
    Unplaced,
    Weights,
    apply_remedy,
    confirm_remedy,
    remedies_for,
    solve,
)
from tests.dispatch.makers import HOUR, LAT, at, cities, order, problem, volunteer, work

KM = 1000 / 111_195.1  # degrees of latitude
some = settings(max_examples=40, deadline=None)


def kinds(found: tuple[Remedy, ...]) -> list[str]:
    return [one.kind for one in found]


def of_kind(city: Problem, kind: str, order_id: str = "o1") -> Remedy:
    """The first remedy of a kind, which the checker has nothing against."""
    plan = solve(city)
    found = remedies_for(city, plan, order_id)
    chosen = next((one for one in found if one.kind == kind), None)
    assert chosen is not None, kinds(found)
    assert confirm_remedy(city, plan, chosen) == []
    assert_fills(city, plan, chosen)
    return chosen


def assert_fills(city: Problem, plan: Plan, remedy: Remedy) -> None:
    """Solved again with the change made, the order is filled at the cost told and no more is open elsewhere."""
    after = apply_remedy(remedy, city)
    best = solve(after, Weights.from_dict(plan.weights), seed=plan.seed)
    own = {remedy.order, f"{remedy.order}/1", f"{remedy.order}/2"}
    priority = {one.id: one.priority for one in city.orders}

    def elsewhere(unplaced: tuple[Unplaced, ...]) -> int:
        return sum(priority[one.order] * one.open_positions for one in unplaced if one.order not in own)

    assert not any(one.order in own for one in best.unplaced), remedy
    assert elsewhere(best.unplaced) <= elsewhere(plan.unplaced), remedy
    assert sum(one.cost for one in best.proposals) - sum(one.cost for one in plan.proposals) == remedy.cost, remedy


@some
@given(
    cities(most_orders=5, most_volunteers=7), st.sampled_from((Weights(), Weights(unfilled=0, travel_per_minute=50)))
)
def test_every_remedy_fills_the_order_and_the_checker_agrees(city: Problem, weights: Weights) -> None:
    plan = solve(city, weights)
    confirmer = Confirmer(city, plan)
    for one in plan.unplaced:
        for remedy in remedies_for(city, plan, one.order):
            assert_fills(city, plan, remedy)
            assert confirmer.remedy(remedy) == []


@some
@given(cities(most_orders=4, most_volunteers=7), st.data())
def test_the_same_among_orders_that_want_all_their_people_or_none(city: Problem, data: Any) -> None:
    chosen = data.draw(st.sets(st.sampled_from([one.id for one in city.orders]))) if city.orders else set()
    city = replace(city, orders=tuple(replace(one, together=one.id in chosen) for one in city.orders))
    plan = solve(city)
    for one in plan.unplaced:
        for remedy in remedies_for(city, plan, one.order):
            assert_fills(city, plan, remedy)


@some
@given(cities(most_orders=4, most_volunteers=6))
def test_remedies_of_a_greedy_plan_are_proven_against_the_best_plan(city: Problem) -> None:
    best = solve(city)
    for one in best.unplaced:
        assert remedies_for(city, solve(city, method="greedy"), one.order) == remedies_for(city, best, one.order)


def test_a_requirement_is_dropped_only_where_it_is_the_coordinators_to_drop() -> None:
    needs = [order("sex", sex="female"), order("age", minimum_age=40), order("card", credentials={"nurse"})]
    people = [volunteer(f"v{k}", age=30, sex="male") for k in range(3)]
    city = problem(needs, people)
    assert of_kind(city, "drop", "sex").what == ("sex",)
    assert of_kind(city, "drop", "age").what == ("minimum_age",)
    assert kinds(remedies_for(city, solve(city), "card")) == ["newcomer"]
    assert of_kind(city, "newcomer", "card").what == ("nurse",)


def test_what_is_needed_at_once_may_be_left_to_people_off_duty() -> None:
    assert of_kind(problem([order(now=True)]), "drop").what == ("now",)


def test_a_volunteer_a_little_too_far_away_could_choose_a_wider_radius() -> None:
    people = [volunteer("near", lat=LAT + 4.5 * KM), volunteer("far", lat=LAT + 5.5 * KM)]
    city = problem([order(window_end=at(13))], people)
    found = [one for one in remedies_for(city, solve(city), "o1") if one.kind == "radius"]
    assert [(one.who, one.amount) for one in found] == [(("near",), 2000), (("far",), 3000)]
    assert of_kind(city, "radius").helpers == ("near",)


def test_two_people_who_are_missing_could_both_choose_a_wider_radius() -> None:
    people = [volunteer(f"v{k}", lat=LAT + 3.5 * KM) for k in range(2)]
    assert of_kind(problem([order(positions=2, window_end=at(13))], people), "radius").who == ("v0", "v1")


def test_a_later_end_lets_somebody_come_who_is_busy_before() -> None:
    city = problem([order()], [volunteer(commitments=[work(8, 11.75)])])
    assert of_kind(city, "later").amount == 1 * HOUR
    assert apply_remedy(of_kind(city, "later"), city).orders[0].window_end == at(13)


def test_half_the_time_twice_suits_people_with_little_time() -> None:
    free = ((at(10), at(10.5)),)
    city = problem([order()], [volunteer("v1", availability=free), volunteer("v2", availability=free)])
    split = of_kind(city, "split")
    assert set(split.helpers) == {"v1", "v2"}
    assert [(one.id, one.duration) for one in apply_remedy(split, city).orders] == [("o1/1", 1800), ("o1/2", 1800)]


def test_fewer_people_could_begin_and_more_could_be_quicker() -> None:
    free = ((at(10), at(10.7)),)
    people = [volunteer(f"v{k}", availability=free) for k in range(3)]
    city = problem([order(positions=2, together=True)], people)
    more = of_kind(city, "more")
    assert more.amount == 1 and apply_remedy(more, city).orders[0].duration == 40 * 60
    crowd = problem([order(positions=3, together=True)], [volunteer("v1"), volunteer("v2")])
    assert of_kind(crowd, "fewer").amount == 2


def test_another_order_could_make_room_by_being_later() -> None:
    needs = [order("o1", skills={"law"}, window_end=at(11)), order("o2", window_end=at(11))]
    people = [volunteer("lawyer", skills={"law"}), volunteer("other", availability=((at(11), at(15)),))]
    city = problem([replace(needs[0], priority=1), replace(needs[1], priority=2)], people)
    assert solve(city).unplaced[0].order == "o1"
    move = of_kind(city, "move")
    assert (move.who, move.amount, move.helpers) == (("o2",), HOUR, ("lawyer",))


def test_as_many_newcomers_as_are_missing_are_asked_for() -> None:
    city = problem([order(positions=3, skills={"law"})], [volunteer(skills={"law"})])
    newcomer = of_kind(city, "newcomer")
    assert (newcomer.amount, newcomer.what) == (2, ("law",))
    assert newcomer.helpers == ("v1", "new-1", "new-2")


def test_the_least_change_for_the_resident_comes_first() -> None:
    people = [
        volunteer("late", availability=((at(11.5), at(15)),), sex="female"),
        volunteer("far", lat=LAT + 3.5 * KM, sex="female"),
        volunteer("man", sex="male"),
    ]
    city = problem([order(sex="female", window_start=at(10.5), window_end=at(11.9))], people)
    assert kinds(remedies_for(city, solve(city), "o1")) == ["radius", "drop", "later", "newcomer"]


def test_no_remedy_makes_a_problem_that_would_be_refused() -> None:
    free = ((at(10), at(10.5)),)
    people = [volunteer("v1", availability=free), volunteer("v2", availability=free)]
    city = problem([order("o1"), order("o1/1", skills={"law"})], people)
    assert kinds(remedies_for(city, solve(city), "o1")) == ["newcomer"]
    late = volunteer(availability=((at(12.5, 92), at(14, 92)),))
    for start, helped in ((at(13), False), (at(13, 1), True)):
        city = problem([order(window_start=start, window_end=at(13, 92))], [late])
        assert ("later" in kinds(remedies_for(city, solve(city), "o1"))) == helped


def test_nothing_is_shown_for_an_order_that_is_filled() -> None:
    assert remedies_for(problem(), solve(problem()), "o1") == ()


def test_unknown_orders_and_volunteers_are_refused() -> None:
    city = problem([order(skills={"law"})])
    with pytest.raises(KeyError):
        remedies_for(city, solve(city), "nothing")
    with pytest.raises(KeyError):
        apply_remedy(Remedy("o1", "radius", 1000, ("nobody",)), city)
    with pytest.raises(KeyError):
        apply_remedy(Remedy("nothing", "later", 1800), city)


def test_a_remedy_survives_json() -> None:
    remedy = of_kind(problem([order(skills={"law"})]), "newcomer")
    assert Remedy.from_dict(remedy.to_dict()) == remedy


def test_the_checker_finds_remedies_that_do_not_help() -> None:
    city = problem([order("a", skills={"law"}, priority=2), order("b", priority=3)], [volunteer()])
    plan = solve(city)
    assert confirm_remedy(city, plan, Remedy("a", "later", 1800)) == ["a cannot be filled"]
    assert confirm_remedy(city, plan, Remedy("b", "later", 1800)) == ["b is not open"]


def test_the_checker_finds_remedies_at_the_cost_of_others() -> None:
    city = problem([order("a", sex="male"), order("b")], [volunteer(sex="female")])
    found = confirm_remedy(city, solve(city), Remedy("a", "drop", 0, what=("sex",)))
    assert found == ["priority 1 stays open elsewhere, before it was 0", "as much priority is served without a"]
