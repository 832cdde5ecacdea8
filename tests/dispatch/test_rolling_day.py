"""Re-planning a day: what a change does not reach stays as it was, and the plan is as good as it says."""

from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dispatch import Problem, Weights, generate, solve, violations
from dispatch.rolling.replan import Replan, begin, replan

QUICK = settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def two_towns(seed: int, orders: int = 6, volunteers: int = 4) -> Problem:
    """Two days of planning a degree apart: nobody serves in both."""
    here, there = generate.day(orders, volunteers, seed, 0.2), generate.day(orders, volunteers, seed + 1, 0.2)
    needs = [replace(one, id=f"x{one.id}", lat=one.lat + 1) for one in there.orders]
    people = [replace(one, id=f"x{one.id}", lat=one.lat + 1) for one in there.volunteers]
    return replace(here, orders=(*here.orders, *needs), volunteers=(*here.volunteers, *people))


def check(again: Replan, city: Problem) -> None:
    """Sound, and what both plans claim about the best possible agrees."""
    full = solve(city, mode="day")
    assert violations(city, again.plan) == []
    assert again.plan.mode == "day"
    if again.plan.bound is not None and full.bound is not None:
        assert again.plan.bound <= full.objective
        assert full.bound <= again.plan.objective
    if again.plan.certificate == full.certificate == "optimal":
        assert again.plan.objective == full.objective


@QUICK
@given(
    st.integers(0, 500), st.sampled_from(["order gone", "volunteer gone", "refusal", "priority", "volunteer", "clock"])
)
def test_a_change_in_one_town_leaves_the_other_towns_routes(seed: int, kind: str) -> None:
    city = two_towns(seed)
    standing = begin(city, mode="day")
    need, person = city.orders[seed % 6], city.volunteers[seed % 4]
    orders, people = list(city.orders), list(city.volunteers)
    if kind == "order gone":
        orders.remove(need)
    elif kind == "volunteer gone":
        people.remove(person)
    elif kind == "refusal":
        orders[seed % 6] = replace(need, excluded=tuple((one.id, "declined") for one in city.volunteers[:2]))
    elif kind == "priority":
        orders[seed % 6] = replace(need, priority=16)
    elif kind == "volunteer":
        people.append(replace(person, id="new", radius_m=15_000))
    now = city.now + 60 if kind == "clock" else city.now
    later = replace(city, now=now, orders=tuple(orders), volunteers=tuple(people))
    again = replan(later, standing)
    check(again, later)
    assert again.plan.solver == "components"
    there = [route for route in standing.plan.routes if route.volunteer.startswith("x")]
    assert [route for route in again.plan.routes if route.volunteer.startswith("x")] == there
    assert not any(change.order.startswith("x") for change in again.changes)


def test_nothing_changed_changes_nothing() -> None:
    city = two_towns(3)
    standing = begin(city, mode="day")
    again = replan(city, standing)
    assert again.changes == ()
    assert again.reused == len(city.orders)
    assert (again.plan.routes, again.plan.objective) == (standing.plan.routes, standing.plan.objective)
    assert again.plan.bound == standing.plan.bound


def test_a_change_that_reaches_everything_solves_the_whole_day() -> None:
    city = two_towns(3)
    standing = begin(city, mode="day")
    everybody = replace(city, orders=tuple(replace(one, priority=one.priority + 1) for one in city.orders))
    again = replan(everybody, standing)
    assert again.reused == 0
    check(again, everybody)


def test_who_is_preferred_from_another_town_still_counts_for_the_price() -> None:
    city = two_towns(5)
    served = solve(city, mode="day").proposals[0].order
    orders = tuple(replace(one, preferred=frozenset({"xv0000001"})) if one.id == served else one for one in city.orders)
    later = replace(city, orders=orders)
    check(replan(later, begin(city, mode="day")), later)


@pytest.mark.parametrize("change", [{"meeting_step": 1800}, {"most_stops": 2}, {"utc_offset": 0}])
def test_other_settings_solve_the_whole_day(change: dict[str, int]) -> None:
    city = two_towns(1)
    later = replace(city, **change)
    again = replan(later, begin(city, mode="day"))
    assert again.reused == 0
    check(again, later)


def test_from_an_instant_plan_to_a_day_plan() -> None:
    city = two_towns(2)
    again = replan(city, begin(city), Weights(), mode="day")
    assert again.plan.mode == "day"
    check(again, city)
