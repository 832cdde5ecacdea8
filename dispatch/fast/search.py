"""The cheapest volunteers of every order, found cell by cell from the order outwards; exact, with a proof of the end.

A search ends where whoever lives farther out has too small a radius, or would cost more than what is already kept: the
travel from there by the fastest mode, and the least of every other term.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from dispatch.compiled import compiled
from dispatch.crowd import FOREVER
from dispatch.fast.arrays import DELAYS, SPEEDS, Dials, Needs, People
from dispatch.fast.grid import CLASSES, RADIUS_STEP, SLOTS, Grid, slots_between
from dispatch.fast.pair import (
    contains,
    first_start,
    free_start,
    has_traits,
    is_banned,
    is_named,
    lacks_language,
    metres_between,
    named_cost,
    own_cost,
    travel_time,
)
from dispatch.geo import WALK_SPEED, FloatArray, IntArray

SLACK_M = 0.01  # far above any rounding of places, far below anything that matters
FAR_M = 1e9
NO_KEY = (1 << 62) - 1
COUNT, WIDTH, BAR = 0, 1, 2


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


class City(NamedTuple):
    """Everything that stays the same from search to search; layer_of says where to look for each order."""

    people: People
    needs: Needs
    dials: Dials
    grid: Grid
    layer_of: Any


@compiled
def search(city: City, bids: Bids) -> Found:
    """Search for every order asked for."""
    size, crowd = len(bids.order), max(len(bids.rank), 1)
    ptr = np.zeros(size + 1, dtype=np.int64)
    whole = np.zeros(size, dtype=np.bool_)
    volunteer = np.empty(8 * size, dtype=np.int64)
    cost = np.empty(8 * size, dtype=np.int64)
    keys = np.empty(max(bids.width.max(), 1) if size else 1, dtype=np.int64)
    mark = np.zeros(3, dtype=np.int64)
    for k in range(size):
        order = bids.order[k]
        mark[COUNT], mark[WIDTH] = 0, bids.width[k]
        mark[BAR] = min(bids.limit[k], NO_KEY // crowd) * crowd
        core, possible = core_slots(city.needs.row[order], city.grid.first_slot, city.grid.slot_length)
        if possible:
            ask_named(city, order, bids, keys, mark)
            look_around(city, order, core, bids, keys, mark)
        count = mark[COUNT]
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
def core_slots(need: Any, first_slot: int, length: int) -> tuple[np.uint64, bool]:
    """The slots that every possible service takes part of, and whether anybody can be free at all."""
    begin, end = need["latest"], need["earliest"] + need["duration"]
    if begin < need["earliest"]:
        return np.uint64(0), False
    if begin >= end:  # an early and a late service have nothing in common
        return np.uint64(0), True
    first, last = (begin - first_slot) // length, (end - 1 - first_slot) // length
    if first < 0 or last >= SLOTS:
        return np.uint64(0), False
    return slots_between(first, last), True


@compiled
def ask_named(city: City, order: int, bids: Bids, keys: IntArray, mark: IntArray) -> None:
    """Those the order names, wherever they live: they cost less than their neighbours."""
    needs = city.needs
    first, stop = needs.row[order]["preferred"], needs.row[order + 1]["preferred"]
    for k in range(first, stop):
        ask(city, order, needs.preferred[k], bids, keys, mark)
    for k in range(needs.row[order]["offered"], needs.row[order + 1]["offered"]):
        if not contains(needs.preferred, first, stop, needs.offered[k]):
            ask(city, order, needs.offered[k], bids, keys, mark)


@compiled
def ask(city: City, order: int, v: int, bids: Bids, keys: IntArray, mark: IntArray) -> None:
    """One volunteer, from the first rule to the last."""
    row, need = city.people.row[v], city.needs.row[order]
    if row["active"] and row["age"] >= need["age"] and has_traits(city.people, city.needs, order, v):
        metres = metres_between(row, need)
        if metres <= row["radius"]:
            travel = travel_time(metres, row["mode"])
            cost = own_cost(row, need, city.dials, travel) + named_cost(city.needs, city.dials, order, v)
            if lacks_language(city.people, city.needs, order, v):
                cost += city.dials.language
            key = (cost + bids.price[v]) * len(bids.rank) + bids.rank[v]
            start = first_start(city.people, city.needs, city.dials, order, v, travel)
            if key < mark[BAR] and start < FOREVER and not is_banned(city.needs, order, v):
                keep(keys, mark, key)


@compiled
def keep(keys: IntArray, mark: IntArray, key: int) -> None:
    """Add a key to a heap with the dearest on top; where it is full, that one goes."""
    at = 0
    if mark[COUNT] < mark[WIDTH]:
        at = mark[COUNT]
        mark[COUNT] += 1
        while at > 0 and keys[(at - 1) // 2] < key:
            keys[at] = keys[(at - 1) // 2]
            at = (at - 1) // 2
    else:
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
def farthest(budget: int, per_minute: int, near: FloatArray) -> float:
    """Fills in, by mode, the square of the metres beyond which travel alone costs more than `budget`; answers the most
    metres."""
    most = -1.0
    for mode in range(len(near)):
        near[mode] = -1.0
        if budget >= 0:
            seconds = (60 * min(budget, FOREVER) + 59) // per_minute if per_minute else FOREVER
            riding = (seconds - DELAYS[mode]) * SPEEDS[mode] / 10.0
            metres = max(seconds * WALK_SPEED / 10.0, riding)
            near[mode] = metres * metres
            most = max(most, metres)
    return most


@compiled
def look_around(city: City, order: int, core: np.uint64, bids: Bids, keys: IntArray, mark: IntArray) -> None:
    """Everybody in ring after ring of cells around the order, but for those it names."""
    needs, dials, grid = city.needs, city.dials, city.grid
    need, layers, layer = needs.row[order], grid.layers, city.layer_of[order]
    has, entry, ptr = grid.has, grid.entry, grid.ptr
    rows, hours, crowd = city.people.row, city.people.hours, len(bids.rank)
    price, rank, after = bids.price, bids.rank, needs.row[order + 1]
    bans, simple, talks = (
        after["banned"] - need["banned"],
        need["asked"] == after["asked"],
        wants_language(needs, order),
    )
    x, y, z, wanted = need["x"], need["y"], need["z"], needs.masks[order, 0]
    names = after["preferred"] - need["preferred"] + after["offered"] - need["offered"]
    extra = named_cost(needs, dials, order, -1)
    minutes = need["duration"] // 60
    least = (2 * layers.load[layer] + minutes) * minutes * dials.fairness // 3600 + layers.silence[layer] + extra
    near = np.empty(len(SPEEDS), dtype=np.float64)
    most = min(farthest(mark[BAR] // crowd - least, dials.travel_per_minute, near), float(layers.radius[layer]))
    side, width = layers.side[layer], layers.metres[layer]
    east = grid.axes[0, 0] * x + grid.axes[0, 1] * y + grid.axes[0, 2] * z - grid.corner[0]
    north = grid.axes[1, 0] * x + grid.axes[1, 1] * y + grid.axes[1, 2] * z - grid.corner[1]
    column = min(max(np.int64(east / width), 0), side - 1)
    row = min(max(np.int64(north / width), 0), side - 1)
    for ring in range(side):
        if beyond(east, north, column, row, ring, side, width) > most:
            break
        for j in range(max(row - ring, 0), min(row + ring, side - 1) + 1):
            across = 1 if j == row - ring or j == row + ring else max(2 * ring, 1)
            for i in range(column - ring, column + ring + 1, across):
                if i < 0 or i >= side:
                    continue
                gap_x = max(i * width - east, east - (i + 1) * width, 0.0)
                gap_y = max(j * width - north, north - (j + 1) * width, 0.0)
                gap = math.sqrt(gap_x * gap_x + gap_y * gap_y) - SLACK_M
                if gap > most:
                    continue
                cell = layers.first_cell[layer] + j * side + i
                for k in range(ptr[cell], ptr[cell + 1]):
                    if (has[k, 0] & wanted ^ wanted) | (has[k, 1] & core ^ core) != 0:
                        continue
                    one = entry[k]
                    radius = int(one["radius"])
                    if radius + RADIUS_STEP <= gap and radius < (CLASSES - 1) * RADIUS_STEP:
                        break  # the others' are no larger
                    dx, dy, dz = one["x"] - x, one["y"] - y, one["z"] - z
                    square = dx * dx + dy * dy + dz * dz
                    if square > near[one["mode"]] or one["age"] < need["age"]:
                        continue
                    away = math.sqrt(square)
                    if away > radius:
                        continue
                    travel = travel_time(math.ceil(away), one["mode"])
                    cost = own_cost(one, need, dials, travel) + extra
                    if cost * crowd >= mark[BAR]:
                        continue
                    v = int(one["who"])
                    if talks and lacks_language(city.people, needs, order, v):
                        cost += dials.language
                    key = (cost + price[v]) * crowd + rank[v]
                    if key >= mark[BAR]:
                        continue
                    if simple and rows[v]["work"] == rows[v + 1]["work"]:
                        start = free_start(rows, hours, need, dials.now, v, travel)
                    else:
                        start = first_start(city.people, needs, dials, order, v, travel)
                    if start == FOREVER:
                        continue
                    if needs.traits > 1 and not has_traits(city.people, needs, order, v):
                        continue
                    if (names > 0 and is_named(needs, order, v)) or (bans > 0 and is_banned(needs, order, v)):
                        continue
                    keep(keys, mark, key)
                    points = mark[BAR] // crowd - least
                    most = min(farthest(points, dials.travel_per_minute, near), float(layers.radius[layer]))


@compiled
def wants_language(needs: Needs, order: int) -> bool:
    return bool(np.any(needs.masks[order, needs.traits :] != 0))


@compiled
def beyond(x: float, y: float, column: int, row: int, ring: int, side: int, width: float) -> float:
    """Metres to everything outside the rings before this one."""
    if ring == 0:
        return 0.0
    away = FAR_M
    if column - ring >= 0:
        away = min(away, x - (column - ring + 1) * width)
    if column + ring < side:
        away = min(away, (column + ring) * width - x)
    if row - ring >= 0:
        away = min(away, y - (row - ring + 1) * width)
    if row + ring < side:
        away = min(away, (row + ring) * width - y)
    return away - SLACK_M
