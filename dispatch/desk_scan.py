"""One order against the whole desk in one pass: sixty-four people at a time while bits can tell, one by one after that.

Everybody is lost at the first rule they fail, in the order of rules.RULES, exactly as the rules over a crowd have it
(tests hold the two against each other). Bits alone settle whoever is at home in time, keeps half hours and has no work
or limit near the order; the others are timed one by one. The best are looked for where the cheapest may live first.
"""

import math

import numpy as np
from numpy.typing import NDArray

from dispatch.compiled import compiled
from dispatch.crowd import FOREVER
from dispatch.desk_times import (
    ANSWER,
    DELAY,
    ELIGIBLE,
    HOURS,
    HOURS_AT,
    LOAD,
    SPEED,
    RowArray,
    into_hours,
    square_between,
    timed,
    travel_seconds,
    whole_metres,
)
from dispatch.geo import WALK_SPEED, FloatArray, IntArray
from dispatch.rules import RULE_NAMES

WordArray = NDArray[np.uint64]
ByteArray = NDArray[np.uint8]

WORD = 64
HALF_HOUR = 1800
RADIUS, AVAILABILITY, BANNED = (RULE_NAMES.index(name) for name in ("radius", "availability", "banned"))
SURE_FIRST = 6
"""So many words are looked at in the order of what their cheapest may cost, the rest in any."""
LOAD_OF_ALL = ELIGIBLE + 1
TOTALS = ELIGIBLE + 2

# The first bit columns: slots with somebody in them, none, then what an order says of people and what came of its bans.
PRESENT, NOBODY, IS_BANNED, IS_KNOWN, IS_OFFERED, LOST_TO_BAN, ODD_COLUMN, FIRST_WORD = 0, 1, 2, 3, 4, 5, 6, 7
# Columns of `asked`: which bits, at which rule people without them are lost, and which paper must last.
COLUMN, RULE, PAPER = 0, 1, 2
# Columns of `around`: what is true of all the people of a word. Squares of metres: nobody beyond FAR, all within NEAR.
MIDDLE, FAR, NEAR, SPREAD, SLOWEST, FASTEST, SHORTEST, LONGEST, LEAST_LOAD, LEAST_ANSWER, AROUND_COLUMNS = (
    0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
)  # fmt: skip
# Columns of the answer.
COST, SLOT, START, METRES, SECONDS, TERMS, ANSWER_COLUMNS = 0, 1, 2, 3, 4, 5, 11
# An order in numbers, and the weights.
NOW, EARLIEST, WINDOW_END, DURATION, OFFSET, HAS_KNOWN, HAS_OFFERED = range(7)
PER_MINUTE, FAIRNESS, LANGUAGE, CONTINUITY, STABILITY, LONGEST_LOAD = range(6)

_ONE, _NONE, _ALL = np.uint64(1), np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)


@compiled
def count(people: np.uint64) -> int:
    """How many bits are set. Compilers know this loop and make one instruction of it."""
    number = 0
    while people:
        people = people & (people - _ONE)
        number += 1
    return number


@compiled
def lowest(people: np.uint64) -> np.uint64:
    return people ^ (people & (people - _ONE))


@compiled
def slot_of(word: int, one: np.uint64) -> int:
    """The slot of a single bit."""
    return word * WORD + count(one - _ONE)


@compiled
def note(why: ByteArray, word: int, people: np.uint64, rule: int) -> None:
    """Write down for each of these why they are lost; an empty `why` is not asked for."""
    while len(why) and people:
        one = lowest(people)
        why[slot_of(word, one)] = rule
        people = people ^ one


