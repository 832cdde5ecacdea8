"""All feasible pairs of a large problem, by the compiled search."""

from collections.abc import Iterator

import numpy as np

from dispatch import tables
from dispatch.costs import Weights
from dispatch.fast.arrays import dials_of, needs_of, people_of
from dispatch.fast.lists import Collector
from dispatch.fast.match import city_of
from dispatch.geo import IntArray
from dispatch.problem import Problem


def everybody(problem: Problem, weights: Weights) -> Iterator[tuple[IntArray, IntArray]]:
    """For every order, in the order of the problem: who could serve it and for how much, cheapest first."""
    columns = tables.of(problem)
    people = len(problem.volunteers)
    city, cell_of = city_of(people_of(columns, weights), needs_of(columns), dials_of(columns, weights))
    arcs = Collector(city, cell_of, np.arange(people)).first(columns.orders.positions, people + 1).arcs
    for first, stop in zip(arcs.ptr[:-1].tolist(), arcs.ptr[1:].tolist(), strict=True):
        yield arcs.volunteer[first:stop], arcs.cost[first:stop]
