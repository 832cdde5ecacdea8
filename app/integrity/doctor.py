"""The doctor: every setting and every invariant looked at together; at night by itself, with an alarm."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any

from sqlalchemy import delete, func, select

from app import health
from app.audit import queries as audit
from app.backups import service as backups
from app.integrity.alarms import open_alarms, raise_alarm, settle
from app.integrity.invariants import broken
from app.kernel.clock import last_at, now
from app.kernel.transaction import command
from models import Checkup, Delivery, db
from models.kinds import DeliveryState

ALARM = "doctor"
WATCHED = {"storage": "storage", "disk": "disk", "clock": "clock", "ticking": "ticking", "outbox": "outbox"}
"""Checks that are looked at every minute, and the alarm that each raises once it has failed twice in a row."""
NIGHT = clock_time(3, 30)
"""Local; the looking takes seconds on a whole city."""
KEPT = timedelta(days=90)
BACKUP_GRACE = timedelta(hours=2)
log = logging.getLogger(__name__)
_failed_before: set[str] = set()


@dataclass(frozen=True)
class Report:
    """What the doctor found: the checks, the broken invariants with their offenders, and how long it took."""

    at: datetime
    checks: list[health.Check]
    broken: dict[str, list[str]]
    seconds: float

    @property
    def failing(self) -> list[str]:
        """Names of the checks that must hold and do not."""
        return [one.name for one in self.checks if not one.ok and not one.may_fail]

    @property
    def ok(self) -> bool:
        return not self.failing and not self.broken

    def to_dict(self) -> dict[str, Any]:
        return {
            "ok": self.ok, "at": self.at.isoformat(), "seconds": round(self.seconds, 3),
            "checks": [one.to_dict() for one in self.checks], "broken": self.broken,
        }  # fmt: skip


def examine(*, ticking: bool = True) -> Report:
    """Look at everything; changes nothing. `ticking` off: of a database that no server works on."""
    begun = time.perf_counter()
    checks = health.checks()
    if checks[0].ok:
        checks += [_dead_letters(), _backup(), _audit()]
        offenders = broken(ticking=ticking)
    else:
        offenders = {}
    db.session.rollback()
    return Report(now(), checks, offenders, time.perf_counter() - begun)


def _dead_letters() -> health.Check:
    dead = db.session.scalar(select(func.count()).where(Delivery.state == DeliveryState.DEAD)) or 0
    return health.Check("letters", not dead, f"{dead} given up and not sent again", may_fail=True)


def _backup() -> health.Check:
    """How old the last good backup is, where this machine makes them."""
    age = backups.age()
    if not backups.settings().backup_minutes:
        return health.Check("backup", True, "not by itself here (BACKUP_MINUTES)", may_fail=True)
    late = age is None or age > timedelta(minutes=backups.settings().backup_minutes) + BACKUP_GRACE
    return health.Check("backup", not late, "there is none" if age is None else f"{age} old", may_fail=True)


def _audit() -> health.Check:
    """Every chain walked and held against its anchors; `flask audit verify` tells more."""
    report = audit.check()
    return health.Check("audit", report.ok, f"{report.links} links, {report.faults_found} faults")


def round_of_the_night() -> Report:
    """What is done every night: examine, keep the result, raise the alarm or put it away."""
    report = examine()
    keep(report)
    if report.ok:
        settle(ALARM)
    else:
        log.error("the doctor found: %s", ", ".join([*report.failing, *report.broken]))
        raise_alarm(ALARM, failing=report.failing, broken=sorted(report.broken))
    return report


@command
def keep(report: Report) -> None:
    """Remember what was found, for the administrators' page; results of the last ninety days are kept."""
    db.session.add(Checkup(at=report.at, ok=report.ok, seconds=report.seconds, findings=report.to_dict()))
    db.session.execute(delete(Checkup).where(Checkup.at < now() - KEPT))


def watch() -> None:
    """Every minute: whatever has failed twice in a row is an alarm, and what holds again is none. Once a night: all."""
    failing = {one.name for one in health.checks() if one.name in WATCHED and not one.ok}
    known = {alarm.code for alarm in open_alarms()}
    db.session.rollback()
    for name, code in WATCHED.items():
        if name in failing & _failed_before and code not in known:
            raise_alarm(code)
        elif name not in failing and code in known:
            settle(code)
    _failed_before.clear()
    _failed_before.update(failing)
    if _is_due():
        round_of_the_night()


def _is_due() -> bool:
    """Whether nobody has looked since the last night's hour; a server that slept through it looks when it is up."""
    last = last_checkup()
    db.session.rollback()
    return last is None or last.at < last_at(NIGHT)


def last_checkup() -> Checkup | None:
    return db.session.scalar(select(Checkup).order_by(Checkup.at.desc()).limit(1))
