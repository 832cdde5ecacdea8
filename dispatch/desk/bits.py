"""Sixty-four people at a time: a word has a bit for each of them."""

import numpy as np

from dispatch.compiled import compiled
from dispatch.desk.layout import DURATION, EARLIEST, HALF_HOUR, WINDOW_END, WORD, ByteArray, WordArray
from dispatch.geo import IntArray

ONE, NONE, ALL = np.uint64(1), np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)


@compiled
def count(people: np.uint64) -> int:
    """How many bits are set. Compilers know this loop and make one instruction of it."""
    number = 0
    while people:
        people = people & (people - ONE)
        number += 1
    return number


@compiled
def lowest(people: np.uint64) -> np.uint64:
    return people ^ (people & (people - ONE))


@compiled
def slot_of(word: int, one: np.uint64) -> int:
    """The slot of a single bit."""
    return word * WORD + count(one - ONE)


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
        column[slot // WORD] |= ONE << np.uint64(slot % WORD)


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
def free_in_time(row: WordArray, streaks: WordArray, first: int, order: IntArray) -> np.uint64:
    """Of a word's people, as if all kept half hours: those with free hours for the whole service, begun in time.

    `row`: a word for each half hour from `first` on. `streaks` is room for as many.
    """
    earliest, duration = order[EARLIEST], order[DURATION]
    latest = order[WINDOW_END] - duration
    at = earliest // HALF_HOUR - first
    found = ALL
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