@compiled
def mark(column: WordArray, slots: IntArray) -> None:
    for slot in slots:
        column[slot // WORD] |= _ONE << np.uint64(slot % WORD)


@compiled
def outlast(until: IntArray, word: int, people: np.uint64, moment: int) -> np.uint64:
    """Those of them whose paper is still good at that moment."""
    rest, kept = people, people
    while rest:
        one = lowest(rest)
        if until[slot_of(word, one)] < moment:
            kept = kept ^ one
        rest = rest ^ one
    return kept


@compiled
def screen(
    bits: WordArray, until: IntArray, asked: IntArray, order: IntArray, left: WordArray, alone: WordArray,
    totals: IntArray, why: ByteArray,
) -> None:  # fmt: skip
    """The rules that bits can tell: who is left, and (in `alone`) who of these has a paper that ends within the window."""
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
def free_in_time(row: WordArray, streaks: WordArray, first: int, order: IntArray) -> np.uint64:
    """Of a word's people, as if all kept half hours: those with free hours for the whole service, begun in time.

    `row`: a word for each half hour from `first` on. `streaks` is room for as many.
    """
    earliest, duration = order[EARLIEST], order[DURATION]
    latest = order[WINDOW_END] - duration
    at = earliest // HALF_HOUR - first
    found = _ALL
    for k in range(at, -(-(earliest + duration) // HALF_HOUR) - first):
        found = found & row[k]
    begin, end = -(-earliest // HALF_HOUR) - first, latest // HALF_HOUR - first
    length = -(-duration // HALF_HOUR)
    if begin > end:
        return found
    size = end - begin + length
    for k in range(size):
        streaks[k] = row[begin + k]
    long = 1
    while long < length:
        step = min(long, length - long)
        size -= step
        for k in range(size):
            streaks[k] = streaks[k] & streaks[k + step]
        long += step
    for k in range(size):
        found = found | streaks[k]
    return found


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
        near, square = _NONE, gaps[word]
        if square <= around[FAR, word]:
            gaps[word] = math.sqrt(square)
            far = (gaps[word] + around[SPREAD, word] + 1.0) * 10.0
            longest = min(far / WALK_SPEED, around[LONGEST, word] + far / around[SLOWEST, word]) + 1.0
            is_late, near = now + longest > earliest, left[word]
            if is_late or square > around[NEAR, word]:
                near, late = within(spots, people, word, x, y, z, earliest - now, is_late, near)
                alone[word] |= late
        if near != left[word]:
            gone = left[word] ^ near
            lost += count(gone)
            note(why, word, gone, RADIUS)
            left[word] = near
    totals[RADIUS] += lost


@compiled
def within(
    spots: FloatArray, people: RowArray, word: int, x: float, y: float, z: float, time: int, is_late: bool,
    left: np.uint64,
) -> tuple[np.uint64, np.uint64]:  # fmt: skip
    """(those within their own radius, those of them who take longer than that time)."""
    near, late = left, _NONE
    while left:
        one = lowest(left)
        left = left ^ one
        slot = slot_of(word, one)
        square = square_between(spots[slot, 0], spots[slot, 1], spots[slot, 2], x, y, z)
        if square > spots[slot, 3]:
            near = near ^ one
        elif is_late and travel_seconds(whole_metres(square), people[slot, SPEED], people[slot, DELAY]) > time:
            late |= one
    return near, late


@compiled
def at_once(
    bits: WordArray, grid: WordArray, first: int, streaks: WordArray, loads: RowArray, order: IntArray,
    left: WordArray, alone: WordArray, doubtful: WordArray, totals: IntArray, why: ByteArray,
) -> None:  # fmt: skip
    """Leave the eligible whom bits tell all about; who must be timed goes into `alone`."""
    away, barred, eligible, load = 0, 0, 0, 0
    for word in range(len(left)):
        near = left[word]
        if not near:
            alone[word] = _NONE
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
            load += loads[slot_of(word, lowest(sure))]
            sure = sure & (sure - _ONE)
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
    bits: WordArray, around: FloatArray, spots: FloatArray, people: RowArray, keys: WordArray, languages: IntArray,
    x: float, y: float, z: float, order: IntArray, weights: IntArray, eligible: WordArray, gaps: FloatArray,
    bound: IntArray, best: IntArray,
) -> int:  # fmt: skip
    """Fill COST, SLOT and METRES of the best, beginning with the words where the cheapest may live."""
    found, per_minute = 0, weights[PER_MINUTE]
    has_wishes = len(languages) or order[HAS_KNOWN] or order[HAS_OFFERED]
    for word in range(len(eligible)):
        bound[word] = FOREVER
        if eligible[word]:
            near = max(0.0, gaps[word] - around[SPREAD, word] - 1.0) * 10.0
            seconds = np.int64(min(near / WALK_SPEED, around[SHORTEST, word] + near / around[FASTEST, word]))
            least = np.int64(around[LEAST_ANSWER, word]) + fairness(np.int64(around[LEAST_LOAD, word]), order, weights)
            bound[word] = seconds * per_minute // 60 + least
    for turn in range(len(eligible) + SURE_FIRST if len(best) else 0):
        word = np.argmin(bound) if turn < SURE_FIRST else turn - SURE_FIRST
        if bound[word] == FOREVER or (found == len(best) and bound[word] > best[found - 1, COST]):
            continue
        bound[word], left = FOREVER, eligible[word]
        while left:
            one = lowest(left)
            left = left ^ one
            slot = slot_of(word, one)
            cost = people[slot, ANSWER] + fairness(people[slot, LOAD], order, weights)
            if has_wishes:
                tongue, stranger, taken = wishes(bits, languages, word, one, order, weights)
                cost += tongue + stranger + taken
            if found == len(best) and cost > best[found - 1, COST]:
                continue
            metres = whole_metres(square_between(spots[slot, 0], spots[slot, 1], spots[slot, 2], x, y, z))
            cost += travel_seconds(metres, people[slot, SPEED], people[slot, DELAY]) * per_minute // 60
            if found < len(best) or cost <= best[found - 1, COST]:
                found = keep(best, found, keys, cost, slot, metres)
    return found


@compiled
def scan(
    bits: WordArray, grid: WordArray, first: int, around: FloatArray, spots: FloatArray, people: RowArray,
    loads: RowArray, keys: WordArray, hours: IntArray, work: FloatArray, until: IntArray, words: WordArray,
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
    bits[IS_BANNED:ODD_COLUMN] = _NONE
    for column, slots in ((IS_BANNED, banned), (IS_KNOWN, known), (IS_OFFERED, offered)):
        mark(bits[column], slots)
    alone[:] = _NONE
    doubtful[:] = _NONE
    for column in doubts:
        if column == ODD_COLUMN or column == PRESENT:
            alone |= bits[column]
        else:
            doubtful |= bits[column]
    screen(bits, until, asked, order, left, alone, totals, why)
    nearby(around, spots, people, x, y, z, order, left, alone, gaps, totals, why)
    at_once(bits, grid, first, streaks, loads, order, left, alone, doubtful, totals, why)
    one_by_one(
        bits, spots, people, hours, work, ways, until, asked, x, y, z, order, alone, starts, totals, why
    )  # fmt: skip
    doubtful[:] = left
    left |= alone
    found = cheapest(
        bits, around, spots, people, keys, languages, x, y, z, order, weights, left, gaps, bound, best
    )  # fmt: skip
    for k in range(found):
        slot = best[k, SLOT]
        word, one = slot // WORD, _ONE << np.uint64(slot % WORD)
        if doubtful[word] & one:
            starts[slot] = into_hours(hours, people[slot, HOURS_AT], people[slot, HOURS], order[EARLIEST], order[DURATION])
        seconds = travel_seconds(best[k, METRES], people[slot, SPEED], people[slot, DELAY])
        best[k, START], best[k, SECONDS] = starts[slot], seconds
        best[k, TERMS], best[k, TERMS + 1] = seconds * weights[PER_MINUTE] // 60, fairness(people[slot, LOAD], order, weights)
        tongue, stranger, taken = wishes(bits, languages, word, one, order, weights)
        best[k, TERMS + 2], best[k, TERMS + 3], best[k, TERMS + 5] = tongue, stranger, taken
        best[k, TERMS + 4] = people[slot, ANSWER]
    return found
