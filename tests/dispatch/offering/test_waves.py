"""The smallest wave that is sure enough, the next one when the clock demands it, and never more than allowed."""

from itertools import pairwise, product
from math import isclose, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.offering import (
    Mode,
    Offering,
    Pace,
    Prior,
    Why,
    at_least,
    demanded,
    next_step,
    smallest_wave,
    still_to_come,
)
from dispatch.offering.delay import Delay, lognormal
from dispatch.offering.waves import at_least_each
from tests.dispatch.offering.makers import NOON, case, crowd, pending

WAVES = Offering(mode=Mode.WAVE)
chances = st.lists(st.floats(0.0, 1.0), max_size=8)


def by_hand(needed: int, given: list[float]) -> float:
    """The same over all outcomes, one by one."""
    return sum(
        prod(p if yes else 1 - p for p, yes in zip(given, outcome, strict=True))
        for outcome in product((0, 1), repeat=len(given))
        if sum(outcome) >= needed
    )


@given(st.integers(0, 4), chances)
def test_the_chance_of_enough_yes_is_that_of_all_outcomes_together(needed: int, given: list[float]) -> None:
    assert isclose(at_least(needed, given), by_hand(needed, given), abs_tol=1e-9)
    rows = np.array([given, given]).reshape(2, -1)
    assert np.allclose(at_least_each(needed, rows), by_hand(needed, given), atol=1e-9)


@given(st.integers(1, 3), chances, chances, st.floats(0.01, 0.99), st.integers(0, 8))
def test_a_wave_is_the_smallest_that_reaches_its_goal(
    needed: int, waiting: list[float], ranked: list[float], goal: float, most: int
) -> None:
    count, chance = smallest_wave(needed, waiting, ranked, goal, most)
    assert count <= min(most, len(ranked))
    assert isclose(chance, at_least(needed, [*waiting, *ranked[:count]]), abs_tol=1e-9)
    if count:
        assert at_least(needed, [*waiting, *ranked[: count - 1]]) < goal + 1e-9
    if chance < goal - 1e-9:
        assert count == min(most, len(ranked))


@settings(max_examples=60)
@given(
    st.integers(1, 4), st.integers(0, 30), st.integers(0, 12), st.integers(1, 10), st.integers(1, 30),
    st.sampled_from(Mode), st.integers(0, 3), st.floats(0, 3),
)  # fmt: skip
def test_nobody_asks_more_people_than_the_settings_allow(
    needed: int, people: int, out: int, at_once: int, ever: int, mode: Mode, refusals: int, boost: float
) -> None:
    pace = Pace(0.95, 30, 10, 60, most_at_once=at_once, most_asked=ever)
    order = case(
        needed=needed, pending=[pending(f"p{i}", NOON - 60) for i in range(out)], asked_before=out, mode=mode,
        refusals=refusals, boost=boost,
    )  # fmt: skip
    step = next_step(order, lambda: crowd(people), Prior(), Offering({"normal": pace}), NOON)
    assert len(step.ask) <= max(0, min(at_once * needed - out, int(ever * (1 + boost)) - out, people))
    assert not step.ask or mode in (Mode.OFFER, Mode.WAVE)


def test_much_time_asks_one_and_little_time_asks_many() -> None:
    paces = {"normal": Pace(0.9, 600, 30, 240)}
    calm = next_step(case(), lambda: crowd(30), Prior(0.5), Offering(paces, Mode.OFFER), NOON)
    late = next_step(case(opened=NOON - 590 * 60), lambda: crowd(30), Prior(0.5), Offering(paces, Mode.OFFER), NOON)
    assert len(calm.ask) == 1
    assert len(late.ask) >= 4


def test_a_wave_reaches_its_target_at_once() -> None:
    step = next_step(case(), lambda: crowd(30), Prior(0.5), Offering(mode=Mode.WAVE), NOON)
    assert step.chance >= step.goal == 0.8
    assert step.why is Why.ASK


def test_after_a_wave_nothing_is_asked_until_it_falls_behind() -> None:
    first = next_step(case(), lambda: crowd(30), Prior(0.5), WAVES, NOON)
    out = case(pending=[pending(name) for name in first.ask], asked_before=len(first.ask))
    soon = next_step(out, lambda: crowd(30), Prior(0.5), WAVES, NOON + 60)
    assert soon.why is Why.WAIT
    assert soon.look_again is not None
    later = next_step(out, lambda: crowd(30), Prior(0.5), WAVES, soon.look_again)
    assert later.why is Why.ASK


def test_a_refusal_is_replaced_at_once() -> None:
    first = next_step(case(), lambda: crowd(30), Prior(0.5), WAVES, NOON)
    left = case(pending=[pending(name) for name in first.ask[1:]], asked_before=len(first.ask), refusals=1)
    assert len(next_step(left, lambda: crowd(30), Prior(0.5), WAVES, NOON + 30).ask) == 1


def test_silence_lowers_what_is_still_to_come() -> None:
    curve = lognormal(8.0, 1.0)
    chance, waits = np.full(6, 0.4), np.array([0.0, 2, 5, 15, 60, 600])
    coming = still_to_come(chance, waits, 1e6, (curve, curve), 0.5)
    assert coming[0] == pytest.approx(0.4)
    assert all(b < a for a, b in pairwise(coming))


def test_the_clock_demands_more_with_every_wave_that_is_gone() -> None:
    asked = [demanded(0.9, left, 15) for left in (600, 120, 60, 30, 15, 0)]
    assert asked == sorted(asked)
    assert asked[-1] == pytest.approx(0.9)
    assert 1 - (1 - asked[0]) ** 40 == pytest.approx(0.9)


def test_modes_that_ask_nobody_say_so() -> None:
    people = lambda: crowd(3)  # noqa: E731
    assert next_step(case(mode=Mode.HAND), people, Prior(), Offering(), NOON).why is Why.BY_HAND
    assert next_step(case(mode=Mode.OPEN), people, Prior(), Offering(), NOON).why is Why.OPEN_LIST
    assert next_step(case(needed=0), people, Prior(), Offering(), NOON).why is Why.FILLED
    assert next_step(case(last_call=NOON), people, Prior(), Offering(), NOON).why is Why.OVER
    assert next_step(case(), list, Prior(), Offering(), NOON).why is Why.NOBODY


def test_a_trailing_district_is_tried_harder() -> None:
    plain, boosted = (
        next_step(case(boost=b), lambda: crowd(30), Prior(0.6), Offering(mode=Mode.WAVE), NOON) for b in (0.0, 2.0)
    )
    assert len(boosted.ask) > len(plain.ask)


def test_curves_of_delays_refuse_what_is_no_curve() -> None:
    for minutes, share in (((), ()), ((1, 1), (0.1, 0.2)), ((1, 2), (0.5, 0.4)), ((1,), (1.1,)), ((0,), (0.1,))):
        with pytest.raises(ValueError, match="curve of delays"):
            Delay(minutes, share)


def test_settings_come_from_plain_json_and_refuse_what_they_do_not_know() -> None:
    given = Offering.from_dict({"mode": "offer", "paces": {"urgent": {"target": 0.5}}})
    assert (given.mode, given.pace("urgent").target, given.pace("urgent").promise_minutes) == (Mode.OFFER, 0.5, 10)
    for wrong in ({"speed": 1}, {"paces": {"soon": {}}}, {"mode": "shout"}, {"paces": {"urgent": {"target": 2}}}):
        with pytest.raises(ValueError):
            Offering.from_dict(wrong)
