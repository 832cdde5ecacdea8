"""The best route of one shift when every task has a reward: depth-first search over the dearest few, compiled.

It serves the improvement of plans, so it may overlook something (the proofs have their own, exact pricing); it
measures legs only between the few tasks it looks at, so it needs no memory worth mentioning in a city.
"""

from typing import NamedTuple

import numpy as np

from dispatch.compiled import compiled
from dispatch.day.routes import NEVER, begin, points, ready, serve, travel
from dispatch.day.shifts import Shifts
from dispatch.geo import IntArray

MOST_TASKS = 20
MOST_NODES = 100


class Desk(NamedTuple):
    """Scratch space. k candidates: `pair`, `reward` (points, beside travel and fairness), dearest first after the
    search began; `found` is the best route as places among the candidates."""

    pair: IntArray
    reward: IntArray
    hope: IntArray  # reward less the least that getting there and serving can cost
    order: IntArray  # candidates by hope, the best first
    legs: IntArray  # (k + 1, k + 1): from, to; the last row is the way from the first place, the last column home
    late: IntArray  # latest starts, ascending
    top: IntArray  # [q, j]: the j best hopes together among those not earlier than late[q]
    clocks: IntArray  # [d]: both clocks, travel, minutes, service and reward before stop d
    stop: IntArray  # [d]: the candidate served there
    turn: IntArray  # [d]: the next candidate to try there
    found: IntArray


def desk(day: Shifts) -> Desk:
    """Room for the largest shift."""
    widest = int(np.diff(day.ptr).max(initial=1))
    deepest = int(day.most.max(initial=1)) + 1
    few = MOST_TASKS + 1
    return Desk(
        np.empty(widest, np.int64), np.empty(widest, np.int64), np.empty(few, np.int64), np.empty(few, np.int64),
        np.empty((few, few), np.int64),
        np.empty(few, np.int64), np.zeros((few, deepest + 1), np.int64), np.zeros((deepest, 6), np.int64),
        np.zeros(deepest, np.int64), np.zeros(deepest, np.int64), np.zeros(deepest, np.int64),
    )  # fmt: skip


