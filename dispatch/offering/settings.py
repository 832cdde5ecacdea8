"""The dials of offering, by urgency. No law gives numbers: every default is ours, tuned in the simulator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Mode(StrEnum):
    """How the people of an order are asked.

    OFFER one by one while the clock allows it, more at once when it no longer does
    WAVE  at once as many as it takes to be `target` sure, the next wave when the chance falls behind the clock
    OPEN  nobody is alerted: the order stands on the list, whoever comes first takes it (抢单)
    HAND  a coordinator asks
    """

    OFFER = "offer"
    WAVE = "wave"
    OPEN = "open"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Pace:
    """What an order of one urgency is promised, and what that may cost.

    target          the chance of all positions filled that is worked towards, 0 to 1
    promise_minutes the promise: so long after opening the order should be filled
    wave_minutes    so long one wave is given before its silence counts fully
    answer_minutes  so long an offer stands
    most_at_once    people asked and still unanswered, for each open position
    most_asked      people asked for one order altogether; (1 + boost) times as many where a street trails
    """

    target: float
    promise_minutes: float
    wave_minutes: float
    answer_minutes: float
    most_at_once: int = 8
    most_asked: int = 20

    def __post_init__(self) -> None:
        if not 0 < self.target < 1:
            raise ValueError("target must lie between 0 and 1")
        if min(self.promise_minutes, self.wave_minutes, self.answer_minutes) <= 0:
            raise ValueError("minutes must be above zero")
        if min(self.most_at_once, self.most_asked) < 1:
            raise ValueError("at least one person may be asked")


PACES = {
    "urgent": Pace(target=0.9, promise_minutes=10, wave_minutes=5, answer_minutes=15, most_at_once=12),
    "normal": Pace(target=0.8, promise_minutes=40, wave_minutes=15, answer_minutes=240),
    "planned": Pace(target=0.8, promise_minutes=120, wave_minutes=30, answer_minutes=1440),
}


@dataclass(frozen=True, slots=True)
class Offering:
    """All settings of the policy.

    tolerance      points of the engine's cost within which two people count as equally suited (6 points are a
                   minute's travel under the default weights)
    boost_target   how strongly a trailing district's boost raises the chance worked towards (policy.goal)
    """

    paces: Mapping[str, Pace] = field(default_factory=lambda: PACES)
    mode: Mode = Mode.OFFER
    tolerance: int = 80
    boost_target: float = 1.0

    def pace(self, urgency: str) -> Pace:
        return self.paces[urgency]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Offering":
        """From plain JSON: {"paces": {"urgent": {"target": 0.9, …}}, "mode": "offer", …}; what is missing is ours."""
        known = {"paces", "mode", "tolerance", "boost_target"}
        if unknown := set(data) - known:
            raise ValueError(f"not settings of offering: {', '.join(sorted(unknown))}")
        given = dict(data)
        paces = dict(PACES)
        for urgency, row in given.pop("paces", {}).items():
            if urgency not in PACES:
                raise ValueError(f"not an urgency: {urgency}")
            ours = PACES[urgency]
            paces[urgency] = Pace(**{name: row.get(name, getattr(ours, name)) for name in Pace.__slots__})
        return cls(paces=paces, mode=Mode(given.pop("mode", Mode.OFFER)), **given)
