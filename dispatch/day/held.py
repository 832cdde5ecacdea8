"""A plan in the making: who does what in which order, as arrays that compiled loops change in place.

A stop is a pair (a number between ptr[s] and ptr[s + 1]): this shift does this task. Everything here keeps the plan
feasible: routes in time, limits shared by shifts respected, an order staffed in full and at one moment or not at all.
"""

from typing import NamedTuple

import numpy as np

from dispatch.compiled import compiled
from dispatch.day import routes
from dispatch.day.shifts import Shifts
from dispatch.geo import IntArray

FREE = -1


class Held(NamedTuple):
    """S shifts, O orders, T tasks, P pairs.

    stops (S, most stops), size (S), worth (S: points of the orders served less the route's cost), holder (O, most
    people: the shifts that serve it, -1 = nobody), task (O: the task served, -1 = none), used (L: of each shared
    limit); and what never changes: shift_of (P), by_task (T + 1) with task_pair (P: the pairs of a task) and by_order
    (O + 1: the tasks of an order).
    """

    stops: IntArray
    size: IntArray
    worth: IntArray
    holder: IntArray
    task: IntArray
    used: IntArray
    shift_of: IntArray
    by_task: IntArray
    task_pair: IntArray
    by_order: IntArray


def nothing(day: Shifts) -> Held:
    """The plan that serves nobody."""
    shifts, orders, tasks = len(day.begin), len(day.order_people), len(day.task_order)
    shift_of = np.repeat(np.arange(shifts, dtype=np.int64), np.diff(day.ptr))
    ends = np.cumsum(np.bincount(day.pair_task, minlength=tasks))
    people = int(day.order_people.max(initial=1))
    return Held(
        stops=np.full((shifts, int(day.most.max(initial=1))), FREE, dtype=np.int64),
        size=np.zeros(shifts, dtype=np.int64),
        worth=np.zeros(shifts, dtype=np.int64),
        holder=np.full((orders, people), FREE, dtype=np.int64),
        task=np.full(orders, FREE, dtype=np.int64),
        used=np.zeros(len(day.limit_volunteer), dtype=np.int64),
        shift_of=shift_of,
        by_task=np.concatenate([np.zeros(1, dtype=np.int64), ends]).astype(np.int64),
        task_pair=np.argsort(day.pair_task, kind="stable").astype(np.int64),
        by_order=np.searchsorted(day.task_order, np.arange(orders + 1)).astype(np.int64),
    )


def copy(held: Held) -> Held:
    """The same plan, to be changed without changing this one."""
    changing = {name: getattr(held, name).copy() for name in ("stops", "size", "worth", "holder", "task", "used")}
    return held._replace(**changing)


def tasks_of(day: Shifts, held: Held) -> list[tuple[int, list[int]]]:
    """(shift, its tasks in sequence) of every route."""
    stops = held.stops
    return [(int(s), day.pair_task[stops[s, : held.size[s]]].tolist()) for s in np.flatnonzero(held.size)]


@compiled
def room(day: Shifts, held: Held, shift: int, seconds: int) -> bool:
    """Whether one more service of so many seconds stays within every limit."""
    if held.size[shift] >= day.most[shift]:
        return False
    served = seconds
    for k in range(held.size[shift]):
        served += day.task_seconds[day.pair_task[held.stops[shift, k]]]
    if served > day.most_seconds[shift]:
        return False
    row = day.day_limit[shift]
    if row >= 0 and held.used[row] >= day.limit_orders[row]:
        return False
    row = day.week_limit[shift]
    return row < 0 or held.used[row] + seconds <= day.limit_seconds[row]


@compiled
def worth(day: Shifts, shift: int, stops: IntArray, size: int) -> int:
    """Points of the orders on a route less the route's cost; NEVER below nothing where it is too late somewhere."""
    if size == 0:
        return 0
    to_come, behind = routes.begin(day, shift)
    here, way, minutes, value = int(day.from_place[shift]), 0, 0, 0
    for k in range(size):
        pair = stops[k]
        task = day.pair_task[pair]
        leg = routes.travel(day, shift, here, day.task_order[task])
        to_come, behind = routes.ready(day, shift, to_come, behind, leg)
        to_come, behind = routes.serve(
            day.task_first[task], day.pair_last[pair], day.task_seconds[task], to_come, behind
        )
        if min(to_come, behind) > day.end[shift]:
            return -routes.NEVER
        here = int(day.task_order[task])
        way += leg
        minutes += day.task_seconds[task] // 60
        value += day.task_value[task] - day.pair_points[pair]
    leg = routes.travel(day, shift, here, day.to_place[shift])
    to_come, behind = routes.ready(day, shift, to_come, behind, leg)
    if behind > day.end[shift]:
        return -routes.NEVER
    return value - routes.points(day, shift, way + leg, minutes)