@compiled
def best_route(
    day: Shifts, shift: int, size: int, most: int, most_seconds: int, known: int, work: Desk
) -> tuple[int, int]:
    """(points, stops) of the best route over the first `size` candidates, its places in `found`; no stops where none
    is worth more than what is known.

    By the triangle inequality a route costs no less when it grows: what it costs so far and the best hopes that are
    left bound what it may become.
    """
    size = dearest(size, work)
    measure(day, shift, size, work)
    hopes(day, shift, size, work)
    tops(day, size, work)
    shortest = NEVER
    for k in range(size):
        shortest = min(shortest, day.task_seconds[day.pair_task[work.pair[k]]])
    best, stops, nodes, d = known, 0, 0, 0
    work.clocks[0] = 0
    work.clocks[0, 0], work.clocks[0, 1] = begin(day, shift)
    work.turn[0] = 0
    while d >= 0 and nodes < MOST_NODES:
        clocks = work.clocks[d]
        soonest = min(clocks[0], clocks[1])
        left = min(most - d, (day.end[shift] - soonest) // max(shortest, 1))
        if left <= 0 or work.turn[d] >= size:
            d -= 1
            continue
        k = work.order[work.turn[d]]
        work.turn[d] += 1
        so_far = clocks[5] - points(day, shift, clocks[2], clocks[3])
        row = work.top[np.searchsorted(work.late[:size], soonest)]
        if so_far + min(work.hope[k] + row[left - 1], row[left]) <= best:
            d -= 1
            continue
        if used(day, work, d, k) or not step(day, shift, work, d, k, size, most_seconds):
            continue
        nodes += 1
        value = finish(day, shift, work, d + 1, k, size)
        work.stop[d] = k
        if value > best:
            best, stops = value, d + 1
            work.found[: d + 1] = work.stop[: d + 1]
        d += 1
        work.turn[d] = 0
    return best, stops


@compiled
def dearest(size: int, work: Desk) -> int:
    """Put the candidates in order of reward and keep no more than may be looked at."""
    turn = np.argsort(-work.reward[:size], kind="mergesort")
    few = min(size, MOST_TASKS)
    work.reward[:few] = work.reward[:size][turn[:few]]
    work.pair[:few] = work.pair[:size][turn[:few]]
    return few


@compiled
def measure(day: Shifts, shift: int, size: int, work: Desk) -> None:
    """Fill `legs`."""
    for a in range(size):
        here = day.task_order[day.pair_task[work.pair[a]]]
        work.legs[size, a] = travel(day, shift, day.from_place[shift], here)
        work.legs[a, size] = travel(day, shift, here, day.to_place[shift])
        for b in range(a):
            leg = travel(day, shift, here, day.task_order[day.pair_task[work.pair[b]]])
            work.legs[a, b], work.legs[b, a] = leg, leg


@compiled
def hopes(day: Shifts, shift: int, size: int, work: Desk) -> None:
    """Fill `hope` and `order`."""
    for k in range(size):
        leg = work.legs[size, k]
        for other in range(size):
            if other != k:
                leg = min(leg, work.legs[other, k])
        minutes = day.task_seconds[day.pair_task[work.pair[k]]] // 60
        work.hope[k] = work.reward[k] - points(day, shift, leg, minutes)
    work.order[:size] = np.argsort(-work.hope[:size], kind="mergesort")


@compiled
def tops(day: Shifts, size: int, work: Desk) -> None:
    """Fill `late` and `top`, from the latest candidate backwards."""
    latest = day.pair_last[work.pair[:size]]
    turn = np.argsort(latest, kind="mergesort")
    work.top[size] = 0
    for q in range(size - 1, -1, -1):
        work.late[q] = latest[turn[q]]
        carry, total = max(work.hope[turn[q]], 0), 0
        for j in range(work.top.shape[1] - 1):
            here = work.top[q + 1, j + 1] - work.top[q + 1, j]
            if carry > here:
                carry, here = here, carry
            total += here
            work.top[q, j + 1] = total


@compiled
def used(day: Shifts, work: Desk, d: int, k: int) -> bool:
    """Whether the order of a candidate is on the route already."""
    order = day.task_order[day.pair_task[work.pair[k]]]
    found = False
    for e in range(d):
        found = found or day.task_order[day.pair_task[work.pair[work.stop[e]]]] == order
    return found


@compiled
def step(day: Shifts, shift: int, work: Desk, d: int, k: int, size: int, most_seconds: int) -> bool:
    """Serve candidate k as stop d; False where it is too late for it or for the way home."""
    pair = work.pair[k]
    task = day.pair_task[pair]
    leg = work.legs[size if d == 0 else work.stop[d - 1], k]
    seconds = day.task_seconds[task]
    to_come, behind = ready(day, shift, work.clocks[d, 0], work.clocks[d, 1], leg)
    to_come, behind = serve(day.task_first[task], day.pair_last[pair], seconds, to_come, behind)
    home = work.legs[k, size]
    if min(to_come, behind) + home > day.end[shift] or work.clocks[d, 4] + seconds > most_seconds:
        return False
    work.clocks[d + 1, 0], work.clocks[d + 1, 1] = to_come, behind
    work.clocks[d + 1, 2] = work.clocks[d, 2] + leg
    work.clocks[d + 1, 3] = work.clocks[d, 3] + seconds // 60
    work.clocks[d + 1, 4] = work.clocks[d, 4] + seconds
    work.clocks[d + 1, 5] = work.clocks[d, 5] + work.reward[k]
    return True


@compiled
def finish(day: Shifts, shift: int, work: Desk, d: int, k: int, size: int) -> int:
    """Points of the route that goes home after candidate k; -NEVER where the rest no longer fits."""
    home = work.legs[k, size]
    _, behind = ready(day, shift, work.clocks[d, 0], work.clocks[d, 1], home)
    if behind > day.end[shift]:
        return -NEVER
    return work.clocks[d, 5] - points(day, shift, work.clocks[d, 2] + home, work.clocks[d, 3])
