"""How likely an order is to come too late, so that the board can put the one that needs a hand now on top.

- left: minutes until the latest start at which the service still fits its window
- usual: minutes that people asking for this usually wait here for a yes (see `UsualWaits`)
- room: left - usual, what a coordinator has to spare

and from these, the most endangered first:

- late: room <= 0 (people usually take longer to find than is left); or its time passed less than a day ago, so that
  somebody must call the resident today; or nobody was found for an order that could still be served
- soon: room < the usual wait or an hour, whichever is more; or the order has been escalated
- calm: everything else
- over: its time passed more than a day ago: there is no hurry, but a new time must be agreed on, or the order closed

Within a level the order with the least room comes first; an urgent order and an escalated one each count as an hour
shorter of room, and so does every second person who is still missing beyond the first (they are asked side by side, but
the last yes comes later than the first). The hour and the day are our choice; there is no rule that gives numbers.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.kernel.clock import now
from app.kernel.settings import DEFAULTS
from app.words import duration
from models.kinds import Urgency
from models.states import OrderStatus

HEAD_START = 60
"""Minutes by which urgency or an escalation moves an order up; also the least margin that counts as calm."""
MISSING = HEAD_START // 2
"""Minutes by which each missing person beyond the first moves it up, for at most MANY of them."""
MANY = 4
DAY = 24 * 60
"""For so many minutes after its time an order is still the first thing to look at."""
ENOUGH = 5
"""A median of fewer waits than this would be an anecdote."""


class Level(StrEnum):
    LATE = "late"
    SOON = "soon"
    CALM = "calm"
    OVER = "over"


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
    missing: int = 1,
) -> Risk:
    """The risk of one waiting order at a moment; `missing` is how many people are still looked for."""
    latest_start = window_until - timedelta(minutes=duration_minutes)
    left = int((latest_start - moment).total_seconds() // 60)
    room = left - usual
    if left <= -DAY:
        return Risk(Level.OVER, left, usual, -left)
    if room <= 0 or status == OrderStatus.UNFILLED:
        level = Level.LATE
    elif is_escalated or room < max(usual, HEAD_START):
        level = Level.SOON
    else:
        level = Level.CALM
    more = min(MANY, max(0, missing - 1))
    sooner = HEAD_START * (urgency == Urgency.URGENT) + HEAD_START * is_escalated + MISSING * more
    return Risk(level, left, usual, room - sooner)


class UsualWaits:
    """Median minutes from opening to the last yes, from what happened here lately.

    By service item where there are enough cases, else by urgency, else the time an offer stands (our setting).
    """

    def __init__(self, past: Iterable[Any]) -> None:
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


def span(minutes: int) -> str:
    """A length of time as people say it: from two days on in days."""
    if abs(minutes) >= 2 * DAY:
        return ngettext("%(num)s 天", "%(num)s 天", abs(minutes) // DAY)
    if abs(minutes) >= 3 * 60:
        return duration(abs(minutes) // 60 * 60)
    return duration(abs(minutes))


def waited(since: datetime) -> str:
    """How long somebody has been waiting."""
    return _("已等 %(span)s", span=span(int((now() - since).total_seconds() // 60)))


def words(of: Risk) -> str:
    """Why the order stands where it stands in the list."""
    if of.level == Level.OVER:
        return _("时间过了 %(span)s，要另约或办结", span=span(of.left))
    if of.left <= 0:
        return _("最晚开始时间已过 %(span)s", span=span(of.left))
    if of.level == Level.LATE and of.left <= of.usual:
        return _("只剩 %(span)s，一般要等 %(usual)s", span=span(of.left), usual=span(of.usual))
    return _("最晚 %(span)s后要开始", span=span(of.left))
