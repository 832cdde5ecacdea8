"""A city kept in memory answers as the board does, whatever has happened to it since it was made."""

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import Problem, ProblemError, Weights, candidates_for, generate
from dispatch.desk.desk import Desk
from tests.dispatch.makers import (
    LAT,
    at,
    cities,
    jobs,
    order,
    problem,
    schedules,
    volunteer,
    volunteers,
    work,
)


def assert_same(desk: Desk, city: Problem, weights: Weights | None = None, limit: int = 10, seed: int = 0) -> None:
    """For every order: the same candidates, counts, bans and reasons for refusal."""
    for need in city.orders:
        assert desk.best(need, limit) == candidates_for(city, need.id, limit, weights=weights, seed=seed)


@settings(max_examples=150, deadline=None)
@given(cities(most_orders=3, most_volunteers=8), st.integers(0, 4), st.integers(0, 3))
def test_the_desk_answers_as_the_board_does(city: Problem, limit: int, seed: int) -> None:
    assert_same(Desk(city, seed=seed), city, limit=limit, seed=seed)


@settings(max_examples=200, deadline=None)
@given(schedules(), st.integers(-3, 3), st.integers(0, 2))
def test_it_finds_the_same_start_in_a_full_diary(city: Problem, shift: int, uneven: int) -> None:
    """Also where hours and windows do not keep half hours, and for somebody who is just at work."""
    (need,), (person,) = city.orders, city.volunteers
    need = replace(need, window_start=need.window_start + shift * 700, window_end=need.window_end + shift * 700)
    if uneven == 1:
        person = replace(person, availability=tuple((a + 61, b - 61) for a, b in person.availability))
    if uneven == 2:
        person = replace(person, mode="transit", radius_m=20_000)
    city = replace(city, orders=(need,), volunteers=(person,))
    assert_same(Desk(city), city)


changes = st.lists(
    st.tuples(st.sampled_from(("put", "drop", "commit", "release", "duty")), st.integers(0, 9)), max_size=12
)


@settings(max_examples=100, deadline=None)
@given(cities(most_orders=2, most_volunteers=6), changes, st.data())
def test_after_any_changes_it_answers_like_a_new_one(city: Problem, happened: list[tuple[str, int]], data: Any) -> None:
    desk = Desk(city)
    people = {person.id: person for person in city.volunteers}
    for change, number in happened:
        known = sorted(people)[number % len(people)] if people else ""
        if change == "put" or not known:
            person = data.draw(volunteers(f"v{number}"))
            desk.put(person)
            people[person.id] = person
            continue
        person = people[known]
        if change == "drop":
            desk.drop(known)
            del people[known]
            continue
        if change == "commit":
            job = data.draw(jobs())
            desk.commit(known, job)
            people[known] = replace(person, commitments=(*person.commitments, job))
        elif change == "release" and person.commitments:
            desk.release(known, person.commitments[0])
            people[known] = replace(person, commitments=person.commitments[1:])
        elif change == "duty":
            desk.on_duty(known, not person.on_duty)
            people[known] = replace(person, on_duty=not person.on_duty)
    assert len(desk) == len(people)
    assert_same(desk, replace(city, volunteers=tuple(people.values())))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_city_of_two_thousand_is_answered_like_the_board(seed: int) -> None:
    city = generate.problem(40, 2000, seed, work=0.2, bans=20.0)
    weights = Weights(travel_per_minute=3, fairness=50, language=10, answer=7)
    assert_same(Desk(city, weights, seed=seed), city, weights, seed=seed)


def test_the_clock_moves_on() -> None:
    city = problem([order()], [volunteer(), volunteer("v2", lat=LAT + 0.01, radius_m=5000)])
    desk = Desk(city)
    for now in (at(9.9), at(10.7), at(10.95), at(13)):
        desk.now = now
        assert_same(desk, replace(city, now=now))


def test_beyond_the_days_kept_as_bits_it_is_as_exact() -> None:
    far = [order(window_start=at(10, 40), window_end=at(13, 40)), order("o2", window_start=at(1), window_end=at(2, 80))]
    people = [volunteer(), volunteer("v2", availability=((at(9, 40), at(12, 40)),), commitments=(work(9, 11, 40),))]
    city = problem(far, people)
    assert_same(Desk(city), city)


def test_a_full_desk_takes_in_more_people() -> None:
    city = problem([order()], [volunteer("v0")])
    people = [
        volunteer(f"v{k}", load=float(k * 60), commitments=[work(14, 15, day) for day in range(k % 4)])
        for k in range(300)
    ]
    desk = Desk(city)
    for person in people:
        desk.put(person)
    assert_same(desk, replace(city, volunteers=tuple(people)))


def test_several_reasons_for_a_ban_and_odd_words_are_counted_alike() -> None:
    needs = [
        order(excluded=[("v1", "declined"), ("v1", "blocked"), ("v2", "own"), ("v9", "own")], minimum_age=18),
        order("o2", skills={"unheard of"}), order("o3", credentials={"unheard of"}), order("o4", sex="other"),
        order("o5", languages={"unheard of"}, preferred={"v9"}, offered={"v2"}),
        order("o6", credentials={"licence"}, window_end=at(14)), order("o7", credentials={"licence"}, minimum_age=0),
    ]  # fmt: skip
    people = [
        volunteer(age=18), volunteer("v2", age=17),
        volunteer("v3", credentials=(("licence", at(12)), ("licence", at(9)))),
        volunteer("v4", credentials=(("licence", None),), sex="other", skills={"rare"}, languages={"x"}),
        volunteer("v5", weekly_limit_minutes=30), volunteer("v6", daily_limit=0),
    ]  # fmt: skip
    city = problem(needs, people)
    assert_same(Desk(city), city)


def test_who_was_refused_is_told_until_something_changes() -> None:
    city = problem([order()], [volunteer("v1", active=False), volunteer("v2")])
    desk = Desk(city)
    found = desk.best(city.orders[0])
    late = desk.best(city.orders[0])
    assert dict(found.refused) == {"v1": "active"}
    desk.drop("v2")
    assert found.refused["v1"] == "active", "it was looked at before"
    with pytest.raises(RuntimeError, match="changed"):
        len(late.refused)


def test_what_cannot_be_is_refused() -> None:
    desk = Desk(problem([], [volunteer()]))
    with pytest.raises(ProblemError, match=r"order\.duration"):
        desk.best(order(duration=0))
    with pytest.raises(ProblemError, match=r"volunteers\['v2'\]\.radius_m"):
        desk.put(volunteer("v2", radius_m=-1))
    with pytest.raises(KeyError):
        desk.drop("v2")
    with pytest.raises(ValueError):
        desk.release("v1", work(9, 10))
    assert len(desk) == 1 and desk.volunteer("v1") == volunteer()


def test_an_empty_desk_has_nobody() -> None:
    city = problem([order(excluded={"v1": "own"})], [])
    assert_same(Desk(city), city)


PLAIN = """
from dispatch import candidates_for, generate
from dispatch.desk.desk import Desk
from dispatch.desk.scan import scan
city = generate.problem(6, 300, 3, work=0.2, bans=20.0)
desk = Desk(city)
assert not hasattr(scan, "py_func")
assert all(desk.best(need) == candidates_for(city, need.id) for need in city.orders)
"""


def test_the_plain_loops_answer_like_the_compiled_ones() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PLAIN], env=os.environ | {"NUMBA_DISABLE_JIT": "1"}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
