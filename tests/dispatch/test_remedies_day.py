"""Remedies of day plans: the order fits into somebody's day, which solving the changed problem again shows."""

import pytest

from dispatch import Problem, Remedy, apply_remedy, generate, remedies_for, solve, violations
from tests.dispatch.makers import LAT, at, order, problem, volunteer

KM = 1000 / 111_195.1


def kinds(city: Problem, order_id: str) -> list[str]:
    return [one.kind for one in remedies_for(city, solve(city, mode="day"), order_id)]


def assert_served(city: Problem, remedy: Remedy) -> None:
    """The best plan of the changed problem serves the order, everything that was served before, and is sound."""
    before, after = solve(city, mode="day"), solve(apply_remedy(remedy, city), mode="day")
    assert violations(apply_remedy(remedy, city), after) == []
    assert remedy.order not in {one.order for one in after.unplaced}
    assert {one.order for one in after.unplaced} <= {one.order for one in before.unplaced}


def test_a_day_with_room_takes_what_may_be_a_little_later() -> None:
    needs = [order("first", window_end=at(11), priority=2), order("second", window_end=at(11))]
    city = problem(needs, [volunteer(availability=((at(10), at(13)),))])
    found = remedies_for(city, solve(city, mode="day"), "second")
    assert [(one.kind, one.amount) for one in found] == [("later", 3600), ("newcomer", 1)]
    assert found[0].helpers == ("v1",)
    for remedy in found:
        assert_served(city, remedy)


def test_a_wider_radius_and_a_dropped_requirement_help_where_the_day_has_room() -> None:
    people = [volunteer("far", lat=LAT + 3.5 * KM, sex="female"), volunteer("man", sex="male")]
    city = problem([order(sex="female")], people)
    assert kinds(city, "o1") == ["radius", "drop", "newcomer"]
    for remedy in remedies_for(city, solve(city, mode="day"), "o1"):
        assert_served(city, remedy)


def test_a_full_daily_limit_is_kept() -> None:
    needs = [order("first", priority=2), order("law", sex="female")]
    people = [volunteer(daily_limit=1, sex="male")]
    assert kinds(problem(needs, people), "law") == ["newcomer"]
    assert kinds(problem(needs, [volunteer(daily_limit=2, sex="male")]), "law") == ["drop", "newcomer"]


def test_what_is_served_or_wants_several_people_is_left_alone() -> None:
    city = problem([order("o1"), order("o2", positions=3)])
    assert kinds(city, "o1") == kinds(city, "o2") == []
    with pytest.raises(KeyError):
        kinds(city, "nothing")


@pytest.mark.parametrize("seed", range(2))
def test_remedies_of_a_made_up_day_never_serve_less(seed: int) -> None:
    city = generate.day(18, 6, seed)
    plan = solve(city, mode="day", time_limit=10.0)
    assert plan.certificate == "optimal"
    shown = [remedy for one in plan.unplaced for remedy in remedies_for(city, plan, one.order)]
    assert shown
    for remedy in shown[:6]:
        after = solve(apply_remedy(remedy, city), mode="day", time_limit=10.0)
        assert after.stats["unfilled_priority"] < plan.stats["unfilled_priority"]
        if after.certificate == "optimal":
            assert remedy.order not in {one.order for one in after.unplaced}
