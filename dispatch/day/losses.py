"""What the rest of a plan would lose with one order: the price at which another shift may have it."""

from typing import NamedTuple

import numpy as np

from dispatch.compiled import compiled
from dispatch.day import held as hold
from dispatch.day.held import Held
from dispatch.day.routes import NEVER
from dispatch.day.shifts import Shifts
from dispatch.geo import IntArray


class Losses(NamedTuple):
    """What the plan loses with one seat of an order (O points), and the seat (place in `holder`) that is cheapest."""

    points: IntArray
    seat: IntArray


def none_yet(day: Shifts) -> Losses:
    """Nothing is for sale before it has been looked at."""
    orders = len(day.order_people)
    return Losses(np.full(orders, NEVER, np.int64), np.zeros(orders, np.int64))


@compiled
def lose(day: Shifts, held: Held, losses: Losses, shift: int, route: IntArray) -> None:
    """Work out what this shift loses with each of its stops, at best."""
    size = held.size[shift]
    if size == 0:
        return
    for at in range(size):
        task = day.pair_task[held.stops[shift, at]]
        order = day.task_order[task]
        for k in range(size - 1):
            route[k] = held.stops[shift, k if k < at else k + 1]
        left = hold.worth(day, shift, route, size - 1)
        loss = held.worth[shift] - max(left, refilled(day, held, shift, size - 1, order, left, route))
        loss = max(loss, 0)
        seat = 0
        while held.holder[order, seat] != shift:
            seat += 1
        if losses.seat[order] == seat or loss < losses.points[order] or held.holder[order, losses.seat[order]] < 0:
            losses.points[order], losses.seat[order] = loss, seat


@compiled
def refilled(day: Shifts, held: Held, shift: int, size: int, without: int, left: int, route: IntArray) -> int:
    """The worth of the first `size` stops of `route` with the best order put in that nobody serves.

    Orders of others at their own losses would make every loss too small: each counts on the next one's generosity.
    """
    best, seconds = left, 0
    for k in range(size):
        seconds += day.task_seconds[day.pair_task[route[k]]]
    kept = route[:size].copy()
    for pair in range(day.ptr[shift], day.ptr[shift + 1]):
        task = day.pair_task[pair]
        order = day.task_order[task]
        if held.task[order] != hold.FREE or day.order_people[order] > 1 or order == without:
            continue
        value = day.task_value[task] - day.pair_points[pair]
        if left + value > best and seconds + day.task_seconds[task] <= day.most_seconds[shift]:
            best = max(best, squeezed(day, shift, kept, size, pair, route))
    route[:size] = kept
    return best


@compiled
def squeezed(day: Shifts, shift: int, kept: IntArray, size: int, pair: int, route: IntArray) -> int:
    """The worth of a route with a pair put in at the best place."""
    best = -NEVER
    for at in range(size + 1):
        for k in range(size):
            route[k if k < at else k + 1] = kept[k]
        route[at] = pair
        best = max(best, hold.worth(day, shift, route, size + 1))
    return best


@compiled
def serves(day: Shifts, held: Held, order: int, shift: int) -> bool:
    """Whether a shift is among those that serve an order."""
    found = False
    for k in range(day.order_people[order]):
        found = found or held.holder[order, k] == shift
    return found


@compiled
def worth_of(day: Shifts, held: Held, losses: Losses, shift: int, pair: int) -> int:
    """Points a pair adds to its shift beside travel and fairness, less what others lose; 0 where it cannot move."""
    task = day.pair_task[pair]
    order = day.task_order[task]
    value = day.task_value[task] - day.pair_points[pair]
    people = day.order_people[order]
    if held.task[order] == hold.FREE:
        return value if people == 1 else 0
    if held.task[order] != task:
        return 0
    if serves(day, held, order, shift):
        return value + (people - 1) * day.task_value[task]
    return value - losses.points[order]
