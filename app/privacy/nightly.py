"""The nightly clearing away, by the process that ticks; a night it slept through is made up for."""

from __future__ import annotations

import logging
from datetime import time

from sqlalchemy import func, select

from app.integrity.alarms import raise_alarm, settle
from app.kernel.clock import last_at
from app.privacy import retention
from models import Event, db
from models.kinds import EventKind

log = logging.getLogger(__name__)
HOUR = time(3, 10)
"""By the clock of the people served, who sleep then."""
ALARM = "retention"


def watch() -> bool:
    """Clear away where this night's round is due; gives whether it was. A round that fails is an alarm."""
    if not is_due():
        return False
    try:
        counts = retention.run()
    except Exception:
        db.session.rollback()
        log.exception("the night's clearing away failed")
        raise_alarm(ALARM)
        return True
    log.info("cleared away: %s", counts)
    settle(ALARM)
    return True


def is_due() -> bool:
    """Whether nothing has been cleared away since the last night's hour."""
    last = db.session.scalar(select(func.max(Event.at)).where(Event.kind == EventKind.RETENTION_RUN))
    db.session.rollback()
    return last is None or last < last_at(HOUR)
