"""City-sized days: improved by turns, within their limits, never worse than the first plan or better than the bound."""

from dispatch import Problem, Weights, generate, violations
from dispatch.day.held import Held
from dispatch.day.shifts import Shifts
from dispatch.day.split import solve_city, too_large
from dispatch.day.start import first_plan
from tests.dispatch.day_makers import order_ranks, planned, shift_ranks


def first(city: Problem) -> tuple[Shifts, Held]:
    day = Shifts.of(city, Weights())
    return day, first_plan(day, order_ranks(city), shift_ranks(city, day))


def test_a_city_plan_lies_between_the_first_plan_and_the_bound() -> None:
    city = generate.day(150, 70, 4, meetings=0.1)
    day, held = first(city)
    best, most = solve_city(day, held, shift_ranks(city, day), 0, lambda: False, turns=3)
    assert held.worth.sum() < best.worth.sum() <= most
    assert violations(city, planned(city, day, best, Weights())) == []


def test_the_first_plan_itself_is_not_changed() -> None:
    city = generate.day(60, 30, 1)
    day, held = first(city)
    before = held.stops.copy()
    solve_city(day, held, shift_ranks(city, day), 0, lambda: False, turns=1)
    assert (held.stops == before).all()


def test_nothing_is_begun_once_time_is_up() -> None:
    city = generate.day(60, 30, 1)
    day, held = first(city)
    best, _ = solve_city(day, held, shift_ranks(city, day), 0, lambda: True)
    assert (best.stops == held.stops).all()


def test_a_day_without_orders_or_people_is_solved_too() -> None:
    for city in (generate.day(5, 0, 1), generate.day(0, 5, 1)):
        day, held = first(city)
        best, most = solve_city(day, held, shift_ranks(city, day), 0, lambda: False)
        assert best.worth.sum() == 0
        assert most == 0


def test_a_village_is_not_too_large_for_a_proof() -> None:
    assert not too_large(first(generate.day(60, 30, 1))[0])
