"""Playing a city's weeks under one policy: a heap of events, each at its second.

A heap of our own and not simpy: processes there are generators, an order of magnitude slower than a call, and the order
of events of one second would hang on the library; here it is the order of their making, so the same seed gives the same
week on every machine.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from dispatch.offering.budget import Rules, is_quiet, quiet_ends
from dispatch.offering.history import Answer
from dispatch.simulate.office import Office, Open
from dispatch.simulate.truth import Truth
from dispatch.simulate.world import DAY, MINUTE, Need, World

QUIET = Rules().quiet  # the city's quiet hours: every policy keeps them, so that nights favour nobody
Ask = tuple[int, int]  # order, volunteer


class Policy(Protocol):
    """A way of offering. `name` and `setting` are for the table; `keeps_late`: a late yes becomes a reserve."""

    name: str
    setting: str
    keeps_late: bool

    def step(self, office: Office, order: Open, now: int) -> tuple[list[Ask], int | None]:
        """Whom to ask now, and when to look again (None: when something happens)."""
        ...

    def limit(self, need: Need) -> float:
        """Minutes an offer stands."""
        ...

    def night(self, office: Office, now: int) -> None:
        """Once every local midnight."""
        ...

    def foreseen(self, order: Open, who: int) -> float | None:
        """The chance the policy gave this pair when it asked, if it has a notion of it."""
        ...


@dataclass(slots=True)
class Record:
    """What is measured, of orders placed and messages sent from world.measured on."""

    waits: list[float] = field(default_factory=list)  # minutes from opening to a yes, of each position's first
    wait_urgency: list[str] = field(default_factory=list)
    open_forever: int = 0  # positions never accepted
    served: int = 0
    positions: int = 0
    alerts: int = 0
    refusals: int = 0
    no_shows: int = 0
    metres: float = 0.0
    offers: dict[int, int] = field(default_factory=dict)
    work: dict[int, int] = field(default_factory=dict)
    streets: dict[str, tuple[int, int]] = field(default_factory=dict)
    lost: int = 0
    foreseen: list[tuple[float, bool]] = field(default_factory=list)


class Play:
    """One run. `truth` belongs to the player; the policy is handed the office only."""

    def __init__(self, world: World, truth: Truth, policy: Policy) -> None:
        self.world, self.truth, self.policy = world, truth, policy
        truth.restart(len(world.people))
        self.office = Office(world)
        self.record = Record()
        self.now = world.begin
        self._heap: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._made = 0

    def at(self, moment: int, what: Callable[..., None], *about: Any) -> None:
        self._made += 1
        heapq.heappush(self._heap, (moment, self._made, what, about))

    def run(self) -> Record:
        """Play to the end; answers what was measured."""
        for need in self.world.needs:
            self.at(need.placed, self._placed, need)
        for night in range(self.world.begin + DAY, self.world.end, DAY):
            self.at(night, self._night)
        while self._heap:
            self.now, _, what, about = heapq.heappop(self._heap)
            what(*about)
        self.record.lost = sum(self.truth.lost)
        return self.record

    # ---------- an order's life ----------

    def _placed(self, need: Need) -> None:
        opened = self.now if need.urgency == "urgent" else quiet_ends(self.now, QUIET)
        order = self.office.open[need.number] = Open(need, opened, need.positions)
        if need.cancelled is not None:
            self.at(need.cancelled, self._cancelled, order)
        self.at(need.latest, self._begins, order)
        self._look_later(order, opened)

    def _look_later(self, order: Open, moment: int) -> None:
        order.look_at = moment
        self.at(moment, self._look, order, moment)

    def _look(self, order: Open, meant: int) -> None:
        if order.over or order.look_at != meant:
            return
        if order.need.urgency != "urgent" and is_quiet(self.now, QUIET):
            return self._look_later(order, quiet_ends(self.now, QUIET))
        asks, again = self.policy.step(self.office, order, self.now)
        order.refusals = 0
        for number, who in asks:
            self._ask(self.office.open[number], who)
        if again is not None:
            self._look_later(order, max(again, self.now + 1))

    def _ask(self, order: Open, who: int) -> None:
        need = order.need
        place = self.office.ask(order, who, self.now)
        luck = self.truth.luck[need.number][who]
        yes = self.truth.says_yes(need.number, who, self.now)
        self.truth.message(who, self.now)
        self.office.left[who] = self.office.left[who] or self.truth.gone(who, self.now)
        limit = self.policy.limit(need)
        if self._counts(self.now):
            self.record.alerts += 1
            self.record.offers[who] = self.record.offers.get(who, 0) + 1
            said = self.policy.foreseen(order, who)
            if said is not None:
                self.record.foreseen.append((said, yes and luck.delay <= limit))
        if yes or luck.speaks:
            self.at(self.now + max(1, int(luck.delay * MINUTE)), self._answers, order, who, place, yes)
        self.at(self.now + int(limit * MINUTE), self._runs_out, order, who, place)

    def _answers(self, order: Open, who: int, place: int, yes: bool) -> None:
        standing = self.office.alerts[who][place].answer
        if standing is Answer.OPEN:
            self.office.note(who, place, Answer.YES if yes else Answer.NO, self.now)
            order.asked.pop(who, None)
            self._yes(order, who, place) if yes else self._no(order, who)
        elif yes and self.policy.keeps_late and not order.over and who not in order.holders:
            order.reserve.append(who)
            if order.needed:
                self._from_reserve(order)

    def _no(self, order: Open, who: int) -> None:
        order.refused.add(who)
        order.refusals += 1
        if self._counts(self.now):
            self.record.refusals += 1
        if not order.over and order.needed:
            self._look_later(order, self.now)

    def _yes(self, order: Open, who: int, place: int) -> None:
        travel = order.need.travel[order.need.who.index(who)]
        if order.over or not order.needed or not self.office.is_free(who, order.need, travel, self.now):
            self.office.note(who, place, Answer.WITHDRAWN, self.now)
            return
        self._accepted(order, who)

    def _accepted(self, order: Open, who: int) -> None:
        need = order.need
        if len(order.holders) + order.needed == need.positions and self._counts(need.placed):
            self._first_time(order)
        self.office.take(order, who, self.now)
        luck = self.truth.luck[need.number][who]
        if luck.drops is not None and need.urgency != "urgent":
            self.at(self.now + int(luck.drops * (need.start - self.now)), self._drops, order, who)
        if not order.needed:
            for other, place in order.asked.items():
                self.office.note(other, place, Answer.WITHDRAWN, self.now)
            order.asked.clear()

    def _first_time(self, order: Open) -> None:
        self.record.waits.append((self.now - order.opened) / MINUTE)
        self.record.wait_urgency.append(order.need.urgency)

    def _runs_out(self, order: Open, who: int, place: int) -> None:
        if self.office.alerts[who][place].answer is Answer.OPEN:
            self.office.note(who, place, Answer.SILENCE)
            order.asked.pop(who, None)
            order.refused.add(who)
            if not order.over and order.needed:
                self._look_later(order, self.now)

    def _drops(self, order: Open, who: int) -> None:
        if order.over or who not in order.holders:
            return
        self.office.give_back(order, who)
        order.refused.add(who)
        self._from_reserve(order)
        if order.needed:
            order.opened = max(self.now, quiet_ends(self.now, QUIET))
            self._look_later(order, order.opened)

    def _from_reserve(self, order: Open) -> None:
        while order.reserve and order.needed:
            who = order.reserve.pop(0)
            travel = order.need.travel[order.need.who.index(who)]
            if self.office.is_free(who, order.need, travel, self.now):
                self._accepted(order, who)

    def _cancelled(self, order: Open) -> None:
        if not order.over:
            for who in list(order.holders):
                self.office.give_back(order, who)
            self._ends(order)

    def _begins(self, order: Open) -> None:
        """The latest start: who holds a place goes there, unless they do not come."""
        if order.over:
            return
        self._ends(order)
        need, luck = order.need, self.truth.luck[order.need.number]
        came = [who for who in order.holders if not luck[who].absent]
        self.office.closed.append((self.now, need.street, need.positions - order.needed, need.positions))
        if not self._counts(need.placed) or need.placed >= self.world.end:
            return
        record, street = self.record, need.street
        record.served += len(came)
        record.no_shows += len(order.holders) - len(came)
        record.positions += need.positions
        record.open_forever += order.needed
        filled, every = record.streets.get(street, (0, 0))
        record.streets[street] = (filled + len(came), every + need.positions)
        for who in order.holders:
            record.metres += 1000 * need.km[need.who.index(who)]
            record.work[who] = record.work.get(who, 0) + 1

    def _ends(self, order: Open) -> None:
        order.over = True
        for who, place in order.asked.items():
            self.office.note(who, place, Answer.WITHDRAWN, self.now)
        order.asked.clear()
        self.office.open.pop(order.need.number, None)

    def _night(self) -> None:
        for who in range(len(self.world.people)):
            self.office.left[who] = self.office.left[who] or self.truth.gone(who, self.now)
        self.policy.night(self.office, self.now)

    def _counts(self, moment: int) -> bool:
        return moment >= self.world.measured
