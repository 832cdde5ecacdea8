"""Where volunteers live, sorted for searching: a grid of square cells, and finer lists for rare traits.

The grid lies in a plane through the middle of the crowd. Falling onto a plane makes no distance longer, so what is too
far away in the plane is too far away, wherever on Earth the places are. Layer 0 holds everybody active; each trait that
few have (a rare skill, being on duty) has a layer of its own with wider cells, so that whoever looks for it need not
look at all the others. Within a cell those with the largest radius come first: a search from afar can stop early.
"""

from typing import Any, NamedTuple

import numpy as np

from dispatch.compiled import compiled
from dispatch.fast.arrays import SPOT, Needs, People
from dispatch.geo import FloatArray, IntArray
from dispatch.tables import Masks

PER_CELL = 12
MOST_CELLS = 1024  # to a side
RARE = 8  # a trait is rare when fewer than one in so many has it
CLASSES = 64  # of radii, RADIUS_STEP metres each, to sort by
RADIUS_STEP = 500
SLOTS = 64  # of time, one bit each


# What a search looks at next, within one line of the cache.
ENTRY = np.dtype(
    [
        *SPOT, ("who", "i4"), ("radius", "i4"), ("load", "i4"), ("silence", "i4"),
        ("age", "i2"), ("mode", "i1"),
    ],
    align=True,
)  # fmt: skip


class Layers(NamedTuple):
    """One row a layer: its first cell, cells to a side, metres to a cell; then the extremes of those in it."""

    first_cell: Any
    side: Any
    metres: Any
    radius: Any
    load: Any
    silence: Any


class Grid(NamedTuple):
    """Cells, row by row and layer after layer, hold the entries ptr[cell]:ptr[cell + 1] of `has` and `entry` (ENTRY).

    has: uint64 (entries, 2), the first word of traits, and the slots of time in which somebody is free, bit k being
    first_slot + k × slot_length (seconds). corner and axes: the plane.
    """

    layers: Layers
    corner: Any
    axes: Any
    ptr: Any
    has: Any
    entry: Any
    first_slot: int
    slot_length: int


def build(people: People, needs: Needs) -> tuple[Grid, IntArray, IntArray]:
    """The grid, and for each order the layer in which to look and about where."""
    row = people.row[:-1]
    axes = plane(row)
    flat = onto(axes, row)
    corner = flat.min(axis=1) if len(row) else np.zeros(2)
    flat -= corner[:, None]
    width = float(flat.max(initial=0.0)) + 1.0
    bits = rare_bits(people, needs)
    sizes = count_members(row, people.masks, bits)
    side = np.clip(np.sqrt(sizes / PER_CELL).astype(np.int64), 1, MOST_CELLS)
    metres = width / side
    first_cell = np.concatenate([np.zeros(1, np.int64), np.cumsum(side * side)])
    ptr, who = sort_into_cells(by_radius(row), row, people.masks, bits, flat, first_cell, side, metres)
    extremes = layer_extremes(row, who, ptr, first_cell)
    first_slot, slot_length = slot_scale(people)
    has, entry = np.empty((len(who), 2), dtype=np.uint64), np.empty(len(who), dtype=ENTRY)
    fill(has, entry, who, people, first_slot, slot_length)
    layers = Layers(first_cell, side, metres, *extremes)
    grid = Grid(layers, corner, axes, ptr, has, entry, first_slot, slot_length)
    layer_of = choose_layers(needs.masks, bits)
    there = np.clip((onto(axes, needs.row[:-1]) - corner[:, None]) / metres[layer_of], 0, side[layer_of] - 1)
    return grid, layer_of, first_cell[layer_of] + there[1].astype(np.int64) * side[layer_of] + there[0].astype(np.int64)


def onto(axes: FloatArray, row: np.ndarray) -> FloatArray:
    """Places on the plane (2, n)."""
    return np.stack([row["x"] * axis[0] + row["y"] * axis[1] + row["z"] * axis[2] for axis in axes])


def plane(row: np.ndarray) -> FloatArray:
    """Two unit vectors (2, 3), east and north of the middle of the crowd."""
    middle = np.array([row[axis].mean() if len(row) else 0.0 for axis in ("x", "y", "z")])
    up = middle / max(float(np.linalg.norm(middle)), 1.0)
    east = np.array([-up[1], up[0], 0.0])
    length = float(np.linalg.norm(east))
    east = east / length if length > 1e-9 else np.array([1.0, 0.0, 0.0])
    north = np.cross(up, east)
    return np.stack([east, north / max(float(np.linalg.norm(north)), 1e-9)])


def rare_bits(people: People, needs: Needs) -> IntArray:
    """The traits (bit 64 w + b) that some order asks for and few people have, the rarest first."""
    traits = needs.masks[:, : needs.traits]
    wanted = np.bitwise_or.reduce(traits, axis=0, initial=np.uint64(0), dtype=np.uint64)
    active = people.row["active"][:-1]
    held = count_bits(active, people.masks[:, : needs.traits])
    asked = [64 * w + b for w, mask in enumerate(wanted.tolist()) for b in range(64) if mask >> b & 1]
    few = [bit for bit in asked if held[bit] * RARE < max(int(active.sum()), 1)]
    return np.array(sorted(few, key=lambda bit: (held[bit], bit)), dtype=np.int64)


