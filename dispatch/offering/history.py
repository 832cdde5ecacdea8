"""What happened to the alerts of one volunteer: the only thing about answers that any policy may know."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

DAY = 86_400
WEEK = 7 * DAY


class Answer(StrEnum):
    """What became of an alert. SILENCE: its time ran out; WITHDRAWN: the order was taken before an answer came."""

    YES = "yes"
    NO = "no"
    SILENCE = "silence"
    WITHDRAWN = "withdrawn"
    OPEN = "open"


USES_A_TURN = frozenset({Answer.YES, Answer.SILENCE, Answer.OPEN})


@dataclass(frozen=True, slots=True)
class Alert:
    """One message that asked one volunteer for one order, at epoch second `at`.

    `wanted`: the work is of a kind people like to get. `message` is what a digest has in common: several alerts of one
    message disturb once (empty: a message of its own). `answered`: the moment at which it ended by yes, no or being
    withdrawn.
    """

    order: str
    at: int
    kind: str = ""
    wanted: bool = False
    answer: Answer = Answer.OPEN
    answered: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """Own past answers: `yes` of `offers` that ran their course. Withdrawn and open ones say nothing."""

    yes: int = 0
    offers: int = 0


def tried(alerts: Iterable[Alert]) -> Tried:
    """How often this volunteer said yes, of the offers that were theirs to answer. For the answer model alone: this
    number sees declines and must never reach a rank."""
    told = [alert.answer for alert in alerts if alert.answer in (Answer.YES, Answer.NO, Answer.SILENCE)]
    return Tried(told.count(Answer.YES), len(told))


def last_turn(alerts: Iterable[Alert], *, wanted: bool) -> int:
    """When this volunteer last had their turn (epoch seconds; 0: never), for the order "least recently asked first".

    A turn is used by a yes, by letting the time run out, and while an offer is open. A no gives the turn back, and so
    does an order that somebody else took first: who declines stands where they stood. `wanted` looks at offers of
    wanted work alone, which is what an order of wanted work is ranked by.
    """
    return max((one.at for one in alerts if one.answer in USES_A_TURN and (one.wanted or not wanted)), default=0)


def messages_since(alerts: Iterable[Alert], moment: int) -> int:
    """Messages from `moment` on, whatever was answered; those of one digest count once."""
    alone, bundled = 0, set()
    for one in alerts:
        if one.at >= moment:
            if one.message:
                bundled.add(one.message)
            else:
                alone += 1
    return alone + len(bundled)
