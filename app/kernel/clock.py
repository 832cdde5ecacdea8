"""The one clock of the app. Tests and the seed stop it or wind it; nothing else asks the machine for the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
"""The zone in which people read and enter times."""

YEARS = range(2000, 2101)
"""What is dated outside of them is a slip of the hand, and the calendar's first and last day have no neighbour."""

_stopped: datetime | None = None


def now() -> datetime:
    """This moment, aware, in UTC, to the microsecond."""
    return _stopped or datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The same moment on the wall clock of the people served."""
    return moment.astimezone(LOCAL)


def today() -> date:
    return local(now()).date()


def midnight(day: date) -> datetime:
    """The moment at which a local day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL).astimezone(UTC)


def read_day(typed: str) -> date | None:
    """A day as addresses write it, 2026-12-01; None for anything else."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def monday_of(day: date) -> date:
    """The first day of the week it lies in."""
    return day - timedelta(days=day.weekday())


def last_at(hour: time) -> datetime:
    """The last moment at which the clock on the wall showed this time of day."""
    moment = local(now())
    found = moment.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
    return found if moment >= found else found - timedelta(days=1)


@contextmanager
def fixed(moment: datetime) -> Iterator[None]:
    """Stop the clock of this process at `moment`."""
    global _stopped
    before, _stopped = _stopped, moment.astimezone(UTC)
    try:
        yield
    finally:
        _stopped = before


def advance(by: timedelta) -> datetime:
    """Wind a stopped clock; refuses to touch a running one."""
    global _stopped
    if _stopped is None:
        raise RuntimeError("the clock runs; stop it with clock.fixed() first")
    _stopped += by
    return _stopped
