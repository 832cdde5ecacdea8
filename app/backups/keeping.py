"""Which backups are kept: all of the last day, then one a day, a week and a month, the newest of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from app.kernel.clock import local, now

T = TypeVar("T")
DAILY, WEEKLY, MONTHLY = 7, 4, 6
ALL_OF = timedelta(days=1)


def superfluous(moments: Mapping[T, datetime]) -> list[T]:
    """Those of these backups that no rule keeps, the oldest first. The newest is kept by every rule."""
    newest_first = sorted(moments, key=lambda one: moments[one], reverse=True)
    kept = {one for one in newest_first if now() - moments[one] <= ALL_OF}
    for period, number in ((_day, DAILY), (_week, WEEKLY), (_month, MONTHLY)):
        newest: dict[object, T] = {}
        for one in newest_first:
            newest.setdefault(period(moments[one]), one)
        kept |= set(list(newest.values())[:number])
    return [one for one in reversed(newest_first) if one not in kept]


def _day(moment: datetime) -> object:
    return local(moment).date()


def _week(moment: datetime) -> object:
    return local(moment).isocalendar()[:2]


def _month(moment: datetime) -> object:
    return local(moment).year, local(moment).month
