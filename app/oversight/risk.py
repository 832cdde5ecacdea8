"""How likely an order is to come too late, so that the board can put the one that needs a hand now on top.

    left   minutes until the latest start at which the service still fits its window
    usual  minutes that people asking for this usually wait here for a yes (see `usual_waits`)
    room   left - usual: what a coordinator has to spare

    late   room ≤ 0 (people usually take longer to find than is left), or nobody was found at all (unfilled)
    soon   room < the usual wait or an hour, whichever is more; or the order has been escalated
    calm   everything else

Rows are sorted by level, then by room; an urgent order and an escalated one each count as an hour shorter of room.
The hour is our choice; there is no rule that gives numbers.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.kernel.settings import DEFAULTS
from models.kinds import Urgency
from models.states import OrderStatus

HEAD_START = 60
"""Minutes by which urgency or an escalation moves an order up; also the least margin that counts as calm."""
ENOUGH = 5
"""A median of fewer waits than this would be an anecdote."""


class Level(StrEnum):
    LATE = "late"
    SOON = "soon"
    CALM = "calm"


@dataclass(frozen=True)
class Risk:
    level: Level
    left: int
    usual: int
    weight: int

    @property
    def key(self) -> tuple[int, int]:
        """Sorts the most endangered order first."""
        return list(Level).index(self.level), self.weight


def risk(
    status: str,
    urgency: str,
    window_until: datetime,
    duration_minutes: int,
    is_escalated: bool,
    usual: int,
    moment: datetime,
) -> Risk:
    """The risk of one waiting order at a moment."""
    latest_start = window_until - timedelta(minutes=duration_minutes)
    left = int((latest_start - moment).total_seconds() // 60)
    room = left - usual
    if room <= 0 or status == OrderStatus.UNFILLED:
        level = Level.LATE
    elif is_escalated or room < max(usual, HEAD_START):
        level = Level.SOON
    else:
        level = Level.CALM
    return Risk(level, left, usual, room - HEAD_START * (urgency == Urgency.URGENT) - HEAD_START * is_escalated)


class UsualWaits:
    """Median minutes from opening to the last yes, from what happened here lately.

    By service item where there are enough cases, else by urgency, else the time an offer stands (our setting).
    """

    def __init__(self, past: Iterable[tuple[str | None, str, datetime, datetime]]) -> None:
        waits: dict[tuple[str, str], list[float]] = {}
        for item_id, urgency, opened_at, staffed_at in past:
            minutes = (staffed_at - opened_at).total_seconds() / 60
            for key in (("item", item_id or ""), ("urgency", urgency)):
                waits.setdefault(key, []).append(minutes)
        self.medians = {key: statistics.median(found) for key, found in waits.items() if len(found) >= ENOUGH}

    def of(self, item_id: str | None, urgency: str) -> int:
        for key in (("item", item_id or ""), ("urgency", urgency)):
            if key in self.medians:
                return max(1, round(self.medians[key]))
        return int(DEFAULTS["answer_minutes"][urgency])
