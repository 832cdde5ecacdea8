"""One order a volunteer in this batch: the exact answer, as a min-cost flow.

Order nodes supply as many units as they have positions. A unit goes through a volunteer (capacity 1) for
the pair's cost, or straight to the sink for the price of staying open, which outweighs every other cost of
the plan together.
"""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from dispatch.candidates import Candidates
from dispatch.geo import IntArray

LARGEST = 1 << 60  # the solver multiplies costs by the number of nodes in 64 bits


class FlowFailed(Exception):
    """The flow could not be solved; the message says why."""


@dataclass(frozen=True, slots=True)
class Network:
    """All arcs of all orders laid end to end: order and volunteer of each, its cost, and the price of open
    positions."""

    order: IntArray
    volunteer: IntArray
    cost: IntArray
    positions: IntArray
    open_price: IntArray


def solve(options: list[Candidates], open_price: IntArray) -> list[IntArray]:
    """For each order (in the order given), which of its candidates serve it. Raises FlowFailed."""
    positions = np.array([option.order.positions for option in options], dtype=np.int64)
    widths = np.array([len(option) for option in options], dtype=np.int64)
    net = Network(
        np.repeat(np.arange(len(options)), widths),
        _flat([option.who for option in options]),
        _flat([option.cost for option in options]),
        positions,
        open_price,
    )
    used = _flow(net)
    return [np.flatnonzero(part) for part in np.split(used, np.cumsum(widths)[:-1])] if options else []


def _flow(net: Network) -> IntArray:
    if not len(net.order):
        return np.zeros(0, dtype=np.int64)
    people, volunteer = np.unique(net.volunteer, return_inverse=True)
    orders = len(net.positions)
    sink = orders + len(people)
    check_size(int(net.open_price.max()) + int(net.cost.max()), int(net.positions.sum()), sink + 1)
    flow = min_cost_flow.SimpleMinCostFlow()
    tails = np.concatenate([net.order, np.arange(orders), orders + np.arange(len(people))])
    heads = np.concatenate([orders + volunteer, np.full(orders + len(people), sink)])
    capacity = np.concatenate([np.ones_like(net.cost), net.positions, np.ones_like(people)])
    cost = np.concatenate([net.cost, net.open_price, np.zeros_like(people)])
    flow.add_arcs_with_capacity_and_unit_cost(tails.astype(np.int32), heads.astype(np.int32), capacity, cost)
    supply = np.append(net.positions, -net.positions.sum())
    flow.set_nodes_supplies(np.append(np.arange(orders), sink).astype(np.int32), supply)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise FlowFailed(f"min-cost flow answered {status.name}")
    return np.asarray(flow.flows(np.arange(len(net.order), dtype=np.int32)), dtype=np.int64)


def check_size(dearest: int, positions: int, nodes: int) -> None:
    """64 bits hold the scaled costs and the sum of the whole objective, or the flow is not tried."""
    if dearest * (nodes + 1) * 2 >= LARGEST or dearest * positions >= LARGEST:
        raise FlowFailed(f"costs up to {dearest} over {nodes} nodes do not fit 64 bits")


def _flat(parts: list[IntArray]) -> IntArray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
