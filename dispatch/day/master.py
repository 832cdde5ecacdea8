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
from dispatch.day.meetings import Teams, drawn, seat_step, suffixes
from dispatch.day.pool import Uses
from dispatch.geo import FloatArray, IntArray

FARTHEST = 30.0  # heats that one price moves at a time, so that no weight overflows
CLOSE = 1e-3
EVERY = 4  # sweeps until it is tried whether prices want to go on the same way
LEAST = 1e-300
TINY = 1e-15


class Lot(NamedTuple):
    """How likely every route is, up to a factor of its shift: `weight` (R), and its sum by shift with doing nothing; in
    the same way `seat` (K), and the sum of all teams by `start`."""

    weight: FloatArray
    total: FloatArray
    seat: FloatArray
    start: FloatArray


@compiled
def settle(
    shift: IntArray,
    worth: FloatArray,
    share: Uses,
    supply: FloatArray,
    team: Teams,
    price: FloatArray,
    heat: float,
    sweeps: int,
    shifts: int,
) -> FloatArray:
    """Move `price` (one a row) in place; at most so many sweeps. Returns each route's probability.

    `worth` is of the routes at no price, in points; `supply` what there is of each of the first rows, the others being
    the seats of meetings.
    """
    lot = Lot(np.empty(len(shift)), np.empty(shifts), np.empty(len(team.pair)), np.empty(len(team.task)))
    mine, rest = np.empty(shifts), np.empty(shifts)
    before, ahead, leap, plain = price.copy(), price.copy(), 1.0, len(supply)
    for sweep in range(sweeps):
        value = weigh(shift, worth, share, supply, team, price, heat, lot)
        if sweep > 0 and sweep % EVERY == 0:
            ahead[:] = price + leap * (price - before)
            ahead[:plain] = np.maximum(ahead[:plain], 0.0)
            before[:] = price
            if weigh(shift, worth, share, supply, team, ahead, heat, lot) < value:
                price[:] = ahead
                leap *= 2
            else:
                weigh(shift, worth, share, supply, team, price, heat, lot)
                leap = max(leap / 2, 1.0)
        moved = 0.0
        for i in range(plain):
            if share.ptr[i] < share.ptr[i + 1]:
                step = clear(shift, share, i, supply[i], price[i] / heat, lot, mine, rest)
                price[i] = max(price[i] + step * heat, 0.0)
                moved += abs(step)
        for m in range(len(team.order)):
            moved += convene(shift, share, team, m, price[plain:], heat, lot, plain)
        if moved < CLOSE * len(price):
            break
    weigh(shift, worth, share, supply, team, price, heat, lot)
    return lot.weight / lot.total[shift]


@compiled
def convene(
    shift: IntArray, share: Uses, team: Teams, m: int, price: FloatArray, heat: float, lot: Lot, plain: int
) -> float:
    """Set the price of every seat of a meeting, one after the other, so that it is wanted as often as it is sold."""
    out, _ = drawn(team, m, price, heat, lot.seat, lot.start)
    need, moved = team.need[m], 0.0
    whole = out + lot.start[team.ptr[m] : team.ptr[m + 1]].sum()
    if need == 0 or whole <= 0.0:
        return 0.0
    earlier = np.empty(need + 1)
    for t in range(team.ptr[m], team.ptr[m + 1]):
        first = team.seats[t]
        later = suffixes(team, t, need, lot.seat)
        earlier[:] = 0.0
        earlier[0] = 1.0
        for k in range(first, team.seats[t + 1]):
            if not team.alive[k]:
                continue
            sold = 0.0
            for j in range(need):
                sold += earlier[j] * later[k + 1 - first, need - 1 - j]
            sold *= lot.seat[k]
            unsold = max(whole - sold, whole * TINY)
            step = demand(shift, share, plain + k, sold, unsold, lot)
            lot.seat[k] *= math.exp(step)
            whole = unsold + sold * math.exp(step)
            price[k] += step * heat
            moved += abs(step)
            for j in range(need, 0, -1):
                earlier[j] += earlier[j - 1] * lot.seat[k]
    return moved


@compiled
def demand(shift: IntArray, share: Uses, row: int, sold: float, unsold: float, lot: Lot) -> float:
    """The step of one seat's price, in heats; the weights of the routes that take it follow."""
    used, first, last = 0.0, share.ptr[row], share.ptr[row + 1]
    for e in range(first, last):
        used += lot.weight[share.route[e]]
    if first == last:
        return min(max(seat_step(0.0, 1.0, sold, unsold), -FARTHEST), FARTHEST)
    at = shift[share.route[first]]
    rest = max(lot.total[at] - used, lot.total[at] * TINY)
    step = min(max(seat_step(used, rest, sold, unsold), -FARTHEST), FARTHEST)
    for e in range(first, last):
        lot.weight[share.route[e]] *= math.exp(-step)
    lot.total[at] = rest + used * math.exp(-step)
    return step


@compiled
def weigh(
    shift: IntArray,
    worth: FloatArray,
    share: Uses,
    supply: FloatArray,
    team: Teams,
    price: FloatArray,
    heat: float,
    lot: Lot,
) -> float:
    """Weights at these prices, the likeliest choice of each shift weighing 1. Returns the smooth convex function that
    good prices minimise: what everything fetches and what all shifts make, with the worth of having a choice."""
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
    value = (best + heat * np.log(lot.total)).sum() + (supply * price[: len(supply)]).sum()
    for m in range(len(team.order)):
        value += drawn(team, m, price[len(supply) :], heat, lot.seat, lot.start)[1]
    return value


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
