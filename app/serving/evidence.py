"""What backs a check-in: the resident's code, or the place. A bad fix proves nothing and blocks nothing."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.errors import WrongCode
from app.kernel.journal import record
from app.kernel.settings import order_setting
from app.serving.ground import metres
from models import Assignment, Event, Order, db
from models.kinds import EventKind, Evidence

MOST_WRONG_CODES = 5
WRONG_CODE_WINDOW = timedelta(minutes=10)
MOST_WRONG_EVER = 20
"""So many wrong tries at one visit are guessing; of ten thousand codes hardly one is hit by then."""
USEFUL_ACCURACY_M = 200
"""A fix less certain than this says nothing about a doorstep."""


@dataclass(frozen=True)
class Fix:
    """A position as the phone reported it, once, with its accuracy in metres."""

    lat: float
    lon: float
    accuracy: float | None = None

    def metres_from(self, order: Order) -> int:
        return metres((self.lat, self.lon), (order.lat, order.lon))

    def proves(self, order: Order) -> bool:
        if self.accuracy is not None and self.accuracy > USEFUL_ACCURACY_M:
            return False
        return self.metres_from(order) <= order_setting(order, "check_in_radius_m") + (self.accuracy or 0)


def grade(order: Order, code: str | None, fix: Fix | None) -> Evidence:
    """How well the check-in is backed. A given code has been compared before."""
    if code:
        return Evidence.RESIDENT_CODE
    return Evidence.PLACE if fix is not None and fix.proves(order) else Evidence.SELF


def code_is_right(assignment: Assignment, code: str) -> bool:
    """Compare the resident's code; raises WrongCode where too many were wrong just now, the right one included."""
    if wrong_codes(assignment.id) >= MOST_WRONG_CODES:
        raise WrongCode(_l("输错的次数太多，请过 10 分钟再试，或请社区帮您签到。"))
    if wrong_codes(assignment.id, timedelta(days=30)) >= MOST_WRONG_EVER:
        raise WrongCode(_l("输错的次数太多，请不用服务码签到，或请社区帮您签到。"))
    return hmac.compare_digest(code.encode(), assignment.order.start_code.encode())


def note_wrong_code(assignment: Assignment, actor: Actor) -> None:
    """Write the wrong try down, so that guessing ends after a few; what was typed is not kept."""
    record(assignment, EventKind.ASSIGNMENT_WRONG_CODE, actor=actor)


def wrong_codes(assignment_id: str, within: timedelta = WRONG_CODE_WINDOW) -> int:
    """Wrong tries of late."""
    tries = select(func.count()).where(
        Event.subject_type == Assignment.__tablename__,
        Event.subject_id == assignment_id,
        Event.kind == EventKind.ASSIGNMENT_WRONG_CODE,
        Event.at > now() - within,
    )
    return db.session.scalar(tries) or 0
