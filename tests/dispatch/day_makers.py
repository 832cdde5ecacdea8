"""Small random days for tests: the little cities of makers.py with meetings, rests and offers, and plans of them."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dispatch import Plan, Problem, Weights
from dispatch.candidates import ranks
from dispatch.crowd import Crowd
from dispatch.day import held as hold
from dispatch.day.held import Held
from dispatch.day.result import Result
from dispatch.day.shifts import Shifts
from dispatch.geo import IntArray
from tests.dispatch.makers import at, cities


@st.composite
def rests(draw: Any) -> tuple[tuple[int, int, int], ...]:
    first = at(draw(st.integers(18, 32)) / 2)
    return ((first, first + draw(st.sampled_from((0, 3600))), draw(st.sampled_from((600, 2700)))),)


@st.composite
def days(draw: Any, most_orders: int = 6, most_volunteers: int = 6) -> Problem:
    """Little tight cities in which every rule of a day plan has something to refuse."""
    city = draw(cities(most_orders, most_volunteers))
    pauses = st.one_of(st.just(()), st.just(()), rests())
    people = [replace(one, rests=draw(pauses), radius_m=9000) for one in city.volunteers]
    ids = [one.id for one in people]
    offers = st.frozensets(st.sampled_from(ids), max_size=1) if ids else st.just(frozenset())
    needs = [replace(one, offered=draw(offers)) for one in city.orders]
    return replace(city, orders=tuple(needs), volunteers=tuple(people), most_stops=draw(st.sampled_from((2, 6))))


def order_ranks(problem: Problem, seed: int = 0) -> IntArray:
    return ranks((order.id for order in problem.orders), seed)


def shift_ranks(problem: Problem, day: Shifts, seed: int = 0) -> IntArray:
    by_volunteer = ranks((volunteer.id for volunteer in problem.volunteers), seed)
    return by_volunteer[day.volunteer] * max(len(day.begin), 1) + np.arange(len(day.begin))


def planned(problem: Problem, day: Shifts, held: Held, weights: Weights, bound: int | None = None) -> Plan:
    result = Result(Crowd(problem), day, weights, hold.tasks_of(day, held))
    return result.plan(bound=bound, solver="test", seed=0, stats={}, versions={})
