"""A whole city in memory, to answer for one urgent order at once: who could come, and what keeps the others away.

The answers are those of board.candidates_for. A Desk is kept and changed person by person; nothing is rebuilt. It may
be asked and changed from several threads.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from threading import RLock

import numpy as np

from dispatch import geo, validation
from dispatch.board import Ranking
from dispatch.costs import LONGEST_LOAD, Weights
from dispatch.desk.layout import (
    ANSWER_COLUMNS,
    BANNED,
    ELIGIBLE,
    LOAD_OF_ALL,
    LOST_TO_BAN,
    PRESENT,
    TOTALS,
    ByteArray,
)
from dispatch.desk.roster import Roster
from dispatch.desk.scan import scan
from dispatch.desk.traits import ACTIVE, LENGTHS, ON_DUTY, days, doubts
from dispatch.geo import IntArray
from dispatch.plan import Candidate
from dispatch.problem import Commitment, OrderSpec, Problem, VolunteerSpec
from dispatch.rules import RULE_NAMES

_NO_ONE = np.zeros(0, dtype=np.uint8)
_NOTHING = np.zeros(0, dtype=np.int64)
_RULES = {name: k for k, name in enumerate(RULE_NAMES)}


class Desk:
    """The volunteers of `problem` (its orders do not matter) under fixed weights; set `now` as the clock moves on."""

    def __init__(self, problem: Problem, weights: Weights | None = None, *, seed: int = 0) -> None:
        self.now, self.utc_offset = problem.now, problem.utc_offset
        self.weights = weights or Weights()
        self.version = 0
        self._lock = RLock()
        self._known_doubts: dict[tuple[range, int, int], IntArray] = {}
        self._roster = Roster(problem.volunteers, self.weights.answer, seed, self.now, self.utc_offset)
        dials = self.weights
        self._prices = np.array(
            [dials.travel_per_minute, dials.fairness, dials.language, dials.continuity, dials.stability, LONGEST_LOAD],
            dtype=np.int64,
        )

    def __len__(self) -> int:
        return len(self._roster.slots)

    def put(self, volunteer: VolunteerSpec) -> None:
        """Somebody new, or somebody known as they are from now on. Raises ProblemError."""
        validation.check_volunteer(volunteer, f"volunteers[{volunteer.id!r}]")
        with self._lock:
            self.version += 1
            self._roster.put(volunteer)

    def drop(self, volunteer_id: str) -> None:
        with self._lock:
            self.version += 1
            self._roster.drop(volunteer_id)

    def volunteer(self, volunteer_id: str) -> VolunteerSpec:
        """Somebody as the desk knows them; KeyError for nobody."""
        return self._roster.specs[self._roster.slots[volunteer_id]]

    def commit(self, volunteer_id: str, work: Commitment) -> None:
        """They have accepted this."""
        with self._lock:
            person = self.volunteer(volunteer_id)
            self.put(replace(person, commitments=(*person.commitments, work)))

    def release(self, volunteer_id: str, work: Commitment) -> None:
        """They need not do this after all; ValueError when they had not accepted it."""
        with self._lock:
            person = self.volunteer(volunteer_id)
            left = list(person.commitments)
            left.remove(work)
            self.put(replace(person, commitments=tuple(left)))

    def on_duty(self, volunteer_id: str, is_on_duty: bool) -> None:
        """They went on duty, or off."""
        with self._lock:
            self.put(replace(self.volunteer(volunteer_id), on_duty=is_on_duty))

    def best(self, order: OrderSpec, limit: int = 10) -> Ranking:
        """Who could serve this order, cheapest first (at most `limit`), and how many are lost at each rule.

        `refused` is worked out when it is looked at, and only while nothing has changed. Raises ProblemError.
        """
        validation.check_order(order, "order")
        with self._lock:
            rows, totals, bans = self._ask(order, min(limit, len(self)), _NO_ONE)
            eligible = totals[ELIGIBLE]
            candidates = self._present(order, rows, eligible, totals[LOAD_OF_ALL])
            lost = dict(zip(RULE_NAMES, totals, strict=False))
            return Ranking(order.id, candidates, eligible, lost, bans, _Refused(self, order))

    def refused(self, order: OrderSpec) -> dict[str, str]:
        """The first rule that refuses them, for everybody who is not eligible."""
        validation.check_order(order, "order")
        with self._lock:
            why = np.full(len(self._roster.specs), ELIGIBLE, dtype=np.uint8)
            self._ask(order, 0, why)
            return {one: RULE_NAMES[why[slot]] for one, slot in self._roster.slots.items() if why[slot] < ELIGIBLE}

    def _ask(self, order: OrderSpec, limit: int, why: ByteArray) -> tuple[list[list[int]], list[int], dict[str, int]]:
        """The rows of the best and the totals, as scan() gives them, and the reasons for the bans."""
        roster = self._roster
        best = np.empty((limit, ANSWER_COLUMNS), dtype=np.int64)
        totals = np.zeros(TOTALS, dtype=np.int64)
        earliest = max(order.window_start, self.now)
        banned = roster.slots_of({who for who, _ in order.bans}) if order.bans else _NOTHING
        known = roster.slots_of(order.preferred) if order.preferred else _NOTHING
        offered = roster.slots_of(order.offered) if order.offered else _NOTHING
        languages = self._languages(order)
        numbers = (
            self.now, earliest, order.window_end, order.duration, self.utc_offset, len(known) > 0, len(offered) > 0,
        )  # fmt: skip
        found = scan(
            roster.bits, roster.grid, roster.first, roster.around, roster.spots, roster.people, roster.burdens,
            roster.keys, roster.hours.rows, roster.work.rows, roster.until, *roster.room,
            self._asked(order), self._doubts(order, earliest), languages, banned, known, offered,
            *geo.place(order.lat, order.lon), np.array(numbers, dtype=np.int64), self._prices, best, totals, why,
        )  # fmt: skip
        bans = self._bans(order) if totals[BANNED] else {}
        return best[:found].tolist(), totals.tolist(), bans

    def _bans(self, order: OrderSpec) -> dict[str, int]:
        """How many were lost to each reason for a ban."""
        lost = self._roster.who(LOST_TO_BAN)
        return dict(sorted(Counter(why for who, why in order.bans if who in lost).items()))

    def _doubts(self, order: OrderSpec, earliest: int) -> IntArray:
        """The columns of those who must be timed one by one for this order."""
        if earliest + order.duration > order.window_end or not self._roster.covers(earliest, order.window_end):
            return np.array([PRESENT], dtype=np.int64)
        columns = self._roster.columns
        touched = days(earliest, order.window_end, self.utc_offset)
        length = next((length for length in LENGTHS if order.duration <= length), 0)
        key = (touched, length, len(columns))
        if key not in self._known_doubts:
            found = [columns[doubt] for doubt in doubts(touched, length) if doubt in columns]
            self._known_doubts = {**self._known_doubts, key: np.array(found, dtype=np.int64)}
        return self._known_doubts[key]

    def _asked(self, order: OrderSpec) -> IntArray:
        """What bits must be set, in the order of the rules; see COLUMN, RULE and PAPER in scan.py."""
        column, papers = self._roster.column, self._roster.papers
        rows = [(column(ACTIVE), _RULES["active"], -1)]
        rows += [(column(("skill", skill)), _RULES["skills"], -1) for skill in order.skills]
        for kind in order.credentials:
            rows.append((column(("credential", kind)), _RULES["credentials"], papers.get(kind, -1)))
        if order.minimum_age is not None:
            rows.append((self._roster.old_enough(order.minimum_age), _RULES["minimum_age"], -1))
        if order.sex is not None:
            rows.append((column(("sex", order.sex)), _RULES["sex"], -1))
        if order.now:
            rows.append((column(ON_DUTY), _RULES["on_duty"], -1))
        return np.array(rows, dtype=np.int64)

    def _languages(self, order: OrderSpec) -> IntArray:
        if not order.languages:
            return _NOTHING
        return np.array([self._roster.column(("language", one)) for one in order.languages], dtype=np.int64)

    def _present(self, order: OrderSpec, rows: list[list[int]], eligible: int, load: int) -> tuple[Candidate, ...]:
        """The best with everything a reader may want to know, from what the scan found."""
        shared = _shared_reasons(order)
        weighs_load = self.weights.fairness > 0
        found = []
        for cost, slot, start, metres, seconds, travel, fairness, language, continuity, answer, stability in rows:
            person = self._roster.specs[slot]
            reasons = (f"travel:{person.mode}:{metres}:{seconds}", *shared)
            if order.preferred or order.languages:
                reasons = (reasons[0], *_personal_reasons(order, person), *shared)
            if weighs_load and round(person.load) * eligible < load:
                reasons = (*reasons, "turn")
            if eligible == 1:
                reasons = (*reasons, "only_one")
            terms = {
                "travel": travel, "fairness": fairness, "language": language, "continuity": continuity,
                "answer": answer, "stability": stability,
            }  # fmt: skip
            end = start + order.duration
            found.append(Candidate(person.id, start, end, metres, seconds, cost, terms, reasons))
        return tuple(found)


def _shared_reasons(order: OrderSpec) -> tuple[str, ...]:
    """What speaks for everybody eligible."""
    found = {
        f"skills:{'+'.join(sorted(order.skills))}": order.skills,
        "credentials": order.credentials,
        "sex": order.sex is not None,
        "on_duty": order.now,
        "available": True,
    }
    return tuple(code for code, holds in found.items() if holds)


def _personal_reasons(order: OrderSpec, person: VolunteerSpec) -> Iterator[str]:
    if person.id in order.preferred:
        yield "continuity"
    if spoken := order.languages & person.languages:
        yield f"language:{min(spoken)}"


class _Refused(Mapping[str, str]):
    """Ranking.refused, worked out when somebody looks; RuntimeError once the desk has changed."""

    def __init__(self, desk: Desk, order: OrderSpec) -> None:
        self._desk, self._order, self._moment = desk, order, (desk.version, desk.now)
        self._found: dict[str, str] | None = None

    def _rules(self) -> dict[str, str]:
        if self._found is None:
            with self._desk._lock:
                if self._moment != (self._desk.version, self._desk.now):
                    raise RuntimeError("the desk has changed since this ranking; ask it again")
                self._found = self._desk.refused(self._order)
        return self._found

    def __getitem__(self, volunteer_id: str) -> str:
        return self._rules()[volunteer_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules())

    def __len__(self) -> int:
        return len(self._rules())
