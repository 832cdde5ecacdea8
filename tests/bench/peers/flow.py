"""OR-Tools' SimpleMinCostFlow on the candidate arcs of an instant batch; only solve() itself is timed.

Order nodes supply as many units as they have positions; a unit reaches the sink through a volunteer, or stays open.
"""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from dispatch.geo import IntArray
from tests.bench.clock import Spent, timed


@dataclass(frozen=True, slots=True)
class Arcs:
    """Who may serve what at what cost, all orders laid end to end; `open_price` is that of each open position."""

    order: IntArray
    volunteer: IntArray
    cost: IntArray
    positions: IntArray
    open_price: IntArray


@dataclass(frozen=True, slots=True)
class Flow:
    """The least cost over these arcs, and what bare solve() took."""

    objective: int
    filled: int
    spent: Spent


def solve(arcs: Arcs) -> Flow:
    """The network is built outside the clock, as are reading it back and adding up."""
    people, volunteer = np.unique(arcs.volunteer, return_inverse=True)
    orders = len(arcs.positions)
    sink = orders + len(people)
    flow = min_cost_flow.SimpleMinCostFlow()
    tails = np.concatenate([arcs.order, np.arange(orders), orders + np.arange(len(people))])
    heads = np.concatenate([orders + volunteer, np.full(orders + len(people), sink)])
    capacity = np.concatenate([np.ones_like(arcs.cost), arcs.positions, np.ones(len(people), dtype=np.int64)])
    cost = np.concatenate([arcs.cost, arcs.open_price, np.zeros(len(people), dtype=np.int64)])
    flow.add_arcs_with_capacity_and_unit_cost(tails.astype(np.int32), heads.astype(np.int32), capacity, cost)
    supply = np.append(arcs.positions, -arcs.positions.sum())
    flow.set_nodes_supplies(np.append(np.arange(orders), sink).astype(np.int32), supply)
    status, spent = timed(flow.solve)
    if status != flow.OPTIMAL:
        raise RuntimeError(f"SimpleMinCostFlow answered {status.name}")
    used = np.asarray(flow.flows(np.arange(len(arcs.order) + orders, dtype=np.int32)), dtype=np.int64)
    objective = int(used @ np.concatenate([arcs.cost, arcs.open_price]))
    return Flow(objective, int(used[: len(arcs.order)].sum()), spent)
