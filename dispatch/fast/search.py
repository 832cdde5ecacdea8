"""The cheapest volunteers of every order, found cell by cell from the order outwards; exact, with a proof of the end.

A search ends where whoever lives farther out has too small a radius, or would cost more than what is already kept: the
travel from there by the fastest mode, and the least of every other term.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from dispatch import geo
from dispatch.compiled import compiled
from dispatch.crowd import FOREVER
from dispatch.fast.arrays import Dials, Needs, People
from dispatch.fast.grid import CLASSES, RADIUS_STEP, SLOTS, Grid, slots_between
from dispatch.fast.pair import contains, cost_of, first_start, has_traits, is_banned, metres_between, travel_time
from dispatch.geo import WALK_SPEED, IntArray

SPEEDS = np.array([speed for speed, _ in geo.MODES.values()], dtype=np.int64)
DELAYS = np.array([delay for _, delay in geo.MODES.values()], dtype=np.int64)
SLACK_M = 0.01  # far above any rounding of places, far below anything that matters
FAR_M = 1e9
NO_KEY = (1 << 62) - 1


class Bids(NamedTuple):
    """What is looked for: for each order of `order` the `width` cheapest of those below `limit` (points), where every
    volunteer costs `price` more. Ties by rank (volunteer → rank; by_rank turns it around)."""

    order: Any
    width: Any
    limit: Any
    price: Any
    rank: Any
    by_rank: Any


class Found(NamedTuple):
    """Lists end to end, cheapest first: list k is ptr[k]:ptr[k + 1]. cost is the pair's own, without `price`.
    `whole`: the list has everybody below the limit, nobody was left out for its width."""

    ptr: Any
    volunteer: Any
    cost: Any
    whole: Any


class Heap(NamedTuple):
    """The keys (cost × crowd + rank) kept for one order, the dearest on top. mark: how many, how many at most, and the
    key from which on none is wanted."""

    keys: Any
    mark: Any


COUNT, WIDTH, BAR = 0, 1, 2


@compiled
def search(people: People, needs: Needs, dials: Dials, grid: Grid, layer_of: IntArray, bids: Bids) -> Found:
    """Search for every order asked for."""
    size, crowd = len(bids.order), max(len(bids.rank), 1)
    ptr = np.zeros(size + 1, dtype=np.int64)
    whole = np.zeros(size, dtype=np.bool_)
    volunteer = np.empty(8 * size, dtype=np.int64)
    cost = np.empty(8 * size, dtype=np.int64)
    keys = np.empty(max(bids.width.max(), 1) if size else 1, dtype=np.int64)
    heap = Heap(keys, np.zeros(3, dtype=np.int64))
    for k in range(size):
        order = bids.order[k]
        heap.mark[COUNT], heap.mark[WIDTH] = 0, bids.width[k]
        heap.mark[BAR] = min(bids.limit[k], NO_KEY // crowd) * crowd
        core, possible = core_slots(needs, grid, order)
        if possible:
            ask_named(people, needs, dials, order, bids, heap)
            look_around(people, needs, dials, grid, layer_of[order], order, core, bids, heap)
        count = heap.mark[COUNT]
        whole[k] = count < bids.width[k]
        keys[:count].sort()
        ptr[k + 1] = ptr[k] + count
        if ptr[k + 1] > len(volunteer):
            volunteer, cost = longer(volunteer, 2 * ptr[k + 1]), longer(cost, 2 * ptr[k + 1])
        for i in range(count):
            v = bids.by_rank[keys[i] % crowd]
            volunteer[ptr[k] + i], cost[ptr[k] + i] = v, keys[i] // crowd - bids.price[v]
    return Found(ptr, volunteer[: ptr[size]].copy(), cost[: ptr[size]].copy(), whole)


@compiled
def longer(values: IntArray, size: int) -> IntArray:
    wider = np.empty(size, dtype=np.int64)
    wider[: len(values)] = values
    return wider


@compiled
def core_slots(needs: Needs, grid: Grid, order: int) -> tuple[np.uint64, bool]:
    """The slots that every possible service takes part of, and whether anybody can be free at all."""
    begin, end = needs.latest[order], needs.earliest[order] + needs.duration[order]
    if needs.latest[order] < needs.earliest[order]:
        return np.uint64(0), False
    if begin >= end:  # an early and a late service have nothing in common
        return np.uint64(0), True
    first, last = (begin - grid.first_slot) // grid.slot_length, (end - 1 - grid.first_slot) // grid.slot_length
    if first < 0 or last >= SLOTS:
        return np.uint64(0), False
    return slots_between(first, last), True


@compiled
def ask_named(people: People, needs: Needs, dials: Dials, order: int, bids: Bids, heap: Heap) -> None:
    """Those the order names, wherever they live: they cost less than their neighbours."""
    for k in range(needs.preferred_ptr[order], needs.preferred_ptr[order + 1]):
        ask(people, needs, dials, order, needs.preferred[k], bids, heap)
    for k in range(needs.offered_ptr[order], needs.offered_ptr[order + 1]):
        v = needs.offered[k]
        if not contains(needs.preferred, needs.preferred_ptr[order], needs.preferred_ptr[order + 1], v):
            ask(people, needs, dials, order, v, bids, heap)


@compiled
def ask(people: People, needs: Needs, dials: Dials, order: int, v: int, bids: Bids, heap: Heap) -> None:
    if people.active[v] and has_traits(people, needs, order, v):
        metres = metres_between(people.spot[v], needs.spot[order])
        if metres <= people.radius[v]:
            weigh(people, needs, dials, order, v, metres, bids, heap)


@compiled
def weigh(people: People, needs: Needs, dials: Dials, order: int, v: int, metres: int, bids: Bids, heap: Heap) -> bool:
    """Keep somebody near enough with the traits asked for, if cheap enough and no other rule speaks against them."""
    if people.age[v] < needs.age[order]:
        return False
    travel = travel_time(metres, people.speed[v], people.delay[v])
    cost = cost_of(people, needs, dials, order, v, travel) + bids.price[v]
    if cost * len(bids.rank) + bids.rank[v] >= heap.mark[BAR]:
        return False
    if first_start(people, needs, dials, order, v, travel) == FOREVER or is_banned(needs, order, v):
        return False
    keep(heap, cost * len(bids.rank) + bids.rank[v])
    return True


@compiled
def keep(heap: Heap, key: int) -> None:
    """Add a key; where the heap is full, the dearest goes."""
    keys, mark = heap
    if mark[COUNT] < mark[WIDTH]:
        at = mark[COUNT]
        mark[COUNT] += 1
        while at > 0 and keys[(at - 1) // 2] < key:
            keys[at] = keys[(at - 1) // 2]
            at = (at - 1) // 2
    else:
        at = 0
        while 2 * at + 1 < mark[COUNT]:
            below = 2 * at + 1
            if below + 1 < mark[COUNT] and keys[below + 1] > keys[below]:
                below += 1
            if keys[below] <= key:
                break
            keys[at] = keys[below]
            at = below
    keys[at] = key
    if mark[COUNT] == mark[WIDTH]:
        mark[BAR] = keys[0]


@compiled
def farthest(needs: Needs, dials: Dials, grid: Grid, layer: int, order: int, points: int) -> float:
    """Metres beyond which nobody in a layer serves an order for `points` or less, but for those it names."""
    minutes = needs.duration[order] // 60
    points -= (2 * grid.layers.load[layer] + minutes) * minutes * dials.fairness // 3600 + grid.layers.silence[layer]
    if needs.preferred_ptr[order] < needs.preferred_ptr[order + 1]:
        points -= dials.continuity
    if needs.offered_ptr[order] < needs.offered_ptr[order + 1]:
        points -= dials.stability
    if points < 0:
        return -1.0
    if dials.travel_per_minute == 0:
        return FAR_M
    seconds = (60 * points + 59) // dials.travel_per_minute
    metres = seconds * WALK_SPEED / 10.0
    for mode in range(len(SPEEDS)):
        metres = max(metres, (seconds - DELAYS[mode]) * SPEEDS[mode] / 10.0)
    return metres


@compiled
def look_around(
    people: People, needs: Needs, dials: Dials, grid: Grid, layer: int, order: int, core: np.uint64, bids: Bids, heap: Heap
) -> None:  # fmt: skip
    """Ring after ring of cells around the order."""
    spot, side, width = needs.spot[order], grid.layers.side[layer], grid.layers.metres[layer]
    x = grid.axes[0, 0] * spot[0] + grid.axes[0, 1] * spot[1] + grid.axes[0, 2] * spot[2] - grid.corner[0]
    y = grid.axes[1, 0] * spot[0] + grid.axes[1, 1] * spot[1] + grid.axes[1, 2] * spot[2] - grid.corner[1]
    column = min(max(np.int64(x / width), 0), side - 1)
    row = min(max(np.int64(y / width), 0), side - 1)
    reach = float(grid.layers.radius[layer])
    reach = min(reach, farthest(needs, dials, grid, layer, order, heap.mark[BAR] // len(bids.rank)))
    for ring in range(side):
        if beyond(x, y, column, row, ring, side, width) > reach:
            break
        for j in range(max(row - ring, 0), min(row + ring, side - 1) + 1):
            across = 1 if j == row - ring or j == row + ring else max(2 * ring, 1)
            for i in range(column - ring, column + ring + 1, across):
                if 0 <= i < side:
                    dx = max(i * width - x, x - (i + 1) * width, 0.0)
                    dy = max(j * width - y, y - (j + 1) * width, 0.0)
                    gap = math.sqrt(dx * dx + dy * dy) - SLACK_M
                    if gap <= reach:
                        cell = grid.layers.first_cell[layer] + j * side + i
                        if look_into(people, needs, dials, grid, cell, gap, reach, order, core, bids, heap):
                            points = heap.mark[BAR] // len(bids.rank)
                            reach = min(reach, farthest(needs, dials, grid, layer, order, points))


@compiled
def beyond(x: float, y: float, column: int, row: int, ring: int, side: int, width: float) -> float:
    """Metres to everything outside the rings before this one."""
    away = FAR_M if ring > 0 else 0.0
    if column - ring >= 0:
        away = min(away, x - (column - ring + 1) * width)
    if column + ring < side:
        away = min(away, (column + ring) * width - x)
    if row - ring >= 0:
        away = min(away, y - (row - ring + 1) * width)
    if row + ring < side:
        away = min(away, (row + ring) * width - y)
    return away - SLACK_M


@compiled
def look_into(
    people: People, needs: Needs, dials: Dials, grid: Grid, cell: int, gap: float, reach: float, order: int,
    core: np.uint64, bids: Bids, heap: Heap,
) -> bool:  # fmt: skip
    """Everybody in one cell, which is at least `gap` metres away; whether somebody was kept."""
    some = False
    spot, words = needs.spot[order], needs.traits.shape[1]
    wanted = needs.traits[order, 0]
    near = reach * reach
    for k in range(grid.ptr[cell], grid.ptr[cell + 1]):
        radius = grid.radius[k]
        if radius + RADIUS_STEP <= gap and radius < (CLASSES - 1) * RADIUS_STEP:
            break  # the others' are no larger
        if grid.traits[k, 0] & wanted != wanted or grid.slots[k] & core != core:
            continue
        x, y, z = grid.spot[k, 0] - spot[0], grid.spot[k, 1] - spot[1], grid.spot[k, 2] - spot[2]
        square = x * x + y * y + z * z
        if square > near:
            continue
        metres = np.int64(math.ceil(math.sqrt(square)))
        if metres > radius:
            continue
        for word in range(1, words):
            if grid.traits[k, word] & needs.traits[order, word] != needs.traits[order, word]:
                break
        else:
            if not is_named(needs, order, grid.who[k]):
                some |= weigh(people, needs, dials, order, grid.who[k], metres, bids, heap)
    return some


@compiled
def is_named(needs: Needs, order: int, v: int) -> bool:
    """Named by the order, and so asked already."""
    if contains(needs.preferred, needs.preferred_ptr[order], needs.preferred_ptr[order + 1], v):
        return True
    return contains(needs.offered, needs.offered_ptr[order], needs.offered_ptr[order + 1], v)


