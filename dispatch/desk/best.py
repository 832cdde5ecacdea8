"""What the eligible cost, and the cheapest of them: looked for where the cheapest may live first."""

import numpy as np

from dispatch.compiled import compiled
from dispatch.crowd import FOREVER
from dispatch.desk.bits import ONE, lowest, slot_of
from dispatch.desk.layout import (
    ANSWER,
    CONTINUITY,
    COST,
    DELAY,
    DURATION,
    EARLIEST,
    FAIRNESS,
    FASTEST,
    HAS_KNOWN,
    HAS_OFFERED,
    HOURS,
    HOURS_AT,
    IS_KNOWN,
    IS_OFFERED,
    LANGUAGE,
    LEAST_ANSWER,
    LEAST_LOAD,
    LOAD,
    LONGEST_LOAD,
    METRES,
    MINUTES,
    PER_MINUTE,
    SECONDS,
    SHORTEST,
    SILENCE,
    SLOT,
    SPEED,
    SPREAD,
    STABILITY,
    START,
    TERMS,
    WORD,
    RowArray,
    WordArray,
)
from dispatch.desk.times import into_hours, square_between, travel_seconds, whole_metres
from dispatch.geo import WALK_SPEED, FloatArray, IntArray

SURE_FIRST = 6
"""So many words are looked at in the order of what their cheapest may cost, the rest in any."""


@compiled
def fairness(load: int, order: IntArray, weights: IntArray) -> int:
    minutes = order[DURATION] // 60
    return (2 * min(load, weights[LONGEST_LOAD]) + minutes) * minutes * weights[FAIRNESS] // 3600


@compiled
def wishes(
    bits: WordArray, languages: IntArray, word: int, one: np.uint64, order: IntArray, weights: IntArray
) -> tuple[int, int, int]:
    """Points for language, continuity and stability."""
    tongue, stranger, taken = 0, 0, 0
    if len(languages):
        tongue = weights[LANGUAGE]
        for column in languages:
            if bits[column, word] & one:
                tongue = 0
    if order[HAS_KNOWN] and not bits[IS_KNOWN, word] & one:
        stranger = weights[CONTINUITY]
    if order[HAS_OFFERED] and not bits[IS_OFFERED, word] & one:
        taken = weights[STABILITY]
    return tongue, stranger, taken


@compiled
def keep(best: IntArray, found: int, keys: WordArray, cost: int, slot: int, metres: int) -> int:
    """Put somebody where they belong among the best, ties by key; how many are in there now."""
    at = found
    while at > 0 and (
        cost < best[at - 1, COST] or (cost == best[at - 1, COST] and keys[slot] < keys[best[at - 1, SLOT]])
    ):
        at -= 1
    if at == len(best):
        return found
    found = min(found + 1, len(best))
    for k in range(found - 1, at, -1):
        best[k, COST], best[k, SLOT], best[k, METRES] = best[k - 1, COST], best[k - 1, SLOT], best[k - 1, METRES]
    best[at, COST], best[at, SLOT], best[at, METRES] = cost, slot, metres
    return found


@compiled
def cheapest(
    bits: WordArray, around: FloatArray, spots: FloatArray, people: RowArray, burdens: RowArray, keys: WordArray,
    languages: IntArray, x: float, y: float, z: float, order: IntArray, weights: IntArray, eligible: WordArray,
    gaps: FloatArray, bound: IntArray, best: IntArray,
) -> int:  # fmt: skip
    """Fill COST, SLOT and METRES of the best, beginning with the words where the cheapest may live."""
    found, per_minute = 0, weights[PER_MINUTE]
    has_wishes = len(languages) or order[HAS_KNOWN] or order[HAS_OFFERED]
    for word in range(len(eligible)):
        bound[word] = FOREVER
        if eligible[word]:
            near = max(0.0, gaps[word] - around[SPREAD, word] - 1.0) * 10.0
            seconds = int(min(near / WALK_SPEED, around[SHORTEST, word] + near / around[FASTEST, word]))
            least = int(around[LEAST_ANSWER, word]) + fairness(int(around[LEAST_LOAD, word]), order, weights)
            bound[word] = seconds * per_minute // 60 + least
    for turn in range(len(eligible) + SURE_FIRST if len(best) else 0):
        word = int(np.argmin(bound)) if turn < SURE_FIRST else turn - SURE_FIRST
        if bound[word] == FOREVER or (found == len(best) and bound[word] > best[found - 1, COST]):
            continue
        bound[word], left = FOREVER, eligible[word]
        while left:
            one = lowest(left)
            left = left ^ one
            slot = slot_of(word, one)
            cost = burdens[slot, SILENCE] + fairness(burdens[slot, MINUTES], order, weights)
            if has_wishes:
                tongue, stranger, taken = wishes(bits, languages, word, one, order, weights)
                cost += tongue + stranger + taken
            square = square_between(spots[slot, 0], spots[slot, 1], spots[slot, 2], x, y, z)
            if found == len(best) and too_far(square, best[found - 1, COST] - cost, per_minute, around, word):
                continue
            metres = whole_metres(square)
            cost += travel_seconds(metres, people[slot, SPEED], people[slot, DELAY]) * per_minute // 60
            if found < len(best) or cost <= best[found - 1, COST]:
                found = keep(best, found, keys, cost, slot, metres)
    return found


@compiled
def too_far(square: float, points: int, per_minute: int, around: FloatArray, word: int) -> bool:
    """Whether the way must cost more than so many points, whoever of that word takes it."""
    if points < 0 or not per_minute:
        return points < 0
    seconds = (points + 1) * 60.0 / per_minute
    metres = 0.1 * max(seconds * WALK_SPEED, (seconds - around[SHORTEST, word]) * around[FASTEST, word]) + 1.0
    return square > metres * metres


@compiled
def describe(
    bits: WordArray, people: RowArray, hours: IntArray, languages: IntArray, order: IntArray, weights: IntArray,
    at_once: WordArray, starts: IntArray, found: int, best: IntArray,
) -> None:  # fmt: skip
    """The rest of each row: start, travel and terms. Those settled `at_once` begin as soon as their hours let them."""
    for k in range(found):
        slot = best[k, SLOT]
        word, one = slot // WORD, ONE << np.uint64(slot % WORD)
        start = starts[slot]
        if at_once[word] & one:
            start = into_hours(hours, people[slot, HOURS_AT], people[slot, HOURS], order[EARLIEST], order[DURATION])
        seconds = travel_seconds(best[k, METRES], people[slot, SPEED], people[slot, DELAY])
        tongue, stranger, taken = wishes(bits, languages, word, one, order, weights)
        best[k, START], best[k, SECONDS], best[k, TERMS] = start, seconds, seconds * weights[PER_MINUTE] // 60
        best[k, TERMS + 1], best[k, TERMS + 2] = fairness(people[slot, LOAD], order, weights), tongue
        best[k, TERMS + 3], best[k, TERMS + 4], best[k, TERMS + 5] = stranger, people[slot, ANSWER], taken
