"""The first plan and its improvement: always feasible, never worse than before, the same for the same seed."""

from hypothesis import given, settings

from dispatch import Problem, Weights, violations
from dispatch.day.shifts import Shifts
from dispatch.day.start import first_plan
from tests.dispatch.day_makers import days, order_ranks, planned, shift_ranks


@settings(max_examples=150, deadline=None)
@given(days())
def test_the_checker_accepts_every_first_plan(city: Problem) -> None:
    weights = Weights()
    day = Shifts.of(city, weights)
    held = first_plan(day, order_ranks(city), shift_ranks(city, day))
    assert violations(city, planned(city, day, held, weights)) == []
