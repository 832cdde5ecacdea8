"""One order against the whole desk in one pass: sixty-four people at a time while bits can tell, then one by one.

Everybody is lost at the first rule they fail, in the order of rules.RULES, exactly as the rules over a crowd have it
(tests hold the two against each other). Bits alone settle whoever is at home in time, keeps half hours and has no work
or limit near the order; the others are timed one by one.
"""

import math

import numpy as np

from dispatch.compiled import compiled
from dispatch.desk.best import cheapest, describe
from dispatch.desk.bits import NONE, ONE, count, free_in_time, lowest, mark, note, outlast, slot_of
from dispatch.desk.layout import (
    AVAILABILITY,
    BANNED,
    COLUMN,
    DELAY,
    DURATION,
    EARLIEST,
    ELIGIBLE,
    FAR,
    IS_BANNED,
    IS_KNOWN,
    IS_ODD,
    IS_OFFERED,
    LOAD,
    LOAD_OF_ALL,
    LONGEST,
    LOST_TO_BAN,
    MIDDLE,
    MINUTES,
    NEAR,
    NOW,
    OFFSET,
    PAPER,
    PRESENT,
    RADIUS,
    RULE,
    SLOWEST,
    SPEED,
    SPREAD,
    WINDOW_END,
    ByteArray,
    RowArray,
    WordArray,
)
from dispatch.desk.times import square_between, timed, travel_seconds, whole_metres
from dispatch.geo import WALK_SPEED, FloatArray, IntArray


@compiled
def screen(
    bits: WordArray, until: IntArray, asked: IntArray, order: IntArray, left: WordArray, alone: WordArray,
    totals: IntArray, why: ByteArray,
) -> None:  # fmt: skip
    """The rules that bits can tell: who is left, and (in `alone`) whose paper ends within the window."""
    left[:] = bits[PRESENT]
    for k in range(len(asked)):
        column, rule, paper, lost = asked[k, COLUMN], asked[k, RULE], asked[k, PAPER], 0
        for word in range(len(left)):
            kept = left[word] & bits[column, word]
            if paper >= 0 and kept:
                kept = outlast(until[paper], word, kept, order[EARLIEST] + order[DURATION])
                alone[word] |= kept ^ outlast(until[paper], word, kept, order[WINDOW_END])
            gone = left[word] ^ kept
            lost += count(gone)
            note(why, word, gone, rule)
            left[word] = kept
        totals[rule] += lost


@compiled
def nearby(
    around: FloatArray, spots: FloatArray, people: RowArray, x: float, y: float, z: float, order: IntArray,
    left: WordArray, alone: WordArray, gaps: FloatArray, totals: IntArray, why: ByteArray,
) -> None:  # fmt: skip
    """Leave those within their own radius; who of them cannot be there at the earliest start goes into `alone`.

    `gaps`: metres between the order and the middle of each word that has anybody left.
    """
    now, earliest, lost = order[NOW], order[EARLIEST], 0
    for word in range(len(left)):
        gaps[word] = square_between(around[MIDDLE, word], around[MIDDLE + 1, word], around[MIDDLE + 2, word], x, y, z)
    for word in range(len(left)):
        if not left[word]:
            continue
        near, square = NONE, gaps[word]
        if square <= around[FAR, word]:
            gaps[word] = math.sqrt(square)
            far = (gaps[word] + around[SPREAD, word] + 1.0) * 10.0
            longest = min(far / WALK_SPEED, around[LONGEST, word] + far / around[SLOWEST, word]) + 1.0
            near = left[word]
            if square > around[NEAR, word]:
                near = within(spots, word, x, y, z, near)
            if now + longest > earliest:
                alone[word] |= later(spots, people, word, x, y, z, earliest - now, near)
        if near != left[word]:
            gone = left[word] ^ near
            lost += count(gone)
            note(why, word, gone, RADIUS)
            left[word] = near
    totals[RADIUS] += lost


@compiled
def within(spots: FloatArray, word: int, x: float, y: float, z: float, left: np.uint64) -> np.uint64:
    """Those of a word who live within their own radius. No branch: on the border nobody could foretell it."""
    near = left
    while left:
        slot = slot_of(word, lowest(left))
        far = square_between(spots[slot, 0], spots[slot, 1], spots[slot, 2], x, y, z) > spots[slot, 3]
        near = near ^ (lowest(left) * np.uint64(far))
        left = left & (left - ONE)
    return near


@compiled
def later(
    spots: FloatArray, people: RowArray, word: int, x: float, y: float, z: float, time: int, left: np.uint64
) -> np.uint64:
    """Those of a word whose way takes more seconds than there is time."""
    late = NONE
    while left:
        one = lowest(left)
        left = left ^ one
        slot = slot_of(word, one)
        square = square_between(spots[slot, 0], spots[slot, 1], spots[slot, 2], x, y, z)
        if travel_seconds(whole_metres(square), people[slot, SPEED], people[slot, DELAY]) > time:
            late |= one
    return late


