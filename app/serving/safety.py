"""不安全: a volunteer in trouble presses one button, and everybody at the desks above hears of it at once.

The press is taken in whatever state the visit is, as often as it comes; nothing about it can be refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.kernel import locks
from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.idempotency import once
from app.kernel.journal import record
from app.kernel.transaction import command
from app.notices.service import tell_desks
from app.rating import queries as rating
from app.rating import service as following
from app.serving.lateness import AT_ONCE
from app.serving.visits import own_assignment
from models import Assignment, Event, FollowUp, db
from models.kinds import EventKind, NoticeKind

LONGEST_AGO = timedelta(days=2)
"""A time further back than this is not believed; the call itself is."""


@command
def call_for_help(
    assignment_id: str, *, actor: Actor, words: str = "", at: datetime | None = None, key: str | None = None
) -> FollowUp:
    """Tell every coordinator from the order's office up to the city; open until somebody says what was done.

    `at` is when the button was pressed, where the phone could not send it then.
    """
    assignment = own_assignment(assignment_id, actor)

    def effect() -> str:
        told = tell_desks(assignment.order.office, NoticeKind.SAFETY, order=assignment.order)
        record(assignment, EventKind.ASSIGNMENT_UNSAFE, actor=actor, told=told, **_late(at))
        return _kept_open(assignment, words, actor).id

    follow_up_id, _again = once(key, actor, "assignment.unsafe", [assignment_id, words], effect)
    return db.session.get_one(FollowUp, follow_up_id)


def _late(at: datetime | None) -> dict[str, Any]:
    if at is None or not AT_ONCE < now() - at <= LONGEST_AGO:
        return {}
    return {"reported_late": True, "happened_at": at.isoformat(timespec="seconds")}


def _kept_open(assignment: Assignment, words: str, actor: Actor) -> FollowUp:
    """The follow-up of this order's calls: one as long as nobody has resolved it, with all that was said."""
    row = rating.open_safety(assignment.order_id)
    if row is None:
        return following.open_follow_up(assignment.order, following.Cause.SAFETY, words, actor, tells=False)
    row = locks.locked(FollowUp, row.id)
    row.words = "；".join(part for part in (row.words, words) if part)[-500:]
    return row


def call_of(assignment: Assignment) -> Event | None:
    """The volunteer's last call that nobody has settled yet: when, and how many were told."""
    if rating.open_safety(assignment.order_id) is None:
        return None
    found = select(Event).where(
        Event.subject_type == Assignment.__tablename__,
        Event.subject_id == assignment.id,
        Event.kind == EventKind.ASSIGNMENT_UNSAFE,
    )
    return db.session.scalar(found.order_by(Event.version.desc()).limit(1))
