"""Where volunteers live, sorted for searching: a grid of square cells, and finer lists for rare traits.

The grid lies in a plane through the middle of the crowd. Falling onto a plane makes no distance longer, so what is too
far away in the plane is too far away, wherever on Earth the places are. Layer 0 holds everybody active; each trait that
few have (a rare skill, being on duty) has a layer of its own with wider cells, so that whoever looks for it need not
look at all the others. Within a cell those with the largest radius come first: a search from afar can stop early.
"""

from typing import Any, NamedTuple

import numpy as np

from dispatch.compiled import compiled
from dispatch.fast.arrays import Needs, People
from dispatch.geo import FloatArray, IntArray
from dispatch.tables import Masks

PER_CELL = 8
MOST_CELLS = 1024  # to a side
RARE = 8  # a trait is rare when fewer than one in so many has it
CLASSES = 64  # of radii, RADIUS_STEP metres each, to sort by
RADIUS_STEP = 500
SLOTS = 64  # of time, one bit each


class Layers(NamedTuple):
    """One row a layer: its first cell, cells to a side, metres to a cell; then the extremes of those in it."""

    first_cell: Any
    side: Any
    metres: Any
    radius: Any
    load: Any
    silence: Any


class Grid(NamedTuple):
    """Cells, row by row and layer after layer, hold the entries ptr[cell]:ptr[cell + 1]; an entry is a volunteer.

    Of an entry: who, x, y, z (metres), radius, traits (uint64 (entries, words)), slots (uint64: when they are free).
    corner and axes: the plane. first_slot and slot_length (seconds) say what the bits of `slots` mean.
    """

    layers: Layers
    corner: Any
    axes: Any
    ptr: Any
    who: Any
    spot: Any
    radius: Any
    traits: Any
    slots: Any
    first_slot: int
    slot_length: int


def build(people: People, needs: Needs) -> tuple[Grid, IntArray]:
    """The grid, and for each order the layer in which to look."""
    axes = plane(people.spot)
    flat = people.spot @ axes.T
    corner = flat.min(axis=0) if len(flat) else np.zeros(2)
    flat -= corner
    width = float(flat.max(initial=0.0)) + 1.0
    bits = rare_bits(people, needs)
    of_order = choose_layers(needs.traits, bits)
    sizes = count_members(people.active, people.traits, bits)
    side = np.clip(np.sqrt(sizes / PER_CELL).astype(np.int64), 1, MOST_CELLS)
    metres = width / side
    first_cell = np.concatenate([np.zeros(1, np.int64), np.cumsum(side * side)])
    largest_first = by_radius(people.radius)
    ptr, who = sort_into_cells(largest_first, people.active, people.traits, bits, flat, first_cell, side, metres)
    extremes = layer_extremes(people.radius, people.load, people.silence, who, ptr, first_cell)
    first_slot, slot_length = slot_scale(people)
    slots = free_slots(people.hours_ptr, people.hours_start, people.hours_end, first_slot, slot_length)
    layers = Layers(first_cell, side, metres, extremes[0], extremes[1], extremes[2])
    grid = Grid(
        layers, corner, axes, ptr, who, people.spot[who], people.radius[who], people.traits[who], slots[who],
        first_slot, slot_length,
    )  # fmt: skip
    return grid, of_order


def plane(spot: FloatArray) -> FloatArray:
    """Two unit vectors (2, 3), east and north of the middle of the crowd."""
    middle = spot.mean(axis=0) if len(spot) else np.zeros(3)
    up = middle / max(float(np.linalg.norm(middle)), 1.0)
    east = np.array([-up[1], up[0], 0.0])
    length = float(np.linalg.norm(east))
    east = east / length if length > 1e-9 else np.array([1.0, 0.0, 0.0])
    north = np.cross(up, east)
    return np.stack([east, north / max(float(np.linalg.norm(north)), 1e-9)])