@compiled
def at_once(
    bits: WordArray, grid: WordArray, first: int, streaks: WordArray, burdens: RowArray, order: IntArray,
    left: WordArray, alone: WordArray, doubtful: WordArray, totals: IntArray, why: ByteArray,
) -> None:  # fmt: skip
    """Leave the eligible whom bits tell all about; who must be timed goes into `alone`."""
    away, barred, eligible, load = 0, 0, 0, 0
    for word in range(len(left)):
        near = left[word]
        if not near:
            alone[word] = NONE
            continue
        single = near & alone[word]
        sure = near ^ single
        if sure:
            free = sure & free_in_time(grid[word], streaks, first, order)
            away += count(sure ^ free)
            note(why, word, sure ^ free, AVAILABILITY)
            single |= free & doubtful[word]
            sure = free & ~doubtful[word]
        lost = sure & bits[IS_BANNED, word]
        if lost:
            barred += count(lost)
            note(why, word, lost, BANNED)
            bits[LOST_TO_BAN, word] |= lost
            sure = sure ^ lost
        left[word], alone[word] = sure, single
        eligible += count(sure)
        while sure:
            load += burdens[slot_of(word, lowest(sure)), MINUTES]
            sure = sure & (sure - ONE)
    totals[AVAILABILITY] += away
    totals[BANNED] += barred
    totals[ELIGIBLE] += eligible
    totals[LOAD_OF_ALL] += load


@compiled
def one_by_one(
    bits: WordArray, spots: FloatArray, people: RowArray, hours: IntArray, work: FloatArray,
    ways: IntArray, until: IntArray, asked: IntArray, x: float, y: float, z: float, order: IntArray, alone: WordArray,
    starts: IntArray, totals: IntArray, why: ByteArray,
) -> None:  # fmt: skip
    """Time those in `alone`; leave the eligible there, with their starts."""
    now, earliest, duration, offset = order[NOW], order[EARLIEST], order[DURATION], order[OFFSET]
    for word in range(len(alone)):
        left = alone[word]
        while left:
            one = lowest(left)
            left = left ^ one
            slot, end = slot_of(word, one), order[WINDOW_END]
            for k in range(len(asked)):
                if asked[k, PAPER] >= 0:
                    end = min(end, until[asked[k, PAPER], slot])
            square = square_between(spots[slot, 0], spots[slot, 1], spots[slot, 2], x, y, z)
            arrival = now + travel_seconds(whole_metres(square), people[slot, SPEED], people[slot, DELAY])
            rule, start = timed(
                hours, work, ways, people, slot, x, y, z, now, arrival, earliest, end - duration, duration, offset
            )
            if rule == ELIGIBLE and bits[IS_BANNED, word] & one:
                rule = BANNED
                bits[LOST_TO_BAN, word] |= one
            totals[rule] += 1
            if rule == ELIGIBLE:
                totals[LOAD_OF_ALL] += people[slot, LOAD]
                starts[slot] = start
            else:
                alone[word] ^= one
                note(why, word, one, rule)


@compiled
def scan(
    bits: WordArray, grid: WordArray, first: int, around: FloatArray, spots: FloatArray, people: RowArray,
    burdens: RowArray, keys: WordArray, hours: IntArray, work: FloatArray, until: IntArray, words: WordArray,
    streaks: WordArray, gaps: FloatArray, numbers: IntArray, ways: IntArray, asked: IntArray, doubts: IntArray,
    languages: IntArray, banned: IntArray, known: IntArray, offered: IntArray, x: float, y: float, z: float,
    order: IntArray, weights: IntArray, best: IntArray, totals: IntArray, why: ByteArray,
) -> int:  # fmt: skip
    """Fill `best` (cheapest first) and `totals` (the lost by rule, the eligible, their load); how many in `best`.

    Who is in one of the `doubts` columns is timed by themselves. There is room to write on
    in `words` (3 rows), `streaks`, `gaps`, `numbers` (starts, then a bound for each word) and `ways`.
    """
    left, alone, doubtful = words[0], words[1], words[2]
    starts, bound = numbers[: len(keys)], numbers[len(keys) :]
    bits[IS_BANNED:IS_ODD] = NONE
    for column, slots in ((IS_BANNED, banned), (IS_KNOWN, known), (IS_OFFERED, offered)):
        mark(bits[column], slots)
    alone[:] = NONE
    doubtful[:] = NONE
    for column in doubts:
        if column in (IS_ODD, PRESENT):
            alone |= bits[column]
        else:
            doubtful |= bits[column]
    screen(bits, until, asked, order, left, alone, totals, why)
    nearby(around, spots, people, x, y, z, order, left, alone, gaps, totals, why)
    at_once(bits, grid, first, streaks, burdens, order, left, alone, doubtful, totals, why)
    one_by_one(
        bits, spots, people, hours, work, ways, until, asked, x, y, z, order, alone, starts, totals, why
    )  # fmt: skip
    doubtful[:] = left
    left |= alone
    found = cheapest(
        bits, around, spots, people, burdens, keys, languages, x, y, z, order, weights, left, gaps, bound, best
    )  # fmt: skip
    describe(bits, people, hours, languages, order, weights, doubtful, starts, found, best)
    return found
