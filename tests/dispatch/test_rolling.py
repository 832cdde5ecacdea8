"""Re-planning: as good as a full solve, moves only what must move, and says what moved and why."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dispatch import Plan, Problem, Weights, generate, solve, violations
from dispatch.rolling.changes import Move, causes, difference
from dispatch.rolling.replan import Replan, Standing, begin, replan
from tests.dispatch.makers import LAT, LON, NOW, STEP, at, cities, order, orders, problem, volunteer, volunteers, work


def value(plan: Plan) -> tuple[int, int]:
    return plan.stats["unfilled_priority"], sum(one.cost for one in plan.proposals)


def pairs(plan: Plan) -> set[tuple[str, str]]:
    return {(one.order, one.volunteer) for one in plan.proposals}


def holding(city: Problem, plan: Plan) -> Problem:
    """The problem with everybody in the plan already asked."""
    asked: dict[str, set[str]] = {one.id: set() for one in city.orders}
    for one in plan.proposals:
        if one.order in asked:
            asked[one.order].add(one.volunteer)
    return replace(city, orders=tuple(replace(one, offered=frozenset(asked[one.id])) for one in city.orders))


@st.composite
def changed(draw: Any, city: Problem) -> Problem:
    """One thing happens."""
    kinds = ["order", "volunteer", "clock"]
    kinds += ["order gone", "refusal", "priority"] if city.orders else []
    kinds += ["volunteer gone", "accepted", "volunteer other"] if city.volunteers else []
    kind = draw(st.sampled_from(kinds))
    needs, people = {one.id: one for one in city.orders}, {one.id: one for one in city.volunteers}
    need = draw(st.sampled_from(city.orders)) if city.orders else None
    person = draw(st.sampled_from(city.volunteers)) if city.volunteers else None
    if kind == "order":
        needs["o9"] = draw(orders("o9"))
    elif kind == "volunteer":
        people["v9"] = draw(volunteers("v9"))
    elif kind == "clock":
        return replace(city, now=city.now + draw(st.sampled_from((60, 3600, 14400))))
    elif kind == "order gone" and need:
        del needs[need.id]
    elif kind == "refusal" and need:
        needs[need.id] = replace(need, excluded=(*need.bans, (f"v{draw(st.integers(0, 8))}", "declined")))
    elif kind == "priority" and need:
        needs[need.id] = replace(need, priority=draw(st.integers(1, 4)), positions=draw(st.integers(1, 3)))
    elif kind == "volunteer gone" and person:
        del people[person.id]
    elif kind == "accepted" and person:
        people[person.id] = replace(person, commitments=(*person.commitments, work(10, 11)), load=person.load + 60)
    elif person:
        people[person.id] = draw(volunteers(person.id))
    return replace(city, orders=tuple(needs.values()), volunteers=tuple(people.values()))


def check_against_full(again: Replan, city: Problem, weights: Weights, seed: int) -> None:
    full = solve(city, weights, seed=seed)
    assert violations(city, again.plan) == []
    assert value(again.plan) == value(full)
    assert again.plan.certificate == "optimal"
    if pairs(again.plan) == pairs(full):
        assert again.plan.proposals == full.proposals
        assert again.plan.unplaced == full.unplaced


@settings(max_examples=60, deadline=None)
@given(cities(8, 12), st.data(), st.integers(0, 3))
def test_after_every_change_the_plan_is_as_good_as_a_full_solve(city: Problem, data: st.DataObject, seed: int) -> None:
    """A chain of changes, each from where the last one ended, so that kept prices are put to the test."""
    weights = Weights(fairness=data.draw(st.sampled_from((0, 2))))
    standing = begin(city, weights, seed=seed)
    for _ in range(data.draw(st.integers(1, 4))):
        city = data.draw(changed(city))
        again = replan(city, standing)
        check_against_full(again, city, weights, seed)
        standing = again.standing


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 1000), st.data())
def test_in_a_larger_city_most_orders_are_taken_over(seed: int, data: st.DataObject) -> None:
    scarce = data.draw(st.booleans())
    city = generate.problem(60, 60 if scarce else 300, seed, 2)
    standing = begin(city)
    for _ in range(3):
        city = data.draw(changed(city))
        again = replan(city, standing)
        check_against_full(again, city, Weights(), 0)
        standing = again.standing


def test_a_change_far_away_leaves_an_order_unlooked_at() -> None:
    city = generate.problem(80, 400, 1)
    standing = begin(city)
    away = replace(city, orders=(*city.orders, order("zz", lat=LAT, lon=LON, window_start=at(60), window_end=at(70))))
    again = replan(away, standing)
    assert again.plan.solver == "region"
    assert again.reused > 60
    check_against_full(again, away, Weights(), 0)


@settings(max_examples=30, deadline=None)
@given(cities(6, 10), st.data())
def test_with_stability_high_nothing_moves_that_need_not(city: Problem, data: st.DataObject) -> None:
    """No plan that fills as much priority keeps more of the offers."""
    weights = Weights(stability=1_000_000, fairness=0, travel_per_minute=0, language=0, continuity=0, answer=0)
    first = begin(city, weights)
    held = replan(holding(city, first.plan), first)
    later = data.draw(changed(held.standing.problem))
    again = replan(later, held.standing)
    lost = sum(one.terms["stability"] > 0 for one in again.plan.proposals)
    free = solve(later, Weights(stability=0, fairness=0, travel_per_minute=0, language=0, continuity=0, answer=0))
    assert value(again.plan)[0] == value(free)[0]
    assert lost <= sum(_moved(later, one.order, one.volunteer) for one in free.proposals)


def _moved(city: Problem, order_id: str, volunteer_id: str) -> bool:
    need = next(one for one in city.orders if one.id == order_id)
    return bool(need.offered & {one.id for one in city.volunteers}) and volunteer_id not in need.offered


def near(k: int, **changes: Any) -> Any:
    return volunteer(f"v{k}", lat=LAT + k * STEP, radius_m=90_000, mode="car", **changes)


def test_a_new_order_moves_nobody_who_was_asked_while_stability_is_dear() -> None:
    city = problem([order("o1")], [near(1), near(8)])
    first = begin(city, Weights(stability=1000))
    assert pairs(first.plan) == {("o1", "v1")}
    later = holding(city, first.plan)
    later = replace(later, orders=(*later.orders, order("o2", lat=LAT - STEP)))
    again = replan(later, first)
    assert pairs(again.plan) == {("o1", "v1"), ("o2", "v8")}
    assert [(change.order, change.cause) for change in again.changes] == [("o2", "new_order")]


# ---------- causes and words ----------


def one_change(before: Problem, after: Problem) -> tuple[str, str | None, str | None, str]:
    again = replan(after, begin(before))
    assert len(again.changes) == 1, again.changes
    change = again.changes[0]
    for lang in ("zh", "en"):
        said = change.words(lang, names={"o1": "晨练"})
        assert "{" not in said
        assert (change.order == "o1" and "晨练" in said) or change.order in said
    return change.order, change.before, change.after, change.cause


TWO = problem([order("o1")], [near(1), near(2)])


@pytest.mark.parametrize(
    ("after", "change"),
    [
        (problem([order("o1")], [near(2)]), ("o1", "v1", "v2", "volunteer_gone")),
        (problem([order("o1")], [near(1, active=False), near(2)]), ("o1", "v1", "v2", "volunteer_gone")),
        (problem([order("o1", excluded={"v1": "declined"})], [near(1), near(2)]), ("o1", "v1", "v2", "declined")),
        (problem([order("o1", excluded={"v1": "blocked"})], [near(1), near(2)]), ("o1", "v1", "v2", "banned:blocked")),
        (
            problem([order("o1")], [near(1, commitments=(work(9, 13),)), near(2)]),
            ("o1", "v1", "v2", "unsuitable:overlap"),
        ),
        (problem([order("o1")], [near(0), near(1), near(2)]), ("o1", "v1", "v0", "cheaper")),
        (problem([], [near(1), near(2)]), ("o1", "v1", None, "order_gone")),
        (problem([order("o1", positions=2)], [near(1), near(2)]), ("o1", None, "v2", "more_needed")),
        (problem([order("o1"), order("o2")], [near(1), near(2)]), ("o2", None, "v2", "new_order")),
        (problem([order("o1", window_start=at(10.5))], [near(1), near(2)]), ("o1", "v1", "v1", "other_time")),
    ],
)
def test_every_change_has_its_cause(after: Problem, change: tuple[str, str | None, str | None, str]) -> None:
    assert one_change(TWO, after) == change


def test_fewer_positions_drop_the_dearer_person() -> None:
    before = problem([order("o1", positions=2)], [near(1), near(2)])
    assert one_change(before, TWO) == ("o1", "v2", None, "fewer_needed")


def test_an_open_place_is_filled_by_who_is_new_or_became_free() -> None:
    alone = problem([order("o1", positions=2)], [near(1)])
    more = problem([order("o1", positions=2)], [near(1), near(2)])
    assert one_change(alone, more) == ("o1", None, "v2", "new_volunteer")
    busy = problem([order("o1", positions=2)], [near(1), near(2, commitments=(work(9, 13),))])
    assert one_change(busy, more) == ("o1", None, "v2", "now_possible")


def test_a_more_urgent_order_takes_somebody_away_and_says_so() -> None:
    before = problem([order("o1", skills={"law"})], [near(1, skills={"law"})])
    urgent = order("o2", skills={"law"}, priority=5)
    again = replan(problem([order("o1", skills={"law"}), urgent], [near(1, skills={"law"})]), begin(before))
    assert [(one.order, one.cause) for one in again.changes] == [("o1", "made_room_for:o2"), ("o2", "new_order")]
    assert "o2" in again.changes[0].words("en")
    back = replan(before, again.standing)
    assert [(one.order, one.cause) for one in back.changes] == [("o1", "freed_from:o2"), ("o2", "order_gone")]


def test_from_a_bare_plan_everything_is_solved_and_moves_are_still_told() -> None:
    later = problem([order("o1", excluded={"v1": "declined"})], [near(1), near(2)])
    again = replan(later, solve(TWO))
    assert again.reused == 0
    assert [one.cause for one in again.changes] == ["declined"]


def test_other_weights_or_another_seed_solve_everything() -> None:
    standing = begin(TWO)
    assert replan(TWO, standing).plan.solver == "region"
    assert replan(TWO, standing, Weights(fairness=9)).plan.weights["fairness"] == 9
    assert replan(TWO, standing, seed=4).plan.seed == 4


def test_a_plan_against_itself_differs_in_nothing() -> None:
    plan = solve(TWO)
    same = difference(plan, plan)
    assert same.kept == (("o1", "v1"),)
    assert same.moves == () and same.before == same.after
    assert causes(plan, plan, TWO) == ()


def test_totals_are_those_of_the_plans() -> None:
    before, after = solve(TWO), solve(problem([order("o1"), order("o2", skills={"law"})], [near(2)]))
    found = difference(before, after)
    assert found.moved == (Move("o1", "v1", "v2"),)
    assert (found.before.filled, found.before.open, found.after.filled, found.after.open) == (1, 0, 1, 1)
    assert found.after.travel_s == after.proposals[0].travel_s
    assert found.after.cost == after.proposals[0].cost


@settings(max_examples=25, deadline=None)
@given(cities(6, 8), cities(6, 8))
def test_every_place_of_both_plans_is_in_the_difference_once(one: Problem, other: Problem) -> None:
    before, after = solve(one), solve(other)
    found = difference(before, after)
    here = Counter(found.kept) + Counter((move.order, move.before) for move in found.moves if move.before)
    there = Counter(found.kept) + Counter((move.order, move.after) for move in found.moves if move.after)
    assert here == Counter(pairs(before))
    assert there == Counter(pairs(after))


def test_orders_for_all_or_nobody_are_solved_in_full() -> None:
    city = problem([order("o1", positions=2, together=True)], [near(1), near(2)])
    standing = begin(city)
    assert isinstance(standing, Standing)
    assert standing.order_price is None
    assert value(replan(replace(city, now=NOW + 60), standing).plan)[0] == 0
