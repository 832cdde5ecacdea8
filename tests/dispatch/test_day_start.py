"""The first plan and its improvement: always feasible, never worse than before, the same for the same seed."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import Problem, Weights, generate, violations
from dispatch.day import held as hold
from dispatch.day.held import Held
from dispatch.day.improve import improve
from dispatch.day.meetings import coverable
from dispatch.day.shifts import Shifts
from dispatch.day.start import first_plan
from tests.dispatch.day_makers import days, order_ranks, planned, shift_ranks


def first(city: Problem, seed: int = 0) -> tuple[Shifts, Held]:
    day = Shifts.of(city, Weights())
    return day, first_plan(day, order_ranks(city, seed), shift_ranks(city, day, seed))


def improved(city: Problem, seed: int = 0, rounds: int = 3) -> tuple[Shifts, Held]:
    day, held = first(city, seed)
    improve(day, held, shift_ranks(city, day, seed), seed, rounds)
    return day, held


@settings(max_examples=60, deadline=None)
@given(days())
def test_the_checker_accepts_every_first_plan(city: Problem) -> None:
    day, held = first(city)
    assert violations(city, planned(city, day, held, Weights())) == []


@settings(max_examples=60, deadline=None)
@given(days(most_orders=9), st.integers(0, 3))
def test_the_checker_accepts_every_improved_plan_and_it_is_no_worse(city: Problem, seed: int) -> None:
    day, held = first(city, seed)
    before = int(held.worth.sum())
    gained = improve(day, held, shift_ranks(city, day, seed), seed, 3)
    assert gained >= 0
    assert int(held.worth.sum()) == before + gained
    assert violations(city, planned(city, day, held, Weights())) == []


@settings(max_examples=30, deadline=None)
@given(days())
def test_what_a_plan_is_worth_is_what_its_objective_saves(city: Problem) -> None:
    day, held = improved(city)
    plan = planned(city, day, held, Weights())
    nobody = planned(city, day, hold.nothing(day), Weights())
    assert nobody.objective - plan.objective == held.worth.sum()
    assert held.worth.sum() <= coverable(day)


@settings(max_examples=20, deadline=None)
@given(days(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(city: Problem, dice: object) -> None:
    orders, people = list(city.orders), list(city.volunteers)
    dice.shuffle(orders)  # type: ignore[attr-defined]
    dice.shuffle(people)  # type: ignore[attr-defined]
    other = replace(city, orders=tuple(orders), volunteers=tuple(people))
    assert np.array_equal(improved(city)[1].stops, improved(other)[1].stops)


def test_nothing_more_can_be_added_to_a_first_plan() -> None:
    day, held = first(generate.day(60, 20, 2, meetings=0.2))
    route = np.empty(held.stops.shape[1] + 1, dtype=np.int64)
    for order in np.flatnonzero((held.task == hold.FREE) & (day.order_people == 1)):
        for task in range(held.by_order[order], held.by_order[order + 1]):
            for pair in held.task_pair[held.by_task[task] : held.by_task[task + 1]]:
                shift = held.shift_of[pair]
                if hold.room(day, held, shift, day.task_seconds[task]):
                    assert hold.insertion(day, held, shift, pair, route)[0] <= held.worth[shift]


def test_improvement_serves_more_where_the_first_plan_leaves_room() -> None:
    city = generate.day(100, 50, 1)
    day, held = first(city)
    before = int(held.worth.sum())
    assert improve(day, held, shift_ranks(city, day), 0, 2) > 0
    assert int(held.worth.sum()) > before


SHOW = """
from dispatch import generate
from tests.dispatch.test_day_start import improved
print(improved(generate.day(40, 20, 3, meetings=0.3), seed=5)[1].stops.tolist())
"""


def test_the_plan_is_the_same_without_the_compiler() -> None:
    plain = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )
    day_and_plan = improved(generate.day(40, 20, 3, meetings=0.3), seed=5)
    assert plain.stdout.strip() == str(day_and_plan[1].stops.tolist())
