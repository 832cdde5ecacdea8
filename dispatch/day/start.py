"""A first plan: order by order, the most valuable and the hardest to place first, each where it costs least."""

import numpy as np

from dispatch.compiled import compiled
from dispatch.day import held as hold
from dispatch.day.held import Held
from dispatch.day.routes import NEVER
from dispatch.day.shifts import Shifts
from dispatch.geo import IntArray


def first_plan(day: Shifts, order_rank: IntArray, shift_rank: IntArray) -> Held:
    """A feasible plan to which no single order can be added any more. The ranks (O and S) settle ties."""
    held = hold.nothing(day)
    fill(day, held, hardest_first(day, held, order_rank), shift_rank)
    return held


def hardest_first(day: Shifts, held: Held, order_rank: IntArray) -> IntArray:
    """Orders by priority; those of one priority by how few could serve them for each person they ask for."""
    chances = np.diff(held.by_task[held.by_order]) / day.order_people
    first = np.minimum(held.by_order[:-1], max(len(day.task_value) - 1, 0))
    value = day.task_value[first] if len(day.task_value) else np.zeros(len(first), dtype=np.int64)
    return np.lexsort((order_rank, chances, -value)).astype(np.int64)


@compiled
def fill(day: Shifts, held: Held, orders: IntArray, shift_rank: IntArray) -> int:
    """Serve what can still be served of these orders, one after the other. Returns how many were added."""
    route = np.empty(held.stops.shape[1] + 1, dtype=np.int64)
    added = 0
    for k in range(len(orders)):
        order = orders[k]
        if held.task[order] != hold.FREE:
            continue
        if day.order_people[order] == 1:
            added += add_one(day, held, order, shift_rank, route)
        else:
            added += add_meeting(day, held, order, shift_rank, route)
    return added


@compiled
def add_one(day: Shifts, held: Held, order: int, shift_rank: IntArray, route: IntArray) -> int:
    """Give an order of one position to whom it costs least, if that is worth it."""
    pair, place, gain = cheapest(day, held, order, shift_rank, route)
    if pair == hold.FREE:
        return 0
    shift = held.shift_of[pair]
    hold.put(day, held, shift, pair, place, held.worth[shift] + gain)
    return 1


@compiled
def cheapest(day: Shifts, held: Held, order: int, shift_rank: IntArray, route: IntArray) -> tuple[int, int, int]:
    """(pair, place in its route, points gained) of whom an order of one position costs least; -1 for nobody."""
    gain, chosen, place = 0, hold.FREE, -1
    for task in range(held.by_order[order], held.by_order[order + 1]):
        for k in range(held.by_task[task], held.by_task[task + 1]):
            pair = held.task_pair[k]
            shift = held.shift_of[pair]
            if at_most(day, shift, pair) < gain or not hold.room(day, held, shift, day.task_seconds[task]):
                continue
            found, at = hold.insertion(day, held, shift, pair, route)
            more = found - held.worth[shift]
            tied = more == gain and chosen >= 0 and shift_rank[shift] < shift_rank[held.shift_of[chosen]]
            if more > gain or tied:
                gain, chosen, place = more, pair, at
    return chosen, place, gain


@compiled
def at_most(day: Shifts, shift: int, pair: int) -> int:
    """Points a pair adds to a shift if its place lies on the way."""
    task = day.pair_task[pair]
    minutes = day.task_seconds[task] // 60
    tired = (2 * day.load[shift] + minutes) * minutes * day.fairness // 3600
    return day.task_value[task] - day.pair_points[pair] - tired


@compiled
def add_meeting(day: Shifts, held: Held, order: int, shift_rank: IntArray, route: IntArray) -> int:
    """Give an order of several positions to the team and the common start that cost least together."""
    team = np.empty(day.order_people[order], dtype=np.int64)
    if not best_team(day, held, order, team, shift_rank, route):
        return 0
    for pair in team:
        shift = held.shift_of[pair]
        found, at = hold.insertion(day, held, shift, pair, route)
        hold.put(day, held, shift, pair, at, found)
    return 1


@compiled
def best_team(day: Shifts, held: Held, order: int, chosen: IntArray, shift_rank: IntArray, route: IntArray) -> bool:
    """Fill `chosen` with the pairs of the cheapest team; False where no team gains anything."""
    gains, team = np.empty_like(chosen), np.empty_like(chosen)
    best = 0
    for task in range(held.by_order[order], held.by_order[order + 1]):
        if held.by_task[task + 1] - held.by_task[task] < len(team):
            continue
        if gather_team(day, held, task, gains, team, shift_rank, route) and gains.sum() > best:
            best = gains.sum()
            chosen[:] = team
    return best > 0


@compiled
def gather_team(
    day: Shifts, held: Held, task: int, gains: IntArray, team: IntArray, shift_rank: IntArray, route: IntArray
) -> bool:
    """Fill `team` with the pairs that gain most for one common start; False where too few people can come.

    A volunteer's shifts do not overlap, so no two of them can do the same task.
    """
    gains[:] = -NEVER
    team[:] = hold.FREE
    for k in range(held.by_task[task], held.by_task[task + 1]):
        pair = held.task_pair[k]
        shift = held.shift_of[pair]
        if not hold.room(day, held, shift, day.task_seconds[task]):
            continue
        found, _ = hold.insertion(day, held, shift, pair, route)
        more = found - held.worth[shift]
        at = len(team) - 1
        if found == -NEVER or not better(gains[at], team[at], more, pair, held, shift_rank):
            continue
        while at > 0 and better(gains[at - 1], team[at - 1], more, pair, held, shift_rank):
            gains[at], team[at] = gains[at - 1], team[at - 1]
            at -= 1
        gains[at], team[at] = more, pair
    return team[len(team) - 1] != hold.FREE


@compiled
def better(gain: int, pair: int, other_gain: int, other: int, held: Held, shift_rank: IntArray) -> bool:
    """Whether the other pair comes before this one (or before nobody)."""
    if pair == hold.FREE or other_gain > gain:
        return True
    return other_gain == gain and shift_rank[held.shift_of[other]] < shift_rank[held.shift_of[pair]]
