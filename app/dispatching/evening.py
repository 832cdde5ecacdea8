"""Every evening tomorrow is planned, office by office, at the hour each has set."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.dispatching import daily
from app.kernel.clock import midnight, now, today
from app.kernel.settings import setting
from models import DispatchRun, Office, OfficeSetting, RoleGrant, db
from models.kinds import PlanStage, Role, RunMode, RunStatus

CAUSE = "evening"
SETTING = "day_plan_at"
TRIES = 3
PAUSE = timedelta(minutes=10)
"""After a failure it is tried again, but not at once and not for ever."""
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def due() -> list[tuple[str, date]]:
    """Offices whose hour has come today, who have something to plan for tomorrow and no plan yet."""
    tomorrow = today() + timedelta(days=1)
    return [(office.id, tomorrow) for office in planners() if _is_due(office, tomorrow)]


def planners() -> list[Office]:
    """Who plans: every office that has set an hour of its own, and the topmost ones with coordinators."""
    own = set(db.session.scalars(select(OfficeSetting.office_id).where(OfficeSetting.name == SETTING)))
    desks = set(db.session.scalars(select(RoleGrant.office_id).where(RoleGrant.role == Role.COORDINATOR)))
    found = db.session.scalars(select(Office).where(Office.id.in_(own | desks)).order_by(Office.path))
    return [office for office in found if office.id in own or not desks & set(office.lineage[:-1])]


def planners_below(office: Office) -> tuple[str, ...]:
    """Paths of the offices below that plan for themselves."""
    return tuple(one.path for one in planners() if one.path.startswith(office.path) and one.id != office.id)


def hour_of(office: Office) -> timedelta | None:
    """The time of day at which the office plans; None where it never does."""
    found = _CLOCK.fullmatch(str(setting(office, SETTING) or "").strip())
    return timedelta(hours=int(found[1]), minutes=int(found[2])) if found else None


def _is_due(office: Office, day: date) -> bool:
    hour = hour_of(office)
    if hour is None or now() < midnight(today()) + hour:
        return False
    if not _may_try(office.id, day, midnight(today()) + hour):
        return False
    return bool(daily.orders_of(office.path, day, planners_below(office)))


def _may_try(office_id: str, day: date, since: datetime) -> bool:
    """None is there yet: not from this evening, not by hand and waiting, not under way."""
    rows = db.session.execute(
        select(DispatchRun.status, DispatchRun.stage, DispatchRun.cause, DispatchRun.started_at).where(
            DispatchRun.office_id == office_id, DispatchRun.mode == RunMode.DAY, DispatchRun.day == day
        )
    ).all()
    failed = [row.started_at for row in rows if row.cause == CAUSE and row.status == RunStatus.FAILED]
    done = [
        row
        for row in rows
        if row.status == RunStatus.RUNNING
        or row.stage == PlanStage.PREVIEW
        or (row.cause == CAUSE and row.status == RunStatus.APPLIED and row.started_at >= since)
    ]
    return not done and len(failed) < TRIES and (not failed or max(failed) + PAUSE <= now())
