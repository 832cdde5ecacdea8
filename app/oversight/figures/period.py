"""The stretch of local days that figures are about: picked by name, or by its first and last day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from app.kernel.clock import midnight, read_day, today

DAYS = (1, 7, 30, 90)
USUAL = 30
LONGEST = 366
"""Days at most: a year. Whoever asks for more gets the last year of it."""
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(20\d\d)-Q([1-4])")


@dataclass(frozen=True)
class Period:
    """Whole local days from `first` to `last`, both counted in. `name` is how it was picked; "" by its two days."""

    first: date
    last: date
    name: str = ""

    @property
    def begins(self) -> datetime:
        return midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The moment after its last day."""
        return midnight(self.last + timedelta(days=1))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def parts(self) -> dict[str, str]:
        """As the query string's names and values."""
        if self.name:
            return {"period": self.name}
        return {"from": self.first.isoformat(), "until": self.last.isoformat()}


def last_days(days: int) -> Period:
    """Today and the days before it, so many in all."""
    return Period(today() - timedelta(days=days - 1), today(), str(days))


def period_of(asked: Mapping[str, str]) -> Period:
    """What the query string asks for; the last 30 days where that is no period of ours."""
    name = asked.get("period", "")
    if name.isdecimal() and len(name) < 3 and int(name) in DAYS:
        return last_days(int(name))
    if name and name != "own":
        return _named(name) or last_days(USUAL)
    first, last = read_day(asked.get("from", "")), read_day(asked.get("until", ""))
    if first is None and last is None:
        return last_days(USUAL)
    return _between(first or last or today(), last or today())


def _between(first: date, last: date) -> Period:
    last = min(max(first, last), today())
    first = min(first, last)
    return Period(max(first, last - timedelta(days=LONGEST - 1)), last)


def _named(name: str) -> Period | None:
    if found := _MONTH.fullmatch(name):
        return _months(int(found[1]), int(found[2]), 1, name)
    if found := _QUARTER.fullmatch(name):
        return _months(int(found[1]), int(found[2]) * 3 - 2, 3, name)
    return None


def _months(year: int, month: int, number: int, name: str) -> Period | None:
    first, after = date(year, month, 1), month + number
    last = date(year + (after > 12), (after - 1) % 12 + 1, 1) - timedelta(days=1)
    return Period(first, min(last, today()), name) if first <= today() else None


def choices() -> list[tuple[str, str]]:
    """What the page offers by name: the last days, this month and the five before, the last four quarters."""
    named = {1: _("今天"), 7: _("近 7 天"), 30: _("近 30 天"), 90: _("近 90 天")}
    day, months = today().replace(day=1), []
    for _turn in range(6):
        months.append((f"{day:%Y-%m}", _("%(year)s 年 %(month)s 月", year=day.year, month=day.month)))
        day = (day - timedelta(days=1)).replace(day=1)
    quarters, year, quarter = [], today().year, (today().month + 2) // 3
    for _turn in range(4):
        quarters.append((f"{year}-Q{quarter}", _("%(year)s 年第 %(quarter)s 季度", year=year, quarter=quarter)))
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
    return [(str(days), str(words)) for days, words in named.items()] + months + quarters


def title(period: Period) -> str:
    """What the period is called, with its days."""
    named = dict(choices()).get(period.name, "")
    span = period.first.isoformat()
    if period.days > 1:
        span = _("%(first)s 至 %(last)s", first=period.first.isoformat(), last=period.last.isoformat())
    return _("%(name)s（%(span)s）", name=named, span=span) if named else span
