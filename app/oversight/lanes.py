"""How a day plan is drawn: a lane for each volunteer, with their stops in order on a common scale of hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.kernel.clock import local

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Stop:
    """One service on somebody's way; `order` is None where it belongs to an office elsewhere."""

    order: Any
    starts_at: datetime
    ends_at: datetime
    travel_minutes: int
    distance_m: int
    reasons: list[str]
    change: str
    answer: str

    @property
    def hours(self) -> str:
        """09:00–10:30; the day is the page's."""
        return f"{local(self.starts_at):%H:%M}–{local(self.ends_at):%H:%M}"


@dataclass(frozen=True)
class Bar:
    """A stretch of a lane, in hundredths of its width."""

    left: float
    width: float
    kind: str
    label: str = ""


@dataclass(frozen=True)
class Lane:
    """One volunteer's day: the stops in their order, and the drawing of them."""

    volunteer_id: str
    name: str
    is_known: bool
    stops: list[Stop]
    leaves_at: datetime | None
    back_at: datetime | None
    travel_minutes: int
    bars: list[Bar] = field(default_factory=list)

    @property
    def away(self) -> tuple[str, str] | None:
        """When they leave home and are back, on the wall clock."""
        if self.leaves_at is None or self.back_at is None:
            return None
        return f"{local(self.leaves_at):%H:%M}", f"{local(self.back_at):%H:%M}"


@dataclass(frozen=True)
class Scale:
    """The hours that the lanes span."""

    first: datetime
    last: datetime

    @classmethod
    def around(cls, first: datetime, last: datetime) -> Scale:
        """Full hours of the wall clock around a span, at least one."""
        begin = local(first).replace(minute=0, second=0)
        return cls(begin, begin + max(1, -(-(last - begin) // _HOUR)) * _HOUR)

    def at(self, when: datetime) -> float:
        whole = (self.last - self.first).total_seconds()
        return round(100 * min(1.0, max(0.0, (when - self.first).total_seconds() / whole)), 3)

    @property
    def hours(self) -> list[tuple[float, str]]:
        """(place, what to write there), at most a dozen."""
        count = (self.last - self.first) // _HOUR
        step = max(1, -(-count // 12))
        marks = [self.first + n * _HOUR for n in range(0, count, step)]
        return [(self.at(mark), f"{local(mark):%H}") for mark in marks]


def bars(scale: Scale, stops: list[Stop], ways: list[tuple[datetime, datetime]]) -> list[Bar]:
    """The ways as thin bars, services over them as thick ones with their number."""
    found = [_bar(scale, begin, end, "way") for begin, end in ways]
    for number, stop in enumerate(stops, start=1):
        found.append(_bar(scale, stop.starts_at, stop.ends_at, stop.change or "stop", str(number)))
    return found


def _bar(scale: Scale, begin: datetime, end: datetime, kind: str, label: str = "") -> Bar:
    left = scale.at(begin)
    return Bar(left, round(max(0.4, scale.at(end) - left), 3), kind, label)
