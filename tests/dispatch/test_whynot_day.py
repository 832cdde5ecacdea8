"""Why and why not in day plans: told from who does what that day, and never at odds with the plan's own counts."""

from functools import cache

import pytest

from dispatch import Plan, Problem, generate, solve, takers, why_not, why_not_pair, why_not_words
from tests.dispatch.makers import LAT, at, order, problem, volunteer


@cache
def planned(seed: int) -> tuple[Problem, Plan]:
    city = generate.day(25, 8, seed, meetings=0.2)
    return city, solve(city, mode="day", time_limit=20.0)


@pytest.mark.parametrize("seed", range(3))
def test_takers_and_verdicts_are_what_the_plan_counted(seed: int) -> None:
    city, plan = planned(seed)
    assert plan.unplaced
    for one in plan.unplaced:
        held = takers(city, plan, one.order)
        assert {taker.order for taker in held} == set(one.taken_by)
        told = [why_not_pair(city, plan, one.order, person.id) for person in city.volunteers]
        able = [verdict for verdict in told if verdict.verdict != "refused"]
        assert len(able) == one.eligible
        assert {verdict.verdict for verdict in able} <= {"full", "open", "unplanned"}


@pytest.mark.parametrize("seed", range(3))
def test_what_somebody_serves_that_day_is_told_first(seed: int) -> None:
    city, plan = planned(seed)
    for person in city.volunteers:
        served = {one.order for one in plan.proposals if one.volunteer == person.id}
        told = why_not(city, plan, person.id, most=8)
        assert {one.order for one in told if one.verdict == "serves"} == served
        assert [one.verdict == "serves" for one in told] == sorted(
            (one.verdict == "serves" for one in told), reverse=True
        )


def test_hours_too_short_for_both_ways_are_told_so() -> None:
    city = problem([order(lat=LAT + 0.02)], [volunteer(availability=((at(10), at(11.5)),))])
    plan = solve(city, mode="day")
    told = why_not_pair(city, plan, "o1", "v1")
    assert told.rules == ("availability:both_ways",)
    assert why_not_words(told, "zh", "volunteer") == ["这一单没有问您：您填的空闲时间不够这次服务加上来回的路"]
    assert why_not_words(told) == ["不能请：这段时间没空"]


def test_somebody_idle_reads_that_over_the_whole_day_another_suits_better() -> None:
    city = problem([order()], [volunteer("near"), volunteer("far", lat=LAT + 0.01)])
    plan = solve(city, mode="day")
    assert why_not_pair(city, plan, "o1", "near").verdict == "serves"
    assert why_not_pair(city, plan, "o1", "far").because == ("whole_day",)


def test_what_the_problem_does_not_know_is_refused() -> None:
    city, plan = planned(0)
    with pytest.raises(KeyError):
        why_not(city, plan, "nobody")
    with pytest.raises(KeyError):
        takers(city, plan, "nothing")
