"""How many volunteers may serve every order, and how much these have worked: counted over everybody."""

import math

import numpy as np

from dispatch.compiled import compiled
from dispatch.crowd import FOREVER
from dispatch.fast.pair import first_start, free_start, has_traits, is_banned, travel_time
from dispatch.fast.search import City, core_slots
from dispatch.geo import IntArray


@compiled
def census(city: City, load: IntArray) -> tuple[IntArray, IntArray]:
    """For every order the eligible, and the sum of their `load` (by volunteer)."""
    size = len(city.needs.row) - 1
    eligible, worked = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for order in range(size):
        core, possible = core_slots(city.needs.row[order], city.grid.first_slot, city.grid.slot_length)
        if possible:
            eligible[order], worked[order] = count(city, order, core, load)
    return eligible, worked


@compiled
def count(city: City, order: int, core: np.uint64, load: IntArray) -> tuple[int, int]:
    """One order against everybody in its layer."""
    people, needs, dials, grid = city.people, city.needs, city.dials, city.grid
    need, wanted, layer = needs.row[order], needs.masks[order, 0], city.layer_of[order]
    x, y, z = need["x"], need["y"], need["z"]
    has, entry, rows, hours = grid.has, grid.entry, people.row, people.hours
    simple, banned = need["asked"] == needs.row[order + 1]["asked"], need["banned"] < needs.row[order + 1]["banned"]
    first, stop = grid.ptr[grid.layers.first_cell[layer]], grid.ptr[grid.layers.first_cell[layer + 1]]
    eligible, worked = 0, 0
    for k in range(first, stop):
        if (has[k, 0] & wanted ^ wanted) | (has[k, 1] & core ^ core) != 0:
            continue
        one = entry[k]
        dx, dy, dz = one["x"] - x, one["y"] - y, one["z"] - z
        away = math.sqrt(dx * dx + dy * dy + dz * dz)
        if away > one["radius"] or one["age"] < need["age"]:
            continue
        v = int(one["who"])
        if (needs.traits > 1 and not has_traits(people, needs, order, v)) or (banned and is_banned(needs, order, v)):
            continue
        travel = travel_time(math.ceil(away), one["mode"])
        if simple and rows[v]["work"] == rows[v + 1]["work"]:
            start = free_start(rows, hours, need, dials.now, v, travel)
        else:
            start = first_start(people, needs, dials, order, v, travel)
        if start < FOREVER:
            eligible += 1
            worked += load[v]
    return eligible, worked
