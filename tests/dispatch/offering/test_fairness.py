"""No street is left behind without its orders being tried harder, within a bound, and until it has caught up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.offering import Bound, boosts, gini, raised, worst_gap

counts = st.tuples(st.integers(0, 200), st.integers(0, 200)).map(lambda pair: (min(pair), max(pair)))
cities = st.dictionaries(st.sampled_from("abcdefgh"), counts, max_size=8)


@given(cities, st.floats(0.0, 0.3), st.floats(0.0, 5.0))
def test_a_boost_stays_within_its_bound_and_falls_to_who_trails(city: dict, gap: float, most: float) -> None:
    found = boosts(city, Bound(gap=gap, most=most))
    assert set(found) == set(city)
    assert all(0 <= boost <= most for boost in found.values())
    every = sum(row[1] for row in city.values())
    if every:
        mean = sum(row[0] for row in city.values()) / every
        assert all(boost == 0 for name, boost in found.items() if city[name][0] >= city[name][1] * mean)


def test_a_street_far_behind_is_boosted_fully_and_one_that_caught_up_no_more() -> None:
    assert boosts({"a": (500, 500), "b": (100, 300)})["b"] == Bound().most
    assert boosts({"a": (500, 500), "b": (296, 300)})["b"] == 0


def test_two_unlucky_orders_do_not_turn_a_city_round() -> None:
    assert boosts({"a": (480, 500), "b": (0, 1)}, Bound(gap=0.1))["b"] == 0


def test_a_boost_raises_the_priority_of_the_engine() -> None:
    assert [raised(4, boost) for boost in (0.0, 0.5, 2.0)] == [4, 6, 12]


def test_gini_is_zero_for_equals_and_near_one_when_one_has_all() -> None:
    assert gini([3, 3, 3]) == 0
    assert gini([]) == gini([0, 0]) == 0
    assert gini([0] * 99 + [5]) == pytest.approx(0.99)
    assert gini([1, 3]) == pytest.approx(0.25)
    with pytest.raises(ValueError, match="negative"):
        gini([-1, 2])


def test_the_worst_gap_is_that_of_the_worst_street_below_the_city() -> None:
    assert worst_gap({"a": (90, 100), "b": (70, 100), "c": (0, 0)}) == pytest.approx(0.1)
    assert worst_gap({}) == 0