def rare_bits(people: People, needs: Needs) -> IntArray:
    """The traits (bit 64 w + b) that some order asks for and few people have, the rarest first."""
    wanted = np.bitwise_or.reduce(needs.traits, axis=0, initial=np.uint64(0), dtype=np.uint64)
    held = count_bits(people.active, people.traits)
    asked = [64 * w + b for w, mask in enumerate(wanted.tolist()) for b in range(64) if mask >> b & 1]
    few = [bit for bit in asked if held[bit] * RARE < max(int(people.active.sum()), 1)]
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
def count_members(active: np.ndarray, traits: Masks, bits: IntArray) -> IntArray:
    """How many active volunteers each layer has."""
    sizes = np.zeros(len(bits) + 1, dtype=np.int64)
    for v in range(len(traits)):
        if active[v]:
            sizes[0] += 1
            for k in range(len(bits)):
                sizes[k + 1] += has_bit(traits, v, bits[k])
    return sizes


@compiled
def by_radius(radius: IntArray) -> IntArray:
    """Volunteers by class of radius, the largest class first."""
    counts = np.zeros(CLASSES + 1, dtype=np.int64)
    for v in range(len(radius)):
        counts[radius_class(radius[v]) + 1] += 1
    counts = np.cumsum(counts)
    ordered = np.empty(len(radius), dtype=np.int64)
    for v in range(len(radius)):
        k = radius_class(radius[v])
        ordered[counts[k]] = v
        counts[k] += 1
    return ordered


@compiled
def radius_class(radius: int) -> int:
    return max(np.int64(0), CLASSES - 1 - radius // RADIUS_STEP)


@compiled
def sort_into_cells(
    people: IntArray, active: np.ndarray, traits: Masks, bits: IntArray, flat: FloatArray,
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
            if not active[v]:
                continue
            for layer in range(len(side)):
                if layer > 0 and not has_bit(traits, v, bits[layer - 1]):
                    continue
                column = min(np.int64(flat[v, 0] / metres[layer]), side[layer] - 1)
                row = min(np.int64(flat[v, 1] / metres[layer]), side[layer] - 1)
                cell = first_cell[layer] + row * side[layer] + column
                if filling == 0:
                    ptr[cell + 1] += 1
                else:
                    who[place[cell]] = v
                    place[cell] += 1
    return ptr, who


@compiled
def layer_extremes(
    radius: IntArray, load: IntArray, silence: IntArray, who: IntArray, ptr: IntArray, first_cell: IntArray
) -> IntArray:
    """Rows: the largest radius, the least load and the least silence of each layer."""
    found = np.zeros((3, len(first_cell) - 1), dtype=np.int64)
    for layer in range(len(first_cell) - 1):
        first, stop = ptr[first_cell[layer]], ptr[first_cell[layer + 1]]
        if first < stop:
            found[1, layer], found[2, layer] = load[who[first]], silence[who[first]]
        for k in range(first, stop):
            v = who[k]
            found[0, layer] = max(found[0, layer], radius[v])
            found[1, layer] = min(found[1, layer], load[v])
            found[2, layer] = min(found[2, layer], silence[v])
    return found


def slot_scale(people: People) -> tuple[int, int]:
    """The first moment anybody is free, and the seconds of each slot up to the last."""
    if not len(people.hours_start):
        return 0, 1
    first = int(people.hours_start.min())
    return first, -(-(int(people.hours_end.max()) - first) // SLOTS)


@compiled
def free_slots(ptr: IntArray, start: IntArray, end: IntArray, first_slot: int, length: int) -> np.ndarray:
    """The slots that somebody's free hours touch."""
    slots = np.zeros(len(ptr) - 1, dtype=np.uint64)
    for v in range(len(slots)):
        for k in range(ptr[v], ptr[v + 1]):
            slots[v] |= slots_between((start[k] - first_slot) // length, (end[k] - 1 - first_slot) // length)
    return slots


@compiled
def slots_between(first: int, last: int) -> np.uint64:
    """Bits first to last, both included and both within 0..63."""
    return (np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(63 - last + first)) << np.uint64(first)
