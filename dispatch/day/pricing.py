"""The best routes of every shift at given prices of the orders: depth-first search, whole numbers, compiled.

A task is worth its value less the price of its order and of the volunteer's limits. By the triangle inequality an
order that is worth nothing never belongs to a best route, and a route costs no less when it grows; so a branch ends
where the current value and the best rewards still startable in time cannot beat what is known.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.compiled import compiled
from dispatch.day.routes import begin, points, ready, serve, travel
from dispatch.day.shifts import Shifts, SmallInts
from dispatch.geo import IntArray

NOTHING = -(1 << 60)


class Legs(NamedTuple):
    """Travel seconds of every shift with k pairs: k from its first place, k to its last, then (k, k) in between, laid
    end to end from `ptr[shift]`; and by pair the shortest leg to it."""

    ptr: IntArray
    seconds: SmallInts
    shortest: SmallInts


class Prices(NamedTuple):
    """Points: of one person's place at each order, of an order and of an hour within each shared limit, and of each
    shift. Zero or more, whole numbers: the bound they prove is exact whatever they are."""

    order: IntArray
    limit: IntArray
    shift: IntArray


def legs(day: Shifts) -> Legs:
    """All legs that pricing may need."""
    size = np.diff(day.ptr)
    ptr = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(size * (size + 2))])
    seconds = np.empty(int(ptr[-1]), dtype=np.int32)
    shortest = np.empty(len(day.pair_task), dtype=np.int32)
    _measure(day, ptr, seconds, shortest)
    return Legs(ptr, seconds, shortest)


@compiled
def _measure(day: Shifts, ptr: IntArray, seconds: SmallInts, shortest: SmallInts) -> None:
    for shift in range(len(day.begin)):
        first, size = day.ptr[shift], day.ptr[shift + 1] - day.ptr[shift]
        base = ptr[shift]
        for a in range(size):
            here = day.task_order[day.pair_task[first + a]]
            seconds[base + a] = travel(day, shift, day.from_place[shift], here)
            shortest[first + a] = seconds[base + a]
            seconds[base + size + a] = travel(day, shift, here, day.to_place[shift])
            row = base + (2 + a) * size
            seconds[row + a] = 0
            for b in range(a):
                leg = travel(day, shift, here, day.task_order[day.pair_task[first + b]])
                seconds[row + b] = leg
                seconds[base + (2 + b) * size + a] = leg
                if here != day.task_order[day.pair_task[first + b]]:
                    shortest[first + a] = min(shortest[first + a], leg)
                    shortest[first + b] = min(shortest[first + b], leg)


@compiled
def rewards(day: Shifts, prices: Prices, shift: int, reward: IntArray) -> None:
    """What each pair of a shift is worth beside travel and fairness."""
    by_day, by_week = day.day_limit[shift], day.week_limit[shift]
    first = day.ptr[shift]
    for k in range(day.ptr[shift + 1] - first):
        task = day.pair_task[first + k]
        worth = day.task_value[task] - prices.order[day.task_order[task]] - day.pair_points[first + k]
        if by_day >= 0:
            worth -= prices.limit[by_day]
        if by_week >= 0:
            worth -= prices.limit[by_week] * day.task_seconds[task] // 3600
        reward[k] = worth


class Search(NamedTuple):
    """Scratch space for one shift at a time; see best_routes."""

    reward: IntArray  # by place among the shift's pairs
    pick: IntArray  # candidates, dearest first
    bound: IntArray  # [j, t]: the most that one to j more stops bring from slot t on, the way back paid
    state: IntArray  # [d], before stop d: see the columns below
    stop: IntArray  # [d]: the pair served there
    turn: IntArray  # [d]: the next candidate to try there


# Columns of Search.state: the two clocks; travel, minutes and seconds of service so far; rewards so far, and the same
# less their cost but for the way back; the most that may come after the next stop.
TO_COME, BEHIND, WAY, MINUTES, SERVICE, REWARD, WORTH, AFTER = range(8)
SLOT = 300  # seconds; times are rounded down to slots, so that the bound holds


@compiled
def best_routes(
    day: Shifts,
    table: Legs,
    prices: Prices,
    banned: NDArray[np.bool_],
    asked: IntArray,
    few: int,
    cap: int,
    slack: int = 0,
) -> tuple[IntArray, SmallInts, IntArray, int]:
    """For each shift asked: values and routes (places among its pairs, -1 where they end) of the best few routes, best
    first, of different orders and worth more than the shift's price; and what no route of it exceeds, at least the
    price. Lastly the number of nodes.

    `banned` tasks are left out. The search for a shift ends after `cap` nodes; its last figure then says what it may
    have missed. With `slack`, routes count that are worth more than the shift's price less so many points.
    """
    widest, depth, slots = 1, 1, 1
    for shift in asked:
        widest = max(widest, day.ptr[shift + 1] - day.ptr[shift])
        depth = max(depth, day.most[shift])
        slots = max(slots, (day.end[shift] - day.begin[shift]) // SLOT + 1)
    value = np.full((len(asked), few), NOTHING, dtype=np.int64)
    route = np.full((len(asked), few, depth), -1, dtype=np.int32)
    most = np.zeros(len(asked), dtype=np.int64)
    work = Search(
        np.empty(widest, dtype=np.int64), np.empty(widest, dtype=np.int64),
        np.empty((depth + 1, slots), dtype=np.int64), np.zeros((depth + 1, 8), dtype=np.int64),
        np.zeros(depth + 1, dtype=np.int64), np.zeros(depth + 1, dtype=np.int64),
    )  # fmt: skip
    total = 0
    for a in range(len(asked)):
        shift = asked[a]
        rewards(day, prices, shift, work.reward)
        found = candidates(day, banned, shift, work, slack)
        most[a] = max(prices.shift[shift], 0) - slack
        if found > 0:
            bounds(day, table, shift, work.pick[:found], work)
            bound, nodes = search(day, table, shift, found, most[a], cap, work, value[a], route[a])
            most[a] = bound
            total += nodes
    return value, route, most, total


@compiled
def candidates(day: Shifts, banned: NDArray[np.bool_], shift: int, work: Search, slack: int) -> int:
    """Pairs worth more than nothing (less the slack) into `pick`, dearest first; how many they are."""
    first, found = day.ptr[shift], 0
    for k in range(day.ptr[shift + 1] - first):
        if work.reward[k] > -slack and not banned[day.pair_task[first + k]]:
            work.pick[found] = k
            found += 1
    turn = np.argsort(-work.reward[work.pick[:found]], kind="mergesort")
    work.pick[:found] = work.pick[:found][turn]
    return found


@compiled
def bounds(day: Shifts, table: Legs, shift: int, pick: IntArray, work: Search) -> None:
    """Fill `bound`: windows and service as they are, each task by the shortest leg to it, repeats allowed."""
    first, size, base = day.ptr[shift], day.ptr[shift + 1] - day.ptr[shift], table.ptr[shift]
    begin, end, bound = day.begin[shift], day.end[shift], work.bound
    slots = (end - begin) // SLOT + 1
    bound[0, :slots] = NOTHING
    for j in range(1, day.most[shift] + 1):
        bound[j, :slots] = NOTHING
        for k in pick:
            task = day.pair_task[first + k]
            leg, back = int(table.shortest[first + k]), int(table.seconds[base + size + k])
            opens, seconds = day.task_first[task], day.task_seconds[task]
            latest = min(day.pair_last[first + k], end - back - seconds)
            worth = work.reward[k] - points(day, shift, leg, seconds // 60)
            alone = worth - back * day.travel_per_minute // 60
            slot = max((opens - leg - begin) // SLOT, 0)
            start = max(begin + slot * SLOT + leg, opens)
            while start <= latest:
                more = worth + bound[j - 1, (start + seconds - begin) // SLOT]
                bound[j, slot] = max(bound[j, slot], alone, more)
                slot += 1
                start = begin + slot * SLOT + leg
        for slot in range(slots - 2, -1, -1):
            bound[j, slot] = max(bound[j, slot], bound[j, slot + 1])


@compiled
def search(
    day: Shifts,
    table: Legs,
    shift: int,
    found: int,
    price: int,
    cap: int,
    work: Search,
    value: IntArray,
    route: SmallInts,
) -> tuple[int, int]:
    """Depth first over sequences of candidates. Returns (what no route exceeds, nodes)."""
    size, base = day.ptr[shift + 1] - day.ptr[shift], table.ptr[shift]
    state, stop, turn, pick, bound = work.state, work.stop, work.turn, work.pick, work.bound
    state[0] = 0
    state[0, TO_COME], state[0, BEHIND] = begin(day, shift)
    state[0, AFTER] = max(bound[day.most[shift] - 1, 0], 0)
    nodes, known, d = 0, price, 0
    turn[0] = 0
    while d >= 0 and nodes <= cap:
        if turn[d] >= found or state[d, WORTH] + work.reward[pick[turn[d]]] + state[d, AFTER] <= known:
            d -= 1
            continue
        k = pick[turn[d]]
        turn[d] += 1
        leg = int(table.seconds[base + k] if d == 0 else table.seconds[base + (2 + stop[d - 1]) * size + k])
        back = int(table.seconds[base + size + k])
        if not _extend(day, shift, k, leg, back, d, work):
            continue
        nodes += 1
        stop[d] = k
        _, home = ready(day, shift, state[d + 1, TO_COME], state[d + 1, BEHIND], back)
        if home <= day.end[shift]:
            whole = state[d + 1, REWARD] - points(day, shift, state[d + 1, WAY] + back, state[d + 1, MINUTES])
            if whole > known:
                keep(stop[: d + 1], whole, value, route)
                known = max(price, value[-1])
        left = day.most[shift] - d - 1
        slot = (min(state[d + 1, TO_COME], state[d + 1, BEHIND]) - day.begin[shift]) // SLOT
        if left > 0 and state[d + 1, WORTH] + bound[left, slot] > known:
            d += 1
            state[d, AFTER] = max(bound[left - 1, slot], 0)
            turn[d] = 0
    most = max(price, value[0])
    if d >= 0:
        most = max(most, bound[day.most[shift], 0])
    return most, nodes


@compiled
def _extend(day: Shifts, shift: int, k: int, leg: int, back: int, d: int, work: Search) -> bool:
    """Make state[d + 1]: after stop d at candidate k. False where it is a second visit or too late or too much."""
    pair = day.ptr[shift] + k
    task = day.pair_task[pair]
    state = work.state
    seconds = day.task_seconds[task]
    to_come, behind = ready(day, shift, state[d, TO_COME], state[d, BEHIND], leg)
    to_come, behind = serve(day.task_first[task], day.pair_last[pair], seconds, to_come, behind)
    if min(to_come, behind) + back > day.end[shift] or state[d, SERVICE] + seconds > day.most_seconds[shift]:
        return False
    for z in range(d):
        if day.task_order[day.pair_task[day.ptr[shift] + work.stop[z]]] == day.task_order[task]:
            return False
    state[d + 1, TO_COME], state[d + 1, BEHIND], state[d + 1, WAY] = to_come, behind, state[d, WAY] + leg
    state[d + 1, MINUTES], state[d + 1, SERVICE] = state[d, MINUTES] + seconds // 60, state[d, SERVICE] + seconds
    state[d + 1, REWARD] = state[d, REWARD] + work.reward[k]
    state[d + 1, WORTH] = state[d + 1, REWARD] - points(day, shift, state[d + 1, WAY], state[d + 1, MINUTES])
    return True


@compiled
def keep(stops: IntArray, worth: int, value: IntArray, route: SmallInts) -> None:
    """Enter a route among the best few, in place of a worse one over the same stops."""
    at = len(value) - 1
    for q in range(len(value)):
        if value[q] != NOTHING and same(stops, route[q]):
            if value[q] >= worth:
                return
            at = q
            break
    if worth <= value[at]:
        return
    while at > 0 and value[at - 1] < worth:
        value[at] = value[at - 1]
        route[at] = route[at - 1]
        at -= 1
    value[at] = worth
    route[at] = -1
    route[at, : len(stops)] = stops


@compiled
def same(stops: IntArray, route: SmallInts) -> bool:
    """Whether a kept route has exactly these stops, in whatever sequence."""
    if len(stops) < len(route) and route[len(stops)] >= 0:
        return False
    for stop in stops:
        met = False
        for other in route:
            met = met or other == stop
        if not met:
            return False
    return True
