"""One new order a volunteer in this batch: the exact answer, and the prices that prove it.

A position goes to a volunteer for the pair's cost, or stays open at a price that outweighs every other cost of the plan
together. Shortest augmenting paths (paths.py) while these are quick; where people are so scarce that the searches grow
long, a min-cost flow: order nodes supply as many units as they have positions.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from ortools.graph.python import min_cost_flow

from dispatch.geo import IntArray
from dispatch.instant import paths as ssp
from dispatch.instant.paths import FREE, Arcs, Work

LARGEST = 1 << 60  # the flow multiplies costs by the number of nodes in 64 bits
# Lists looked through for each row, two hundred rows granted: plenty needs two or three, scarcity up to a hundred.
PATIENCE = 150
PLAIN_PATIENCE = 3  # without compiling


class FlowFailed(Exception):
    """The matching could not be solved; the message says why."""


@dataclass(frozen=True, slots=True)
class Network:
    """n orders, m volunteers, and the pairs between them as `arcs` (IntArrays, ascending by cost within an order).

    `positions` and `open_price` (points for one open position) by order; `turn` is the order in which orders enter.
    """

    arcs: Arcs
    positions: IntArray
    open_price: IntArray
    volunteers: int
    turn: IntArray


@dataclass(frozen=True, slots=True)
class Answer:
    """Arcs used, ascending; the least prices that prove it; how it was found."""

    used: IntArray
    order_price: IntArray
    volunteer_price: IntArray
    solver: str
    scans: int


class Loops(Protocol):
    """The functions of paths.py, compiled or plain, and the kind of number list they take."""

    def augment(self, arcs: Arcs, order_of: Any, open_price: Any, work: Work, budget: int) -> int: ...

    def settle_prices(
        self, arcs: Arcs, open_price: Any, holder: Any, paid: Any, p: Any, q: Any, queue: Any, queued: Any
    ) -> bool: ...

    def numbers(self, values: IntArray) -> Any: ...


class PlainLoops:
    """Without compiling: lists, and numbers of any size."""

    augment = staticmethod(ssp.augment)
    settle_prices = staticmethod(ssp.settle_prices)
    numbers = staticmethod(np.ndarray.tolist)


def solve(net: Network, loops: Loops | None = None, patience: int | None = None) -> Answer:
    """The cheapest plan of a network. Raises FlowFailed."""
    patience = (PATIENCE if loops else PLAIN_PATIENCE) if patience is None else patience
    loops = loops or PlainLoops()
    return by_paths(net, loops, patience) or by_flow(net, loops)


def by_paths(net: Network, loops: Loops, patience: float) -> Answer | None:
    """By augmenting paths, or None where that would take too long. Raises FlowFailed."""
    check_size(net)
    arcs, open_price = Arcs(*(loops.numbers(part) for part in net.arcs)), loops.numbers(net.open_price)
    rows = _rows(net)
    work, order_of = _work(net, rows, loops), loops.numbers(rows)
    scans = loops.augment(arcs, order_of, open_price, work, int(patience * (len(rows) + 200)))
    if scans == FREE:
        return None
    order_price = np.zeros(len(net.positions), dtype=np.int64)
    order_price[rows] = work.p
    taken = np.array(work.arc, dtype=np.int64)
    return Answer(np.sort(taken[taken != FREE]), order_price, np.array(work.q, np.int64), "augmenting_paths", scans)


def by_flow(net: Network, loops: Loops) -> Answer:
    """By OR-Tools' min-cost flow. Raises FlowFailed."""
    used = flow(net)
    return Answer(used, *prices(net, used, loops), "min_cost_flow", 0)


def _rows(net: Network) -> IntArray:
    """The order of each row. One row more than an order has arcs stands for all positions that must stay open."""
    most = np.minimum(net.positions, np.diff(net.arcs.ptr) + 1)
    return np.repeat(net.turn, most[net.turn])


