"""What the coordinator's board asks: who could serve this one, in what order, and what speaks against the others."""

import pytest
from hypothesis import given, settings

from dispatch import Problem, candidates_for, judge, solve, trip
from tests.dispatch.makers import LAT, at, cities, order, problem, volunteer


@pytest.fixture
def city() -> Problem:
    people = [volunteer(f"v{k}", lat=LAT + k * 0.003) for k in range(5)]
    return problem([order(excluded={"v1": "declined"}), order("o2")], [*people, volunteer("v9", active=False)])


def test_candidates_are_ranked_by_cost_with_terms_and_reasons(city: Problem) -> None:
    ranking = candidates_for(city, "o1")
    assert [one.volunteer for one in ranking.candidates] == ["v0", "v2", "v3", "v4"]
    assert all(one.cost == sum(one.terms.values()) for one in ranking.candidates)
    assert ranking.candidates[0].reasons[0] == "travel:walk:0:0"


def test_everybody_lost_has_a_rule_and_the_counts_add_up(city: Problem) -> None:
    ranking = candidates_for(city, "o1", limit=2)
    assert len(ranking.candidates) == 2
    assert ranking.refused == {"v1": "banned", "v9": "active"}
    assert ranking.eligible + sum(ranking.lost.values()) == len(city.volunteers)
    assert ranking.bans == {"declined": 1}


def test_no_candidates_are_wanted(city: Problem) -> None:
    assert candidates_for(city, "o1", limit=0).candidates == ()


def test_an_unknown_order_or_volunteer_is_refused(city: Problem) -> None:
    with pytest.raises(KeyError, match="no order 'o7'"):
        candidates_for(city, "o7")
    with pytest.raises(KeyError, match="no volunteer 'v7'"):
        judge(city, "o1", "v7")


def test_a_pair_chosen_by_hand_has_a_time_and_a_way_whatever_the_rules_say(city: Problem) -> None:
    fine = candidates_for(city, "o1").candidates[1]
    by_hand = trip(city, "o1", fine.volunteer)
    assert (by_hand.start, by_hand.end, by_hand.cost) == (fine.start, fine.end, fine.cost)
    banned = trip(city, "o1", "v1")
    assert (banned.start, banned.reasons) == (at(10), ("travel:walk:334:279",))


def test_a_pair_chosen_too_late_still_starts_within_the_window() -> None:
    late = problem([order()], [volunteer()], now=at(13))
    assert trip(late, "o1", "v1").start == at(11)


@settings(max_examples=40, deadline=None)
@given(cities(most_orders=3))
def test_the_board_the_judge_and_the_plan_agree_on_who_may_serve(city: Problem) -> None:
    plan = solve(city)
    for need in city.orders:
        ranking = candidates_for(city, need.id, limit=99)
        fine = {person.id for person in city.volunteers if not judge(city, need.id, person.id)}
        assert {one.volunteer for one in ranking.candidates} == fine
        assert {one.volunteer for one in plan.proposals if one.order == need.id} <= fine
