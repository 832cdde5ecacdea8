"""Distances and travel times: whole, rounded up, and never shorter by a detour."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import MODES
from dispatch.checking.rules import metres_between, seconds_for
from dispatch.geo import metres, place, travel_seconds

points = st.tuples(st.floats(30, 30.5), st.floats(120, 120.5))


def way(a: tuple[float, float], b: tuple[float, float]) -> int:
    return int(metres(np.array(place(*a))[:, None], np.array(place(*b)))[0])


@settings(max_examples=200, deadline=None)
@given(points, points, points, st.sampled_from(sorted(MODES)))
def test_a_detour_is_never_shorter_or_quicker(a: tuple, b: tuple, c: tuple, mode: str) -> None:
    def quick(p: tuple, q: tuple) -> int:
        return int(travel_seconds(way(p, q), *MODES[mode]))

    assert way(a, c) <= way(a, b) + way(b, c)
    assert quick(a, c) <= quick(a, b) + quick(b, c)


@settings(max_examples=200, deadline=None)
@given(points, points)
def test_the_checker_measures_the_same_by_another_formula(a: tuple, b: tuple) -> None:
    assert abs(metres_between(*a, *b) - way(a, b)) <= 1  # the last rounding may differ by a hair
    for mode, (speed, delay) in MODES.items():
        assert seconds_for(way(a, b), mode) == travel_seconds(way(a, b), speed, delay)


def test_a_degree_of_latitude_is_111_km() -> None:
    assert way((30.0, 120.0), (31.0, 120.0)) == math.ceil(2 * 6_371_008.8 * math.sin(math.radians(0.5)))


def test_the_same_place_takes_no_time_and_a_short_way_is_walked() -> None:
    assert travel_seconds(0, *MODES["car"]) == 0
    assert travel_seconds(120, *MODES["car"]) == travel_seconds(120, *MODES["walk"]) == 100
