"""What a phone in a dead spot reports afterwards: its time counts within honest bounds, and is marked as told late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.kernel.clock import local, now
from app.kernel.errors import Invalid
from app.kernel.settings import order_setting
from models import Assignment

AHEAD = timedelta(minutes=1)
"""So much a clock may differ from ours; beyond it a time lies in the future, or before what it must come after."""
AT_ONCE = timedelta(minutes=5)
"""What is told so soon afterwards counts as told at once."""


@dataclass(frozen=True)
class Report:
    """When something happened; `reported_at` is when we heard of it, where that was later."""

    at: datetime
    reported_at: datetime | None = None

    @property
    def particulars(self) -> dict[str, Any]:
        """For the journal, whose own time is always that of the server."""
        if self.reported_at is None:
            return {}
        return {"reported_late": True, "happened_at": self.at.isoformat(timespec="seconds")}


def report(assignment: Assignment, at: datetime | None, earliest: datetime) -> Report:
    """The time to write down for what a volunteer did. Raises Invalid for one that cannot be, or was too long ago.

    `at` is the phone's time (None: now), never before `earliest`; how long ago it may lie is the office's setting.
    """
    moment = now()
    if at is None:
        return Report(moment)
    if at > moment + AHEAD:
        raise _unfit(_l("时间在将来，请看看手机的时间对不对。"))
    hours = order_setting(assignment.order, "late_report_hours")
    if moment - at > max(timedelta(hours=hours), AT_ONCE):
        raise _unfit(_l("这是 %(n)s 小时以前的事了，请联系社区补录。", n=hours))
    if at < earliest - AHEAD:
        raise _unfit(_l("时间不能早于 %(from)s。", **{"from": f"{local(earliest):%m-%d %H:%M}"}))
    return Report(min(max(at, earliest), moment), moment if moment - at > AT_ONCE else None)


def _unfit(words: Any) -> Invalid:
    return Invalid({"at": [words]})
