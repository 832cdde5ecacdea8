"""Orders of several people who all begin at the same moment: a market of seats.

Each pair of a shift and a possible start is a seat with a price of its own. A meeting sells one full team at one start
or nothing, so what it fetches is the dearest n seats of one start. That prices the meeting as a whole: nobody earns
anything by turning up alone, which a price of the order for each person would allow.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.compiled import compiled
from dispatch.day.shifts import Shifts, SmallInts
from dispatch.geo import FloatArray, IntArray

WIDEST = 300.0  # exponents within which the product of a team's weights stays a finite number
UNKNOWN = 0.02  # how often a seat may be sold that no known route takes
LEAST = 1e-300


class Teams(NamedTuple):
    """M meetings, their starts (tasks `ptr[m]:ptr[m + 1]` of `task`) and their K seats (`seats[t]:seats[t + 1]`).

    `need`: people still wanted by each meeting; `must`: whether it can no longer be left out; `pair` of each seat and
    whether it is still to be had (`alive`). `seat_of`: the seat of each of the day's pairs, -1 = none. `need`, `must`
    and `alive` change while a plan is being fixed.
    """

    order: IntArray
    ptr: IntArray
    task: IntArray
    seats: IntArray
    pair: IntArray
    seat_of: SmallInts
    need: IntArray
    must: NDArray[np.bool_]
    alive: NDArray[np.bool_]


def teams(day: Shifts) -> Teams:
    """The seats of all starts that enough shifts could come to."""
    chances = np.bincount(day.pair_task, minlength=len(day.task_order))
    people = day.order_people[day.task_order]
    task = np.flatnonzero((people > 1) & (chances >= people)).astype(np.int64)
    turn = np.argsort(day.pair_task, kind="stable")
    at = np.searchsorted(day.pair_task[turn], task)
    pair = np.concatenate([turn[a : a + n] for a, n in zip(at, chances[task], strict=True)] or [turn[:0]])
    order, first = np.unique(day.task_order[task], return_index=True)
    seat_of = np.full(len(day.pair_task), -1, dtype=np.int32)
    seat_of[pair] = np.arange(len(pair))
    return Teams(
        order.astype(np.int64), np.append(first, len(task)).astype(np.int64), task,
        np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(chances[task])]).astype(np.int64),
        pair.astype(np.int64), seat_of, day.order_people[order].copy(), np.zeros(len(order), dtype=np.bool_),
        np.ones(len(pair), dtype=np.bool_),
    )  # fmt: skip


def copy(team: Teams) -> Teams:
    """The same, to be changed without changing this one."""
    return team._replace(need=team.need.copy(), must=team.must.copy(), alive=team.alive.copy())


def join(team: Teams, order: int, task: int) -> None:
    """Somebody is fixed for a meeting at this start: it wants one less, must happen, and at no other start."""
    m = int(np.searchsorted(team.order, order))
    team.need[m] -= 1
    team.must[m] = True
    for t in range(team.ptr[m], team.ptr[m + 1]):
        if team.task[t] != task:
            team.alive[team.seats[t] : team.seats[t + 1]] = False


@compiled
def dearest(team: Teams, m: int, price: FloatArray) -> float:
    """What the best full team of a meeting pays, whether that is more than nothing or not; -inf without one."""
    best = -math.inf
    need = team.need[m]
    for t in range(team.ptr[m], team.ptr[m + 1]):
        first, last = team.seats[t], team.seats[t + 1]
        paid = np.sort(price[first:last][team.alive[first:last]])
        if len(paid) >= need:
            best = max(best, paid[len(paid) - need :].sum())
    return best


@compiled
def fetched(team: Teams, price: FloatArray) -> float:
    """What all meetings fetch at these prices of the seats."""
    total = 0.0
    for m in range(len(team.need)):
        best = dearest(team, m, price)
        if best > 0.0 or (team.must[m] and best > -math.inf):
            total += best
    return total


@compiled
def drawn(
    team: Teams, m: int, price: FloatArray, heat: float, weight: FloatArray, total: FloatArray
) -> tuple[float, float]:
    """Fill the weight of each seat of a meeting and `total` of its starts; returns (weight of leaving it out, what all
    this makes in points). A team weighs the product of its seats, the dearest about 1. (0, 0) without a team."""
    best = dearest(team, m, price)
    if best == -math.inf or team.need[m] == 0:
        return 0.0, 0.0
    need = team.need[m]
    level = best if team.must[m] else max(best, 0.0)
    out = 0.0 if team.must[m] else math.exp(-level / heat)
    sums = np.zeros(need + 1)
    whole = out
    for t in range(team.ptr[m], team.ptr[m + 1]):
        sums[:] = 0.0
        sums[0] = 1.0
        for k in range(team.seats[t], team.seats[t + 1]):
            power = (price[k] - level / need) / heat
            weight[k] = math.exp(min(max(power, -WIDEST / need), WIDEST / need)) if team.alive[k] else 0.0
            for j in range(need, 0, -1):
                sums[j] += sums[j - 1] * weight[k]
        total[t] = sums[need]
        whole += sums[need]
    return out, level + heat * math.log(max(whole, LEAST))


@compiled
def seat_step(used: float, rest: float, sold: float, unsold: float) -> float:
    """How far, in heats, a seat's price goes up for the shift to want it as often as the meeting sells it."""
    odds = math.log(max(unsold, LEAST)) - math.log(max(sold, LEAST))
    if used <= LEAST:
        return math.log(UNKNOWN) + odds if sold > UNKNOWN * unsold else 0.0
    return 0.5 * (math.log(used) - math.log(max(rest, LEAST)) + odds)


@compiled
def suffixes(team: Teams, t: int, need: int, weight: FloatArray) -> FloatArray:
    """[k, j]: the sum over all choices of j seats from the k-th of start t on of the products of their weights."""
    first, last = team.seats[t], team.seats[t + 1]
    table = np.zeros((last - first + 1, need + 1))
    table[last - first, 0] = 1.0
    for k in range(last - first - 1, -1, -1):
        table[k, 0] = 1.0
        for j in range(1, need + 1):
            table[k, j] = table[k + 1, j] + table[k + 1, j - 1] * weight[first + k]
    return table
