"""The exact plan is the best there is, the same whatever the order of the input, and fair to newcomers."""

import random
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import Problem, Weights, solve, violations
from dispatch.check import Checker
from dispatch.checking.rules import first_broken
from tests.dispatch.makers import LAT, cities, order, problem, volunteer, volunteers

quick = settings(max_examples=60, deadline=None)


def best_by_trying_everything(city: Problem, weights: Weights) -> tuple[int, int]:
    """(open priority, cost) of the best plan, over every way to give volunteers to orders."""
    checker = Checker(city, solve(city, weights, method="greedy"))
    fits = {
        need.id: [
            (person.id, sum(checker.terms(need, person).values()))
            for person in city.volunteers
            if first_broken(city, need, person)[0] is None
        ]
        for need in city.orders
    }

    def best(at: int, busy: frozenset[str]) -> tuple[int, int]:
        if at == len(city.orders):
            return 0, 0
        need = city.orders[at]
        free = [(who, cost) for who, cost in fits[need.id] if who not in busy]
        found = []
        for count in range(min(need.positions, len(free)) + 1):
            for team in combinations(free, count):
                left, cost = best(at + 1, busy | {who for who, _ in team})
                left += (need.positions - count) * need.priority
                found.append((left, cost + sum(points for _, points in team)))
        return min(found)

    return best(0, frozenset())


@quick
@given(cities(), st.sampled_from((Weights(), Weights(fairness=0), Weights(unfilled=0, travel_per_minute=50))))
def test_no_plan_fills_more_priority_or_costs_less(city: Problem, weights: Weights) -> None:
    plan = solve(city, weights)
    found = plan.stats["unfilled_priority"], sum(proposal.cost for proposal in plan.proposals)
    assert plan.certificate == "optimal"
    assert found == best_by_trying_everything(city, weights)


@quick
@given(cities(), st.randoms(use_true_random=False), st.sampled_from(("exact", "greedy")))
def test_the_order_of_the_input_changes_nothing(city: Problem, dice: random.Random, method: str) -> None:
    orders, people = list(city.orders), list(city.volunteers)
    dice.shuffle(orders)
    dice.shuffle(people)
    shuffled = problem(orders, people)
    assert shuffled.digest() == city.digest()
    assert solve(shuffled, method=method).digest() == solve(city, method=method).digest()


@quick
@given(cities(most_volunteers=5), st.data())
def test_one_more_volunteer_never_lowers_the_priority_served(city: Problem, data: Any) -> None:
    newcomer = data.draw(volunteers("v9"))
    more = problem(city.orders, [*city.volunteers, newcomer])
    assert solve(more).stats["unfilled_priority"] <= solve(city).stats["unfilled_priority"]


@quick
@given(cities())
def test_greedy_never_beats_the_exact_plan(city: Problem) -> None:
    assert solve(city).objective <= solve(city, method="greedy").objective


def test_an_urgent_order_gets_the_only_person_even_if_far_away() -> None:
    near, far = order("near"), order("far", priority=2, lat=LAT + 0.02)
    plan = solve(problem([near, far], [volunteer()]))
    assert [proposal.order for proposal in plan.proposals] == ["far"]
    assert plan.unplaced[0].verdict == "taken_by_others"
    assert plan.unplaced[0].taken_by == ("far",)


def test_two_orders_are_filled_where_greedy_would_fill_one() -> None:
    needs = [order("easy", priority=2), order("hard", skills={"law"})]
    people = [volunteer("lawyer", skills={"law"}), volunteer("neighbour", lat=LAT + 0.01)]
    assert solve(problem(needs, people)).stats["filled"] == 2
    assert solve(problem(needs, people), method="greedy").stats["filled"] == 1


def test_a_head_count_is_filled_by_different_people_as_far_as_they_go() -> None:
    city = problem([order(positions=3)], [volunteer("v1"), volunteer("v2")])
    plan = solve(city)
    assert violations(city, plan) == []
    assert {proposal.volunteer for proposal in plan.proposals} == {"v1", "v2"}
    assert (plan.unplaced[0].open_positions, plan.unplaced[0].eligible) == (1, 2)
    assert plan.unplaced[0].verdict == "nobody_eligible"


def test_all_else_equal_the_one_who_worked_less_is_asked() -> None:
    plan = solve(problem([order()], [volunteer("v1", load=600), volunteer("v2", load=60)]))
    assert plan.proposals[0].volunteer == "v2"
    assert plan.proposals[0].runner_up == "v1"
    assert plan.proposals[0].margin == 36  # two points × (((10 + 1)² - 10²) - ((1 + 1)² - 1²)) squared hours


def test_who_speaks_the_dialect_is_worth_a_longer_way() -> None:
    people = [volunteer("near"), volunteer("speaker", lat=LAT + 0.005, languages={"hangzhou"})]
    assert solve(problem([order(languages={"hangzhou"})], people)).proposals[0].volunteer == "speaker"


def test_who_was_here_before_is_worth_a_longer_way() -> None:
    people = [volunteer("near"), volunteer("known", lat=LAT + 0.005)]
    assert solve(problem([order(preferred={"known"})], people)).proposals[0].volunteer == "known"


def test_who_answers_is_worth_a_longer_way() -> None:
    people = [volunteer("silent", answer_chance=0.0), volunteer("answers", lat=LAT + 0.003)]
    assert solve(problem([order()], people)).proposals[0].volunteer == "answers"


def test_equal_candidates_are_drawn_by_seed_and_not_by_name() -> None:
    city = problem([order()], [volunteer(f"v{k}") for k in range(8)])
    drawn = {solve(city, seed=seed).proposals[0].volunteer for seed in range(40)}
    assert len(drawn) > 4
    assert solve(city, seed=7).digest() == solve(city, seed=7).digest()


def test_a_refusal_changes_nothing_but_its_own_pair() -> None:
    """Voluntariness: who said no to one order stands exactly as before for every other."""
    people = [volunteer("v1"), volunteer("v2", lat=LAT + 0.005)]
    other = order("other")
    before = solve(problem([other], people)).proposals
    declined = order("declined", excluded={"v1": "declined"}, priority=1)
    after = solve(problem([other, declined], people)).proposals
    again = next(one for one in after if one.order == "other")
    assert (again.volunteer, again.cost) == (before[0].volunteer, before[0].cost) == ("v1", 2)


def test_nothing_asked_and_nobody_there_are_plans_too() -> None:
    assert solve(problem([], [])).proposals == ()
    assert solve(problem([], [volunteer()])).unplaced == ()
    assert solve(problem([order()], [])).unplaced[0].eligible == 0