@compiled
def count_bits(active: np.ndarray, traits: Masks) -> IntArray:
    """How many active volunteers have each bit."""
    counts = np.zeros(64 * traits.shape[1], dtype=np.int64)
    for v in range(len(traits)):
        if active[v]:
            for word in range(traits.shape[1]):
                mask = traits[v, word]
                bit = 64 * word
                while mask != 0:
                    counts[bit] += np.int64(mask & np.uint64(1))
                    mask >>= np.uint64(1)
                    bit += 1
    return counts


@compiled
def choose_layers(asked: Masks, bits: IntArray) -> IntArray:
    """For each order the layer of the rarest trait it asks for, or 0: everybody."""
    layer = np.zeros(len(asked), dtype=np.int64)
    for order in range(len(asked)):
        for k in range(len(bits)):
            if has_bit(asked, order, bits[k]):
                layer[order] = k + 1
                break
    return layer


@compiled
def has_bit(masks: Masks, row: int, bit: int) -> bool:
    return bool((masks[row, bit // 64] >> np.uint64(bit % 64)) & np.uint64(1) != 0)


@compiled
def count_members(row: np.ndarray, traits: Masks, bits: IntArray) -> IntArray:
    """How many active volunteers each layer has."""
    sizes = np.zeros(len(bits) + 1, dtype=np.int64)
    for v in range(len(row)):
        if row[v]["active"]:
            sizes[0] += 1
            for k in range(len(bits)):
                sizes[k + 1] += has_bit(traits, v, bits[k])
    return sizes


@compiled
def by_radius(row: np.ndarray) -> IntArray:
    """Volunteers by class of radius, the largest class first."""
    counts = np.zeros(CLASSES + 1, dtype=np.int64)
    for v in range(len(row)):
        counts[radius_class(row[v]["radius"]) + 1] += 1
    counts = np.cumsum(counts)
    ordered = np.empty(len(row), dtype=np.int64)
    for v in range(len(row)):
        k = radius_class(row[v]["radius"])
        ordered[counts[k]] = v
        counts[k] += 1
    return ordered


@compiled
def radius_class(radius: int) -> int:
    return max(0, CLASSES - 1 - radius // RADIUS_STEP)


@compiled
def sort_into_cells(
    people: IntArray, rows: np.ndarray, traits: Masks, bits: IntArray, flat: FloatArray,
    first_cell: IntArray, side: IntArray, metres: FloatArray,
) -> tuple[IntArray, IntArray]:  # fmt: skip
    """ptr and who of the grid: a counting sort, in two passes, that keeps the given order within a cell."""
    ptr = np.zeros(first_cell[-1] + 1, dtype=np.int64)
    who = np.empty(0, dtype=np.int64)
    place = ptr
    for filling in range(2):
        if filling == 1:
            ptr = np.cumsum(ptr)
            who = np.empty(ptr[-1], dtype=np.int64)
            place = ptr.copy()
        for v in people:
            if not rows[v]["active"]:
                continue
            for layer in range(len(side)):
                if layer > 0 and not has_bit(traits, v, bits[layer - 1]):
                    continue
                column = min(np.int64(flat[0, v] / metres[layer]), side[layer] - 1)
                row = min(np.int64(flat[1, v] / metres[layer]), side[layer] - 1)
                cell = first_cell[layer] + row * side[layer] + column
                if filling == 0:
                    ptr[cell + 1] += 1
                else:
                    who[place[cell]] = v
                    place[cell] += 1
    return ptr, who


@compiled
def layer_extremes(row: np.ndarray, who: IntArray, ptr: IntArray, first_cell: IntArray) -> IntArray:
    """Rows: the largest radius, the least load and the least silence of each layer."""
    found = np.zeros((3, len(first_cell) - 1), dtype=np.int64)
    for layer in range(len(first_cell) - 1):
        first, stop = ptr[first_cell[layer]], ptr[first_cell[layer + 1]]
        if first < stop:
            found[1, layer], found[2, layer] = row[who[first]]["load"], row[who[first]]["silence"]
        for k in range(first, stop):
            v = who[k]
            found[0, layer] = max(found[0, layer], row[v]["radius"])
            found[1, layer] = min(found[1, layer], row[v]["load"])
            found[2, layer] = min(found[2, layer], row[v]["silence"])
    return found


def slot_scale(people: People) -> tuple[int, int]:
    """The first moment anybody is free, and the seconds of each slot up to the last."""
    if not len(people.hours):
        return 0, 1
    first = int(people.hours["start"].min())
    return first, -(-(int(people.hours["end"].max()) - first) // SLOTS)


@compiled
def fill(has: Masks, entry: np.ndarray, who: IntArray, people: People, first_slot: int, length: int) -> None:
    """Copy together what a search looks at first."""
    for k in range(len(who)):
        v = who[k]
        row = people.row[v]
        slots = np.uint64(0)
        for h in range(row["hours"], people.row[v + 1]["hours"]):
            start, end = people.hours[h]["start"], people.hours[h]["end"]
            slots |= slots_between((start - first_slot) // length, (end - 1 - first_slot) // length)
        entry[k]["x"], entry[k]["y"], entry[k]["z"] = row["x"], row["y"], row["z"]
        has[k, 0], has[k, 1], entry[k]["who"] = people.masks[v, 0], slots, v
        entry[k]["radius"], entry[k]["load"], entry[k]["silence"] = row["radius"], row["load"], row["silence"]
        entry[k]["age"], entry[k]["mode"] = row["age"], row["mode"]


@compiled
def slots_between(first: int, last: int) -> np.uint64:
    """Bits first to last, both included and both within 0..63."""
    return (np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(63 - last + first)) << np.uint64(first)
