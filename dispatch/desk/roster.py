"""The volunteers as a desk keeps them: columns that are changed in place, one person at a time.

Everybody has a slot; sixty-four neighbours who travel alike share a word of every bit column. What the
columns mean stands in layout.py.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch import geo
from dispatch.crowd import FOREVER, joined
from dispatch.desk import layout as of
from dispatch.desk.layout import FIRST_WORD, HALF_HOUR, IS_ODD, NOBODY, PRESENT, UNLIMITED, WORD
from dispatch.desk.traits import ODD, Key, columns_of, hash_of, longest_square, neighbourly
from dispatch.geo import IntArray
from dispatch.problem import VolunteerSpec

GRID_DAYS = 17
"""Days of half hours kept as bits, from the day before the desk was made; beyond, everybody is timed one by one."""


class Roster:
    """Slots and their columns, and who is in which slot."""

    def __init__(
        self, people: Sequence[VolunteerSpec], answer_weight: int, seed: int, now: int, utc_offset: int
    ) -> None:
        self.answer_weight, self.seed, self.utc_offset = answer_weight, seed, utc_offset
        self.slots: dict[str, int] = {}
        self.specs: list[Any] = []
        self.ages: dict[int, int] = {}
        self.free: list[int] = []
        self.columns: dict[Key, int] = {ODD: IS_ODD}
        self.used = FIRST_WORD
        self.papers: dict[str, int] = {}
        self.first = now // HALF_HOUR - 48
        self.bits = np.zeros((32, 0), dtype=np.uint64)
        self.grid = np.zeros((0, GRID_DAYS * 48), dtype=np.uint64)
        self.around = np.zeros((of.AROUND_COLUMNS, 0), dtype=np.float64)
        self.spots = np.zeros((0, 4), dtype=np.float64)
        self.people = np.zeros((0, of.PEOPLE_COLUMNS), dtype=np.int32)
        self.burdens = np.zeros((0, 2), dtype=np.int32)
        self.until = np.zeros((0, 0), dtype=np.int64)
        self.keys = np.zeros(0, dtype=np.uint64)
        self.hours = Runs(2, np.int64)
        self.work = Runs(of.WORK_COLUMNS, np.float64)
        self.most_work = 8
        self._widen(len(people) + len(people) // 16 + WORD)
        for i in neighbourly(people):
            self._write(people[i])
        for word in range(len(self.grid)):
            self._survey(word)

    def put(self, person: VolunteerSpec) -> None:
        """Somebody new, or somebody known as they are now."""
        self._survey(self._write(person) // WORD)

    def drop(self, volunteer_id: str) -> None:
        slot = self.slots.pop(volunteer_id)
        self.specs[slot] = None
        self._clear(slot)
        self.free.append(slot)
        self._survey(slot // WORD)

    def column(self, key: Key) -> int:
        """The bit column of that name; the empty one when nobody has that."""
        return self.columns.get(key, NOBODY)

    def old_enough(self, age: int) -> int:
        """The bit column of those known to be of that age or older, made when it is first asked for."""
        if age not in self.ages:
            self.ages[age] = self._new_column()
            found = np.packbits(self.people[:, of.AGE] >= age, bitorder="little").view("<u8")
            self.bits[self.ages[age]] = found & self.bits[PRESENT]
        return self.ages[age]

    def slots_of(self, ids: Iterable[str]) -> IntArray:
        """The slots of those of them who are here."""
        return np.array([self.slots[one] for one in ids if one in self.slots], dtype=np.int64)

    def who(self, column: int) -> set[str]:
        """The ids of those in a bit column."""
        ones = np.flatnonzero(np.unpackbits(self.bits[column].view(np.uint8), bitorder="little"))
        return {person.id for slot in ones.tolist() if (person := self.specs[slot]) is not None}

    def covers(self, begin: int, end: int) -> bool:
        """Whether the half hours of that time are kept."""
        return self.first <= begin // HALF_HOUR and -(-end // HALF_HOUR) < self.first + self.grid.shape[1]

    def _write(self, person: VolunteerSpec) -> int:
        slot = self.slots.get(person.id)
        if slot is None:
            if not self.free:
                self._widen(2 * len(self.specs))
            slot = self.slots[person.id] = self.free.pop()
        else:
            self._clear(slot)
        self.specs[slot] = person
        self.keys[slot] = hash_of(person.id, self.seed)
        self.spots[slot] = (*geo.place(person.lat, person.lon), longest_square(person.radius_m))
        speed, delay = geo.MODES[person.mode]
        self.people[slot, : of.HOURS_AT] = (
            speed, delay, round(person.load), math.floor((1.0 - person.answer_chance) * self.answer_weight),
            UNLIMITED if person.daily_limit is None else person.daily_limit,
            UNLIMITED if person.weekly_limit_minutes is None else person.weekly_limit_minutes * 60,
            person.radius_m, -1 if person.age is None else person.age,
        )  # fmt: skip
        self.burdens[slot] = self.people[slot, [of.LOAD, of.ANSWER]]
        self._write_times(slot, person)
        self._write_bits(slot, person)
        return slot

    def _write_times(self, slot: int, person: VolunteerSpec) -> None:
        hours = joined(person.availability)
        work = [(one.start, one.end, *geo.place(one.lat, one.lon)) for one in person.commitments]
        runs = self.people[slot, of.HOURS_AT : of.WORK_ROOM + 1]
        hours_at, _, hours_room, work_at, _, work_room = runs.tolist()
        hours_at, hours_room = self.hours.put(hours, hours_at, hours_room)
        work_at, work_room = self.work.put(work, work_at, work_room)
        runs[:] = hours_at, len(hours), hours_room, work_at, len(work), work_room
        if len(work) > self.most_work:
            self.most_work = 2 * len(work)
            self._make_room()
        row, bit = self.grid[slot // WORD], _bit(slot)
        for begin, end in hours:
            from_block, to_block = -(-begin // HALF_HOUR) - self.first, end // HALF_HOUR - self.first
            if to_block > 0:
                row[max(from_block, 0) : to_block] |= bit

    def _write_bits(self, slot: int, person: VolunteerSpec) -> None:
        for key in (keys := list(columns_of(person, self.utc_offset))):
            if key not in self.columns:
                self.columns[key] = self._new_column()
        held = [self.columns[key] for key in keys]
        held += [column for age, column in self.ages.items() if person.age is not None and person.age >= age]
        word = self.bits[:, slot // WORD]
        word[[PRESENT, *held]] |= _bit(slot)
        for kind, until in person.credentials:
            paper = self._paper(kind)
            self.until[paper, slot] = max(self.until[paper, slot], FOREVER if until is None else until)

    def _clear(self, slot: int) -> None:
        self.bits[:, slot // WORD] &= ~_bit(slot)
        self.grid[slot // WORD] &= ~_bit(slot)
        self.until[:, slot] = 0

    def _survey(self, word: int) -> None:
        """What is true of all the people of a word."""
        slots = [slot for slot in range(word * WORD, (word + 1) * WORD) if self.specs[slot] is not None]
        box = self.around[:, word]
        box[:] = 0
        if not slots:
            return
        people, spots = self.people[slots], self.spots[slots, :3]
        middle = spots.mean(axis=0)
        gaps = np.sqrt(((spots - middle) ** 2).sum(axis=1))
        radii, speeds, delays = (people[:, c] for c in (of.RADIUS_M, of.SPEED, of.DELAY))
        near = (radii - gaps).min() - 1.0
        box[:] = (
            *middle, ((radii + gaps).max() + 1.0) ** 2, near * near if near > 0 else -1.0, gaps.max(), speeds.min(),
            speeds.max(), delays.min(), delays.max(), people[:, of.LOAD].min(), people[:, of.ANSWER].min(),
        )  # fmt: skip

    def _new_column(self) -> int:
        at, self.used = self.used, self.used + 1
        if at == len(self.bits):
            self.bits = longer(self.bits, 2 * at)
        return at

    def _paper(self, kind: str) -> int:
        """The row of `until` for a kind of credential."""
        if kind not in self.papers:
            self.papers[kind] = len(self.papers)
            self.until = longer(self.until, len(self.papers))
        return self.papers[kind]

    def _widen(self, slots: int) -> None:
        """Room for at least so many people; the new slots are given out from the first."""
        begin, size = len(self.specs), -(-slots // WORD) * WORD
        self.specs += [None] * (size - begin)
        for name in ("spots", "people", "burdens", "keys"):
            setattr(self, name, longer(getattr(self, name), size))
        self.grid = longer(self.grid, size // WORD)
        for name, width in (("bits", size // WORD), ("around", size // WORD), ("until", size)):
            setattr(self, name, np.ascontiguousarray(longer(getattr(self, name).T, width).T))
        self._make_room()
        self.free = [*range(size - 1, begin - 1, -1), *self.free]

    def _make_room(self) -> None:
        """What a scan writes on; see there."""
        words, blocks = self.grid.shape
        scraps = np.zeros((3, words), dtype=np.uint64), np.zeros(blocks, dtype=np.uint64), np.zeros(words)
        numbers, ways = (np.zeros(size, dtype=np.int64) for size in (len(self.keys) + words, self.most_work))
        self.room = (*scraps, numbers, ways)


class Runs:
    """Rows of numbers, those of one person one after the other, in one array with room to spare."""

    def __init__(self, width: int, kind: Any) -> None:
        self.rows = np.zeros((WORD, width), dtype=kind)
        self.used = 0

    def put(self, rows: Sequence[Sequence[float]], at: int, room: int) -> tuple[int, int]:
        """Write these where there is room for some already, or else at the end; where, and the room there."""
        if len(rows) > room:
            at, room = self.used, 2 * len(rows) if room else len(rows)
            self.used += room
            if self.used > len(self.rows):
                self.rows = longer(self.rows, 2 * self.used)
        if rows:
            self.rows[at : at + len(rows)] = rows
        return at, room


def longer(array: NDArray[Any], size: int) -> NDArray[Any]:
    """The same rows and then zeros."""
    grown = np.zeros((size, *array.shape[1:]), dtype=array.dtype)
    grown[: len(array)] = array
    return grown


def _bit(slot: int) -> np.uint64:
    return np.uint64(1 << slot % WORD)
