"""From how people say a time (明天下午, 周五九点) to the window an order carries."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.clock import now
from app.kernel.errors import Invalid
from app.ordering.urgency import MOST_AHEAD

PART_HOURS = {"morning": (8, 12), "afternoon": (12, 18), "evening": (18, 21)}
SLACK_NOW = timedelta(hours=2)
"""As soon as possible means a start within this."""

Window = tuple[datetime, datetime]


def window(day: str, on: date | None, part: str | None, at: time | None, minutes: int) -> Window:
    """The window meant; Invalid, naming the field, where it is over or too far away.

    `day` is now, today, tomorrow or other (then `on`); `part` is morning, afternoon, evening or hour (then `at`).
    """
    length = timedelta(minutes=minutes)
    if day == "now":
        return now(), now() + length + SLACK_NOW
    local_day = _day(day, on)
    if part == "hour":
        return _from_hour(local_day, at, length)
    return _within_part(local_day, part or "", length)


def _day(day: str, on: date | None) -> date:
    if day != "other":
        return clock.today() + timedelta(days=1 if day == "tomorrow" else 0)
    if on is None:
        raise Invalid({"on": [_("请选一个日期。")]})
    if on < clock.today():
        raise Invalid({"on": [_("这一天已经过去了，请选今天或以后的日子。")]})
    if on > clock.today() + MOST_AHEAD:
        raise Invalid({"on": [_("太早了，请选 90 天以内的日子。")]})
    return on


def _from_hour(day: date, at: time | None, length: timedelta) -> Window:
    if at is None:
        raise Invalid({"at": [_("请填几点，例如 09:00。")]})
    start = clock.midnight(day) + timedelta(hours=at.hour, minutes=at.minute)
    if start < now():
        raise Invalid({"at": [_("这个时间已经过去了，请重新选。")]})
    return start, start + length


def _within_part(day: date, part: str, length: timedelta) -> Window:
    """Half a day, or what is left of it; a service longer than that runs on past its end."""
    if part not in PART_HOURS:
        raise Invalid({"part": [_("请选上午、下午、晚上，或说准几点。")]})
    first, last = (clock.midnight(day) + timedelta(hours=hour) for hour in PART_HOURS[part])
    start, end = max(first, now()), max(last, first + length)
    if end - start < length:
        raise Invalid({"part": [_("今天这段时间已经来不及了，请选晚一点或别的日子。")]})
    return start, end
