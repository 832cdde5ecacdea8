"""Prices of the orders by Lagrangian relaxation, and plans built at these prices: compiled loops without an LP.

Every order gets a price; every shift takes its best route at these prices, as if alone; orders that several shifts want
become dearer, unwanted ones cheaper (the volume algorithm of Barahona and Anbil: steps from the best prices so far
along the average of what was wanted). Seats of meetings stay with the shifts that have them in the plan given.
"""

from typing import NamedTuple

import numpy as np

from dispatch.compiled import compiled
from dispatch.day import held as hold
from dispatch.day.held import Held
from dispatch.day.losses import serves
from dispatch.day.reopt import Desk, best_route, desk
from dispatch.day.shifts import Shifts
from dispatch.day.start import fill, hardest_first
from dispatch.geo import IntArray

SHARE_OF_NEW = 0.15


class Wishes(NamedTuple):
    """What every shift would take at some prices: pairs (S, most stops), -1 where they end; how often each order is
    wanted (O); and what each shift's route is worth beside the prices (S)."""

    route: IntArray
    wanted: IntArray
    value: IntArray


def no_wishes(day: Shifts, held: Held) -> Wishes:
    return Wishes(
        np.full_like(held.stops, hold.FREE), np.zeros(len(day.order_people), np.int64), np.zeros(len(day.begin), np.int64)
    )


@compiled
def wish(day: Shifts, held: Held, price: IntArray, wishes: Wishes, work: Desk) -> int:
    """Fill in what every shift wants by itself; returns what all these routes are worth together."""
    wishes.wanted[:] = 0
    total = 0
    for shift in range(len(day.begin)):
        wishes.route[shift] = hold.FREE
        size = offers(day, held, price, shift, False, work)
        value, stops = best_route(day, shift, size, day.most[shift], day.most_seconds[shift], 0, work)
        wishes.value[shift] = value
        total += value
        for k in range(stops):
            pair = work.pair[work.found[k]]
            wishes.route[shift, k] = pair
            wishes.wanted[day.task_order[day.pair_task[pair]]] += 1
    return total


@compiled
def offers(day: Shifts, held: Held, price: IntArray, shift: int, left_over: bool, work: Desk) -> int:
    """Put a shift's profitable pairs on the desk; where `left_over`, only those of orders not yet served."""
    size = 0
    for pair in range(day.ptr[shift], day.ptr[shift + 1]):
        task = day.pair_task[pair]
        order = day.task_order[task]
        reward = day.task_value[task] - day.pair_points[pair]
        if day.order_people[order] > 1:
            if held.task[order] != task or not serves(day, held, order, shift):
                continue
            reward += (day.order_people[order] - 1) * day.task_value[task]
        else:
            if left_over and held.task[order] != hold.FREE:
                continue
            reward -= price[order]
        if reward > 0:
            work.pair[size], work.reward[size] = pair, reward
            size += 1
    return size


@compiled
def build(day: Shifts, held: Held, price: IntArray, turn: IntArray, work: Desk) -> None:
    """Fill a plan that serves meetings only: shift by shift in turn, each its best route of what is left, at prices."""
    for shift in turn:
        size = offers(day, held, price, shift, True, work)
        most, most_seconds = hold.limits(day, held, shift)
        _, stops = best_route(day, shift, size, most, most_seconds, held.worth[shift], work)
        if stops == 0:
            continue
        for k in range(held.size[shift]):
            kept = False
            for j in range(stops):
                kept = kept or work.pair[work.found[j]] == held.stops[shift, k]
            if not kept:
                stops = 0
        if stops == 0:
            continue
        hold.replace(day, held, shift, work.pair, work.found, stops)


def priced_plan(day: Shifts, first: Held, order_rank: IntArray, shift_rank: IntArray, steps: int, every: int) -> Held:
    """The best of the plan given and of those built along the way, every so many of the steps."""
    if not len(day.pair_task):
        return first
    best, work, wishes = first, desk(day), no_wishes(day, first)
    price = np.zeros(len(day.order_people), np.int64)
    centre, lowest, mean, pace, stuck = price, np.inf, np.zeros(len(price)), 1.0, 0
    alone = day.order_people == 1
    for step in range(steps):
        bound = float(wish(day, first, price, wishes, work)) + float(price.sum())
        mean = wishes.wanted + 0.0 if step == 0 else SHARE_OF_NEW * wishes.wanted + (1 - SHARE_OF_NEW) * mean
        if bound < lowest:
            centre, lowest, stuck = price, bound, 0
            pace = min(pace * 1.1, 2.0)
        else:
            stuck += 1
            if stuck >= 5:
                pace, stuck = pace * 0.66, 0
        if (step + 1) % every == 0:
            made = built(day, first, centre, wishes, order_rank, shift_rank, work)
            if made.worth.sum() > best.worth.sum():
                best = made
            print(step, 'bound', lowest/1e5, 'now', bound/1e5, 'plan', made.worth.sum()/1e5, 'pace', pace)
        left = np.where(alone & ((mean > 1) | (centre > 0)), 1 - mean, 0.0)
        length = float((left * left).sum())
        if length == 0:
            break
        move = pace * max(lowest - float(best.worth.sum()), 1.0) / length * left
        price = np.maximum(centre - np.rint(move), 0).astype(np.int64)
    return best


def built(
    day: Shifts,
    first: Held,
    price: IntArray,
    wishes: Wishes,
    order_rank: IntArray,
    shift_rank: IntArray,
    work: Desk,
) -> Held:
    """A plan at these prices: whose route is worth most goes first."""
    made = hold.copy(first)
    clear(day, made)
    build(day, made, price, np.lexsort((shift_rank, -wishes.value)), work)
    fill(day, made, hardest_first(day, made, order_rank), shift_rank)
    return made


@compiled
def clear(day: Shifts, held: Held) -> None:
    """Take out every order of one position."""
    for order in range(len(day.order_people)):
        if day.order_people[order] == 1:
            hold.drop(day, held, order)
