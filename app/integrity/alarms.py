"""Alarms: what a machine found wrong and only people can put right. One open alarm a code, told once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.kernel.clock import now
from app.kernel.transaction import command
from app.notices.service import tell
from models import Alarm, Office, RoleGrant, db
from models.kinds import NoticeKind, Role

MOST_SETTLED = 20


@command
def raise_alarm(code: str, **particulars: Any) -> Alarm:
    """Open an alarm and tell every administrator of the root offices; one that is open already is only seen again.

    `particulars` hold ids, names and numbers, never a person's data.
    """
    alarm = _open_alarm(code)
    if alarm is not None:
        alarm.seen_at, alarm.particulars, alarm.times = now(), particulars, alarm.times + 1
        return alarm
    alarm = Alarm(code=code, particulars=particulars, raised_at=now(), seen_at=now())
    db.session.add(alarm)
    db.session.flush()
    for account_id in db.session.scalars(_administrators()):
        tell(account_id, NoticeKind.ALARM, code=code)
    return alarm


@command
def settle(code: str) -> bool:
    """Put an alarm away because what it was about is right again; gives whether there was one."""
    alarm = _open_alarm(code)
    if alarm is None:
        return False
    alarm.settled_at = now()
    return True


def open_alarms() -> list[Alarm]:
    """What is wrong now, the oldest first."""
    return list(db.session.scalars(select(Alarm).where(Alarm.settled_at.is_(None)).order_by(Alarm.raised_at)))


def settled_lately() -> list[Alarm]:
    """The last alarms that were put right, the latest first."""
    found = select(Alarm).where(Alarm.settled_at.is_not(None)).order_by(Alarm.settled_at.desc()).limit(MOST_SETTLED)
    return list(db.session.scalars(found))


def _open_alarm(code: str) -> Alarm | None:
    found = select(Alarm).where(Alarm.code == code, Alarm.settled_at.is_(None))
    return db.session.scalar(found.with_for_update().execution_options(populate_existing=True))


def _administrators() -> Any:
    roots = select(Office.id).where(Office.parent_id.is_(None))
    held = RoleGrant.role == Role.ADMINISTRATOR
    return select(RoleGrant.account_id).where(held, RoleGrant.office_id.in_(roots)).distinct()
