"""The policy: for one order at one moment, ask these people now, or wait until then. Production and simulator call
the same next_step().

It is a pure function of what is known: call it when an order opens, at every answer, when a position frees itself, and
at `Step.look_again`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from dispatch.geo import FloatArray
from dispatch.offering.answer import AnswerModel, Offered, still_to_come
from dispatch.offering.budget import Held
from dispatch.offering.ranking import Willing, rank
from dispatch.offering.settings import Mode, Offering, Pace
from dispatch.offering.waves import at_least, at_least_each, demanded, demanded_each, smallest_wave

MINUTE = 60
PATIENCE = 20  # where nobody may be asked, look again after a wave's time or this part of all that is left
LOOKS = np.array([1, 2, 3, 4, 6, 8, 11, 15, 20, 30, 45, 60, 90, 120, 240, 480, 1440], dtype=np.float64)


class Why(StrEnum):
    """What a step is made for."""

    FILLED = "filled"  # nobody is needed any more
    OPEN_LIST = "open_list"  # stands on the list
    BY_HAND = "by_hand"  # a coordinator asks
    ASK = "ask"  # these are asked now
    WAIT = "wait"  # those asked will probably do
    FULL = "full"  # more would be needed, but the settings allow no more at once
    NOBODY = "nobody"  # more would be needed, and nobody is left who may be asked now
    OVER = "over"  # too late


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody asked for this order who has not answered yet: when (epoch second), and what the model saw then."""

    id: str
    at: int
    offered: Offered


@dataclass(frozen=True, slots=True)
class Case:
    """One order as the policy sees it.

    needed    positions still open
    opened    epoch second at which asking could begin (after quiet hours, or when a position came free again)
    last_call epoch second after which a yes is of no use (travel included)
    pending   those asked and silent; asked_before: how many were asked for it so far, pending included
    refusals  how many said no since the last step: each is replaced at once
    boost     of the order's district (fairness.boosts)
    """

    id: str
    urgency: str
    needed: int
    opened: int
    last_call: int
    pending: Sequence[Pending] = ()
    asked_before: int = 0
    refusals: int = 0
    boost: float = 0.0
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What to do: ask `ask` (ids, in this order) now, and look again at `look_again` (None: when something happens).

    why       never Held from next_step(), which thinks of people: so a caller says that a whole order waits
    chance    that those asked, these included, fill all open positions within the wave's time
    demanded  the chance that the clock asked for; goal: the chance a new wave was made for
    """

    why: Why | Held
    ask: tuple[str, ...] = ()
    look_again: int | None = None
    chance: float = 0.0
    demanded: float = 0.0
    goal: float = 0.0


def next_step(
    case: Case, people: Callable[[], Sequence[Willing]], model: AnswerModel, settings: Offering, now: int
) -> Step:
    """What to do for this order now. `people` is called only when somebody is to be asked: whoever may serve the order,
    may be messaged now and was not asked for it yet."""
    mode = case.mode or settings.mode
    if case.needed <= 0:
        return Step(Why.FILLED, chance=1.0)
    if mode in (Mode.HAND, Mode.OPEN):
        return Step(Why.BY_HAND if mode is Mode.HAND else Why.OPEN_LIST)
    if now >= case.last_call:
        return Step(Why.OVER)
    view = View(case, model, settings, now)
    if view.chance >= (view.goal if case.refusals else view.demanded):
        return Step(Why.WAIT, (), view.falls_behind(), view.chance, view.demanded, view.goal)
    return view.ask(people())


class View:
    """One order at one moment, with the numbers that several questions share."""

    def __init__(self, case: Case, model: AnswerModel, settings: Offering, now: int) -> None:
        self.case, self.model, self.settings, self.now = case, model, settings, now
        self.pace = settings.pace(case.urgency)
        self.delays = model.delays(case.urgency)
        self.left = minutes_left(case, self.pace, now)
        self.horizon = min(self.pace.wave_minutes, (case.last_call - now) / MINUTE)
        self.target = raised_target(self.pace.target, case.boost * settings.boost_target)
        self.demanded = demanded(self.target, self.left, self.pace.wave_minutes)
        self.goal = self.target if (case.mode or settings.mode) is Mode.WAVE else self.demanded
        self.chances = model.chances([one.offered for one in case.pending])
        self.waited = np.array([(now - one.at) / MINUTE for one in case.pending])
        self.coming = still_to_come(self.chances, self.waited, self.horizon, self.delays, model.refusing)
        self.chance = at_least(case.needed, self.coming.tolist())

    def falls_behind(self) -> int | None:
        """The moment at which those asked will no longer do if all stay silent."""
        after = LOOKS[self.case.last_call - self.now > LOOKS * MINUTE]
        if not len(after):
            return None
        waited = self.waited + after[:, None]
        rest = np.minimum(self.horizon, (self.case.last_call - self.now) / MINUTE - after)[:, None]
        coming = still_to_come(self.chances, waited, rest, self.delays, self.model.refusing)
        wanted = demanded_each(self.target, self.left - after, self.pace.wave_minutes)
        behind = np.flatnonzero(at_least_each(self.case.needed, coming) < wanted)
        return self.now + int(after[behind[0]]) * MINUTE if len(behind) else None

    def ask(self, people: Sequence[Willing]) -> Step:
        """The smallest wave that reaches the goal, within what the settings allow."""
        room = min(
            self.pace.most_at_once * self.case.needed - len(self.case.pending),
            int(self.pace.most_asked * (1.0 + self.case.boost)) - self.case.asked_before,
        )
        later = self.now + max(int(self.pace.wave_minutes * MINUTE), (self.case.last_call - self.now) // PATIENCE)
        if room <= 0 or not people:
            why = Why.WAIT if self.chance >= self.demanded else Why.NOBODY if room > 0 else Why.FULL
            return Step(why, (), later, self.chance, self.demanded, self.goal)
        if self.chance >= self.demanded:  # only the refusals are made good
            room = min(room, self.case.refusals)
        ranked = rank(people, self.settings.tolerance, self.case.id)
        fresh = self._fresh(ranked[:room])
        count, chance = smallest_wave(self.case.needed, self.coming.tolist(), fresh.tolist(), self.goal, room)
        return Step(
            Why.ASK, tuple(one.id for one in ranked[:count]), self.now + MINUTE, chance, self.demanded, self.goal
        )

    def _fresh(self, ranked: Sequence[Willing]) -> FloatArray:
        """The chance of each, asked now, to say yes within the wave's time."""
        share: FloatArray = self.delays[0].by(self.horizon)
        return self.model.chances([one.offered for one in ranked]) * share


def minutes_left(case: Case, pace: Pace, now: int) -> float:
    """Until the promise runs out, or the order's last call if that comes first; not below 0."""
    until = min(case.opened + pace.promise_minutes * MINUTE, case.last_call)
    return max(0.0, (until - now) / MINUTE)


def raised_target(target: float, boost: float) -> float:
    """The target of a boosted district: what is left to fail is divided by 1 + boost."""
    return 1.0 - (1.0 - target) / (1.0 + boost)
