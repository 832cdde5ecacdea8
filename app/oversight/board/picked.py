"""The picked order at the side of the board: who holds it, who else could, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.dispatching import queries as dispatching
from app.kernel.clock import local, midnight, monday_of, now, today
from app.oversight.board import queries
from app.oversight.desk import Desk
from app.oversight.scope import Scope
from app.words import status_word
from models import Assignment, Order, db
from models.states import ASSIGNMENT_HOLDING, ASSIGNMENT_TO_COME

STEPS = (15, 30, 60, 120)
"""Minutes between the times to choose from, the finest that gives at most TIMES of them."""
TIMES = 40


@dataclass(frozen=True)
class Held:
    """An offer that waits for an answer, or an assignment; `kind` is its part of the address."""

    id: str
    kind: str
    volunteer_id: str
    name: str
    word: str
    tone: str
    starts_at: datetime
    ends_at: datetime
    movable: bool
    undo_seconds: int = 0
    """An offer that has not gone out yet may still be undone for so long."""


def held(desk: Desk) -> list[Held]:
    """Everybody who has the order or has been asked and may still say yes."""
    found = [
        Held(
            one.id, "assignments", one.volunteer_id, desk.named(one.volunteer.name),
            *status_word("assignment", one.status), one.starts_at, one.ends_at, one.status in ASSIGNMENT_TO_COME,
        )
        for one in desk.assignments
        if one.status in ASSIGNMENT_HOLDING
    ]  # fmt: skip
    asked = [
        Held(
            one.id, "offers", one.volunteer_id, desk.named(one.volunteer.name), _("等答复"), "wait", one.starts_at,
            one.ends_at, True, dispatching.seconds_to_undo(one),
        )
        for one in desk.live_offers
    ]  # fmt: skip
    return found + asked


def people(desk: Desk, scope: Scope) -> list[tuple[str, str]]:
    """(id, name) to choose from: the proposed ones first, then whoever else is on duty."""
    proposed = {one.volunteer_id: one.name or _("别的站点的志愿者") for one in desk.choices} if desk.seeks else {}
    holding = {one.volunteer_id: one.name for one in held(desk)}
    on_duty = {row.id: row.name for row in queries.on_duty(scope)}
    return list({**proposed, **holding, **on_duty}.items())


def times(order: Order) -> list[datetime]:
    """When the service may begin: full steps of the wall clock within the window, from now on."""
    first = max(order.window_from, now())
    last = order.window_until - order.duration
    for step in STEPS:
        found = _steps(first, last, timedelta(minutes=step))
        if len(found) <= TIMES:
            return found
    return found[:TIMES]


def _steps(first: datetime, last: datetime, step: timedelta) -> list[datetime]:
    begin = midnight(local(first).date())
    begin += -(-(first - begin) // step) * step
    return [begin + n * step for n in range(max(0, (last - begin) // step + 1))]


def weeks(volunteer_ids: Sequence[str]) -> dict[str, int]:
    """How often each has a visit this week, Monday to Sunday, done or to come."""
    monday = midnight(monday_of(today()))
    found = (
        select(Assignment.volunteer_id, func.count())
        .where(Assignment.volunteer_id.in_(volunteer_ids), Assignment.status.in_(ASSIGNMENT_HOLDING))
        .where(Assignment.starts_at >= monday, Assignment.starts_at < monday + timedelta(days=7))
        .group_by(Assignment.volunteer_id)
    )
    return {str(row[0]): int(row[1]) for row in db.session.execute(found)} if volunteer_ids else {}
