"""Instant matching of a city of tables as the measurements need it.

The engine's whole call, arcs for its peer, its solver on just these, and a proof by pairs worked out anew.
"""

from dataclasses import dataclass

import numpy as np

from dispatch import Weights
from dispatch.fast.arrays import dials_of, needs_of, people_of
from dispatch.fast.lists import Collector
from dispatch.fast.match import Ties, city_of, match_tables
from dispatch.geo import IntArray
from dispatch.instant import paths as ssp
from dispatch.instant.network import Answer, Network
from dispatch.tables import Tables
from tests.bench.pairs import City
from tests.bench.peers.flow import Arcs


@dataclass(frozen=True, slots=True)
class Matched:
    """Chosen pairs by row of the tables, the prices that prove them, seconds of each stage."""

    order: IntArray
    volunteer: IntArray
    order_price: IntArray
    volunteer_price: IntArray
    unfilled: int
    objective: int
    certificate: str
    solver: str
    seconds: dict[str, float]


def whole(tables: Tables) -> Matched:
    """Index, candidates, matching and certificate of a whole city under the usual weights."""
    found = match_tables(tables, Weights(), seed=0)
    return Matched(
        found.order, found.volunteer, found.order_price, found.volunteer_price, found.unfilled, found.objective,
        found.certificate, found.solver, found.seconds,
    )  # fmt: skip


def arcs_of(tables: Tables, width: int, unfilled: int) -> Arcs:
    """The `width` cheapest pairs of every order (twice as many as it has positions, where that is more)."""
    weights, positions = Weights(), tables.orders.positions
    city, cell_of = city_of(people_of(tables, weights), needs_of(tables), dials_of(tables, weights))
    rank = Ties.drawn(tables, 0).rank
    ptr, volunteer, cost = Collector(city, cell_of, rank).first(positions, width).arcs
    order = np.repeat(np.arange(len(positions)), np.diff(ptr))
    return Arcs(order, volunteer, cost, positions, tables.orders.priority * unfilled)


def network_of(arcs: Arcs, volunteers: int) -> Network:
    """The same arcs as the engine's own solver takes them, more urgent orders first."""
    ptr = np.searchsorted(arcs.order, np.arange(len(arcs.positions) + 1))
    turn = np.argsort(-arcs.open_price, kind="stable")
    return Network(ssp.Arcs(ptr, arcs.volunteer, arcs.cost), arcs.positions, arcs.open_price, volunteers, turn)


def objective_of(arcs: Arcs, answer: Answer) -> int:
    filled = np.bincount(arcs.order[answer.used], minlength=len(arcs.positions))
    return int(arcs.cost[answer.used].sum()) + int((arcs.positions - filled) @ arcs.open_price)


def proven(tables: Tables, found: Matched, sample: int = 0) -> int:
    """How many conditions of optimality fail, with pairs and costs worked out anew (pairs.py); 0 proves the matching.

    Every pair costs no less than its order's price less its volunteer's, and just that where it is chosen; idle
    volunteers are free, an order is worth no more than its open price, and that where a position is open; and the
    prices add up to the objective. Of every order's pairs, or of `sample` orders'.
    """
    orders, people = len(tables.orders), len(tables.volunteers)
    p, q = found.order_price, found.volunteer_price
    open_price = tables.orders.priority * found.unfilled
    filled = np.bincount(found.order, minlength=orders)
    served = np.bincount(found.volunteer, minlength=people)
    left = tables.orders.positions - filled
    faults = [
        served > 1,
        left < 0,
        q < 0,
        p < 0,
        (served == 0) & (q != 0),
        p > open_price,
        (left > 0) & (p != open_price),
        np.array([int(p @ tables.orders.positions) - int(q.sum()) != found.objective]),
    ]
    city = City.of(tables, Weights())
    checked = np.arange(orders) if not sample else np.unique(np.linspace(0, orders - 1, sample).astype(np.int64))
    turn = np.argsort(found.order, kind="stable")
    bounds = np.searchsorted(found.order[turn], np.arange(orders + 1))
    for order in checked.tolist():
        who, cost = city.row(order)
        reduced = cost + q[who] - p[order]
        chosen = found.volunteer[turn[bounds[order] : bounds[order + 1]]]
        at = np.searchsorted(who, chosen)
        inside = who[np.minimum(at, max(len(who) - 1, 0))] == chosen if len(who) else np.zeros(len(chosen), np.bool_)
        faults += [reduced < 0, ~inside, reduced[at[inside]] != 0]
    return int(sum(np.count_nonzero(one) for one in faults))
