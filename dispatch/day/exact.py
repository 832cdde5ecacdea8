"""Closing the gap: the few routes that a better plan could consist of, all of them, and CP-SAT over these.

The bound counts for every shift the most it can make at the prices. A plan that beats the best known by a point can
give away less than the gap in all, so each of its routes makes more than its shift's most less the gap. Where these
routes are few enough to list, the best choice among them is the best plan there is.
"""

import numpy as np
from ortools.sat.python import cp_model

from dispatch.day import pool as pools
from dispatch.day.columns import Columns, sold
from dispatch.day.dive import plan
from dispatch.day.held import Held
from dispatch.day.pool import Pool
from dispatch.day.pricing import NOTHING, Prices, best_routes

MOST_A_SHIFT = 300  # routes
CHUNK = 20  # shifts
CAP = 30_000  # nodes for all of these
EFFORT = 4.0  # CP-SAT's own measure of its work, about seconds


def close(columns: Columns, best: Held, seconds: float) -> tuple[Held, int]:
    """The best plan found and the points that no plan exceeds; both as they were, where the routes are too many.

    CP-SAT stops after its EFFORT, in an emergency after so many `seconds`.
    """
    day, prices = columns.day, columns.best
    asked = np.arange(len(day.begin), dtype=np.int64)
    most = best_routes(day, columns.table, prices, columns.banned, asked, 1, CAP)[2]
    proven = sold(day, prices) + int(most.sum())
    pool = listed(columns, prices._replace(shift=most), proven - int(best.worth.sum()))
    proven = min(columns.most, proven)
    return (best, proven) if pool is None else choose(columns, pool, best, proven, seconds)


def listed(columns: Columns, prices: Prices, gap: int) -> Pool | None:
    """Every route that makes more than its shift's price less the gap, or None where they are too many."""
    day, pool = columns.day, pools.empty(columns.day)
    for first in range(0, len(day.begin), CHUNK):
        asked = np.arange(first, min(first + CHUNK, len(day.begin)), dtype=np.int64)
        value, route, _, nodes = best_routes(day, columns.table, prices, columns.banned, asked, MOST_A_SHIFT, CAP, gap)
        pool = pools.joined(pool, pools.found(day, asked, value, route, prices))
        if nodes > CAP or (value[:, -1] > NOTHING).any():
            return None
    return pool


def choose(columns: Columns, pool: Pool, best: Held, proven: int, seconds: float) -> tuple[Held, int]:
    """CP-SAT over routes that hold every plan better than the best."""
    model, worth = cp_model.CpModel(), int(best.worth.sum())
    taken = [model.new_bool_var("") for _ in range(len(pool.shift))]
    value = sum(int(points) * one for points, one in zip(pool.worth.tolist(), taken, strict=True))
    _restrict(model, columns, pool, taken)
    model.add(value >= worth + 1)
    model.maximize(value)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = EFFORT
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return best, worth
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return best, proven
    rows = [r for r, one in enumerate(taken) if solver.value(one)]
    first = columns.day.ptr[pool.shift]
    chosen = [
        (int(pool.shift[r]), [int(first[r]) + place for place in pool.route[r].tolist() if place >= 0]) for r in rows
    ]
    held = plan(columns.day, chosen)
    done = int(held.worth.sum()) if status == cp_model.OPTIMAL else int(np.floor(solver.best_objective_bound + 1))
    return held, min(proven, done)


def _restrict(model: cp_model.CpModel, columns: Columns, pool: Pool, taken: list[cp_model.IntVar]) -> None:
    """One route a shift; orders once, or in full at one start, or not; shared limits kept."""
    day = columns.day
    by_shift: dict[int, list[cp_model.IntVar]] = {}
    by_task: dict[int, list[cp_model.IntVar]] = {}
    by_limit: dict[int, list[cp_model.LinearExpr]] = {}
    for r, one in enumerate(taken):
        shift = int(pool.shift[r])
        tasks = [int(day.pair_task[day.ptr[shift] + place]) for place in pool.route[r].tolist() if place >= 0]
        by_shift.setdefault(shift, []).append(one)
        for task in tasks:
            by_task.setdefault(task, []).append(one)
        seconds = sum(int(day.task_seconds[task]) for task in tasks)
        for row, much in ((int(day.day_limit[shift]), len(tasks)), (int(day.week_limit[shift]), seconds)):
            if row >= 0:
                by_limit.setdefault(row, []).append(much * one)
    for routes in by_shift.values():
        model.add_at_most_one(routes)
    starts: dict[int, list[cp_model.IntVar]] = {}
    for task, routes in by_task.items():
        order = int(day.task_order[task])
        held = model.new_bool_var("")
        starts.setdefault(order, []).append(held)
        model.add(sum(routes) == int(day.order_people[order]) * held)
    for helds in starts.values():
        model.add_at_most_one(helds)
    for row, uses in by_limit.items():
        model.add(sum(uses) <= int(max(day.limit_orders[row], day.limit_seconds[row])))
