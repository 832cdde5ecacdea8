"""The prices at which the routes of a pool share out the orders: the restricted master problem, without an LP solver.

Every shift picks among its routes (and doing nothing) as if by lot, a route worth m points less being exp(-m / heat)
times as likely. The prices at which the expected demand meets what there is minimise a smooth convex function, and at
little heat they are prices of the linear program. One price after the other is set to where its own demand and supply
meet (coordinate descent); lower the heat step by step. In place of the corner that simplex ends in, this gives prices
from the middle of all good ones, at which new routes are worth the most, and it takes milliseconds.
"""

import math
from typing import NamedTuple

import numpy as np

from dispatch.compiled import compiled
from dispatch.day.pool import Uses
from dispatch.geo import FloatArray, IntArray

FARTHEST = 30.0  # heats that one price moves at a time, so that no weight overflows
CLOSE = 1e-3
EVERY = 4  # sweeps until it is tried whether prices want to go on the same way
LEAST = 1e-300


class Lot(NamedTuple):
    """How likely every route is, up to a factor of its shift: `weight` (R), and its sum by shift with doing nothing."""

    weight: FloatArray
    total: FloatArray


@compiled
def settle(
    shift: IntArray,
    worth: FloatArray,
    share: Uses,
    supply: FloatArray,
    price: FloatArray,
    heat: float,
    sweeps: int,
    shifts: int,
) -> FloatArray:
    """Move `price` (one a row) in place; at most so many sweeps. Returns each route's probability.

    `worth` is of the routes at no price, in points; `supply` is what there is of each row.
    """
    lot = Lot(np.empty(len(shift)), np.empty(shifts))
    mine, rest = np.empty(shifts), np.empty(shifts)
    before, ahead, leap = price.copy(), price.copy(), 1.0
    for sweep in range(sweeps):
        value = weigh(shift, worth, share, price, heat, lot) + (supply * price).sum()
        if sweep > 0 and sweep % EVERY == 0:
            ahead[:] = np.maximum(price + leap * (price - before), 0.0)
            before[:] = price
            if weigh(shift, worth, share, ahead, heat, lot) + (supply * ahead).sum() < value:
                price[:] = ahead
                leap *= 2
            else:
                weigh(shift, worth, share, price, heat, lot)
                leap = max(leap / 2, 1.0)
        moved = 0.0
        for i in range(len(supply)):
            if share.ptr[i] < share.ptr[i + 1]:
                step = clear(shift, share, i, supply[i], price[i] / heat, lot, mine, rest)
                price[i] = max(price[i] + step * heat, 0.0)
                moved += abs(step)
        if moved < CLOSE * len(supply):
            break
    weigh(shift, worth, share, price, heat, lot)
    return lot.weight / lot.total[shift]


@compiled
def weigh(shift: IntArray, worth: FloatArray, share: Uses, price: FloatArray, heat: float, lot: Lot) -> float:
    """Weights at these prices, the likeliest choice of each shift weighing 1. Returns what all shifts make, with the
    worth of having a choice: the part of the smooth convex function that the shifts add."""
    lot.weight[:] = worth
    for i in range(len(price)):
        for e in range(share.ptr[i], share.ptr[i + 1]):
            lot.weight[share.route[e]] -= price[i] * share.amount[e]
    best = np.zeros(len(lot.total))
    for r in range(len(shift)):
        best[shift[r]] = max(best[shift[r]], lot.weight[r])
    lot.total[:] = np.exp(-best / heat)
    for r in range(len(shift)):
        lot.weight[r] = math.exp((lot.weight[r] - best[shift[r]]) / heat)
        lot.total[shift[r]] += lot.weight[r]
    return (best + heat * np.log(lot.total)).sum()


@compiled
def clear(
    shift: IntArray, share: Uses, i: int, supply: float, price: float, lot: Lot, mine: FloatArray, rest: FloatArray
) -> float:
    """Set the price of one row so that demand meets supply, or to zero; weights follow. Returns the step, in heats."""
    first, last = share.ptr[i], share.ptr[i + 1]
    groups, at, unit = 0, -1, True
    for e in range(first, last):
        r = share.route[e]
        if shift[r] != at:
            at, groups = shift[r], groups + 1
            mine[groups - 1], rest[groups - 1] = 0.0, lot.total[at]
        mine[groups - 1] += lot.weight[r]
        unit = unit and share.amount[e] == 1.0
    for g in range(groups):
        rest[g] = max(rest[g] - mine[g], LEAST)
    least = max(-price, -FARTHEST)
    step = balance(mine[:groups], rest[:groups], supply, least) if unit else lean(shift, share, i, supply, least, lot)
    at, group = -1, -1
    for e in range(first, last):
        r = share.route[e]
        if shift[r] != at:
            at, group = shift[r], group + 1
            lot.total[at] = rest[group]
        lot.weight[r] *= math.exp(-step * share.amount[e])
        lot.total[at] += lot.weight[r]
    return step


@compiled
def balance(mine: FloatArray, rest: FloatArray, supply: float, least: float) -> float:
    """The step at which the sum of mine·t / (rest + mine·t), t = exp(-step), is the supply: Newton within brackets."""
    low, high, step = least, FARTHEST, 0.0
    for _ in range(12):
        t = math.exp(-step)
        demand, slope = -supply, 0.0
        for g in range(len(mine)):
            x = mine[g] * t / (rest[g] + mine[g] * t)
            demand += x
            slope += x * (1.0 - x)
        if abs(demand) < CLOSE or (demand < 0.0 and step <= least):
            break
        if demand > 0.0:
            low = step
        else:
            high = step
        step += demand / max(slope, 1e-9)
        if demand < 0.0 and step <= least:
            step = least
        elif step <= low or step >= high:
            step = (low + high) / 2
    return step


@compiled
def lean(shift: IntArray, share: Uses, i: int, supply: float, least: float, lot: Lot) -> float:
    """One careful step of Newton where routes use different amounts."""
    demand, slope, largest = -supply, 0.0, 1.0
    at, mean = -1, 0.0
    for e in range(share.ptr[i], share.ptr[i + 1]):
        r, amount = share.route[e], share.amount[e]
        if shift[r] != at:
            slope -= mean * mean
            at, mean = shift[r], 0.0
        x = lot.weight[r] / lot.total[at] * amount
        mean += x
        demand += x
        slope += x * amount
        largest = max(largest, amount)
    slope -= mean * mean
    return min(max(demand / max(slope, 1e-9), least, -1.0 / largest), 1.0 / largest)