@compiled
def insertion(day: Shifts, held: Held, shift: int, pair: int, route: IntArray) -> tuple[int, int]:
    """(worth of the shift with the pair put in at the best place, that place); -NEVER where there is none.

    `route` is scratch space for one stop more than any shift has.
    """
    size = held.size[shift]
    best, place = -routes.NEVER, -1
    for k in range(size):
        route[k + 1] = held.stops[shift, k]
    for at in range(size + 1):
        route[at] = pair
        found = worth(day, shift, route, size + 1)
        if found > best:
            best, place = found, at
        if at < size:
            route[at] = held.stops[shift, at]
    return best, place


@compiled
def put(day: Shifts, held: Held, shift: int, pair: int, place: int, worth_now: int) -> None:
    """Put a pair into a route and book what it uses."""
    for k in range(held.size[shift], place, -1):
        held.stops[shift, k] = held.stops[shift, k - 1]
    held.stops[shift, place] = pair
    held.size[shift] += 1
    held.worth[shift] = worth_now
    book(day, held, shift, pair, 1)


@compiled
def take(day: Shifts, held: Held, shift: int, order: int) -> None:
    """Take an order out of one route."""
    size = held.size[shift]
    at = 0
    while day.task_order[day.pair_task[held.stops[shift, at]]] != order:
        at += 1
    book(day, held, shift, held.stops[shift, at], -1)
    for k in range(at, size - 1):
        held.stops[shift, k] = held.stops[shift, k + 1]
    held.stops[shift, size - 1] = FREE
    held.size[shift] = size - 1
    held.worth[shift] = worth(day, shift, held.stops[shift], size - 1)


@compiled
def book(day: Shifts, held: Held, shift: int, pair: int, sign: int) -> None:
    """Write down (sign 1) or cross out (sign -1) that a shift does a task."""
    task = day.pair_task[pair]
    order = day.task_order[task]
    if day.day_limit[shift] >= 0:
        held.used[day.day_limit[shift]] += sign
    if day.week_limit[shift] >= 0:
        held.used[day.week_limit[shift]] += sign * day.task_seconds[task]
    for k in range(day.order_people[order]):
        if sign > 0 and held.holder[order, k] == FREE:
            held.holder[order, k] = shift
            held.task[order] = task
            return
        if sign < 0 and held.holder[order, k] == shift:
            held.holder[order, k] = FREE
            if k == 0:
                held.task[order] = FREE
            return


@compiled
def drop(day: Shifts, held: Held, order: int) -> None:
    """Nobody serves the order any more."""
    for k in range(day.order_people[order]):
        shift = held.holder[order, k]
        if shift != FREE:
            take(day, held, shift, order)
    held.task[order] = FREE


@compiled
def limits(day: Shifts, held: Held, shift: int) -> tuple[int, int]:
    """Orders and seconds of service that a shift may have, what other shifts of the volunteer use being fixed."""
    seconds = 0
    for k in range(held.size[shift]):
        seconds += day.task_seconds[day.pair_task[held.stops[shift, k]]]
    most, most_seconds = day.most[shift], day.most_seconds[shift]
    row = day.day_limit[shift]
    if row >= 0:
        most = min(most, day.limit_orders[row] - held.used[row] + held.size[shift])
    row = day.week_limit[shift]
    if row >= 0:
        most_seconds = min(most_seconds, day.limit_seconds[row] - held.used[row] + seconds)
    return most, most_seconds


@compiled
def replace(day: Shifts, held: Held, shift: int, pairs: IntArray, found: IntArray, stops: int) -> None:
    """Give a shift the route of pairs[found[0]], pairs[found[1]] …; orders new to it must be free."""
    for k in range(held.size[shift]):
        book(day, held, shift, held.stops[shift, k], -1)
        held.stops[shift, k] = FREE
    for k in range(stops):
        held.stops[shift, k] = pairs[found[k]]
        book(day, held, shift, held.stops[shift, k], 1)
    held.size[shift] = stops
    held.worth[shift] = worth(day, shift, held.stops[shift], stops)