def _work(net: Network, rows: IntArray, loops: Loops) -> Work:
    def filled(size: int, value: int) -> Any:
        return loops.numbers(np.full(size, value, dtype=np.int64))

    size, people = len(rows), net.volunteers
    return Work(
        arc=filled(size, FREE), row=filled(people, FREE), p=filled(size, 0), q=filled(people, 0),
        reached=filled(people, FREE), distance=filled(people, 0), by_row=filled(people, 0), by_arc=filled(people, 0),
        seen=filled(len(net.positions), FREE),
    )  # fmt: skip


def prices(net: Network, used: IntArray, loops: Loops) -> tuple[IntArray, IntArray]:
    """The least prices that prove a plan; FlowFailed where it is not the cheapest."""
    arcs, open_price = Arcs(*(loops.numbers(part) for part in net.arcs)), loops.numbers(net.open_price)
    orders = len(net.positions)
    order = np.repeat(np.arange(orders), np.diff(net.arcs.ptr))[used]
    holder = np.full(net.volunteers, FREE, dtype=np.int64)
    paid = np.zeros(net.volunteers, dtype=np.int64)
    holder[net.arcs.volunteer[used]], paid[net.arcs.volunteer[used]] = order, net.arcs.cost[used]
    p = np.zeros(orders, dtype=np.int64)
    np.maximum.at(p, order, net.arcs.cost[used])
    p = np.where(np.bincount(order, minlength=orders) < net.positions, net.open_price, p)
    order_price, volunteer_price = loops.numbers(p), loops.numbers(np.zeros(net.volunteers, dtype=np.int64))
    queue, queued = (loops.numbers(np.zeros(orders, dtype=np.int64)) for _ in range(2))
    sound = loops.settle_prices(
        arcs, open_price, loops.numbers(holder), loops.numbers(paid), order_price, volunteer_price, queue, queued
    )
    if not sound:
        raise FlowFailed("the flow's plan could be improved")
    return np.array(order_price, dtype=np.int64), np.array(volunteer_price, dtype=np.int64)


def flow(net: Network) -> IntArray:
    """Arcs used by the cheapest plan, ascending, by OR-Tools' min-cost flow."""
    check_size(net)
    orders, people = len(net.positions), net.volunteers
    sink = orders + people
    if not len(net.arcs.cost):
        return np.zeros(0, dtype=np.int64)
    if (int(net.open_price.max()) + int(net.arcs.cost.max())) * (sink + 2) * 2 >= LARGEST:
        raise FlowFailed(f"costs up to {net.open_price.max()} over {sink} nodes do not fit 64 bits")
    network = min_cost_flow.SimpleMinCostFlow()
    order = np.repeat(np.arange(orders), np.diff(net.arcs.ptr))
    tails = np.concatenate([order, np.arange(orders), orders + np.arange(people)])
    heads = np.concatenate([orders + net.arcs.volunteer, np.full(orders + people, sink)])
    capacity = np.concatenate([np.ones_like(net.arcs.cost), net.positions, np.ones(people, dtype=np.int64)])
    cost = np.concatenate([net.arcs.cost, net.open_price, np.zeros(people, dtype=np.int64)])
    network.add_arcs_with_capacity_and_unit_cost(tails.astype(np.int32), heads.astype(np.int32), capacity, cost)
    supply = np.append(net.positions, -net.positions.sum())
    network.set_nodes_supplies(np.append(np.arange(orders), sink).astype(np.int32), supply)
    status = network.solve()
    if status != network.OPTIMAL:
        raise FlowFailed(f"min-cost flow answered {status.name}")
    return np.flatnonzero(network.flows(np.arange(len(net.arcs.cost), dtype=np.int32)))


def check_size(net: Network) -> None:
    """64 bits hold the sum of the whole objective, and so every price, or nothing is tried."""
    dearest = int(net.open_price.max(initial=0)) + int(net.arcs.cost.max(initial=0))
    if dearest * (int(net.positions.sum()) + 1) >= LARGEST:
        raise FlowFailed(f"costs up to {dearest} for {net.positions.sum()} positions do not fit 64 bits")
