"""Visits that go wrong, or are about to. The minutes that are no office's setting are ours.

- `not_arrived`: nobody checked in `no_show_minutes` after a visit should have begun
- `not_left`: nobody checked out `overdue_minutes` after a visit should have ended
- `will_be_late`: so near the start that the way there takes longer, and they have not set out; or the time has come and
  they are still on the way
- `silent`: it begins within the hour, and since saying yes half a day ago or earlier they have not opened a page
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select

from app.kernel.clock import now
from app.oversight.board.limits import Limits
from app.oversight.board.queries import WAITING
from app.oversight.scope import Scope
from models import Assignment, AuthSession, Offer, Office, Order, ServiceItem, Volunteer, db
from models.states import ASSIGNMENT_BUSY, AssignmentStatus, OrderStatus

CODES = ("not_arrived", "will_be_late", "silent", "not_left")
LOOKED_AHEAD = timedelta(hours=3)
"""Nobody's way to a visit takes longer."""
SILENT_WITHIN = timedelta(hours=1)
SIGN_WITHIN = timedelta(hours=12)
USUAL_TRAVEL = 15
"""Minutes, where the yes came without an offer that says more."""
MOST = 2000


def late_visits(scope: Scope, held: Limits | None = None) -> dict[str, list[str]]:
    """Assignments behind each of these alerts: ids by code, each under the gravest that holds."""
    held, moment = held or Limits("no_show_minutes", "overdue_minutes"), now()
    found: dict[str, list[str]] = {code: [] for code in CODES}
    for row in _under_way(scope):
        code = _code(row, held, moment)
        if code:
            found[code].append(row.id)
    return found


def _code(row: Any, held: Limits, moment: datetime) -> str:
    def after(name: str) -> timedelta:
        return timedelta(minutes=held.of(name, row.path, row.urgency, row.limits))

    if row.status == AssignmentStatus.CHECKED_IN:
        return "not_left" if row.ends_at + after("overdue_minutes") <= moment else ""
    if row.starts_at + after("no_show_minutes") <= moment:
        return "not_arrived"
    travel = timedelta(minutes=row.travel_minutes or USUAL_TRAVEL)
    leaves = row.starts_at if row.status == AssignmentStatus.ON_THE_WAY else row.starts_at - travel
    if leaves <= moment:
        return "will_be_late"
    near = row.starts_at - SILENT_WITHIN <= moment and row.accepted_at <= moment - SIGN_WITHIN
    return "silent" if near and row.status == AssignmentStatus.ACCEPTED and not row.was_here else ""


def _under_way(scope: Scope) -> Sequence[Any]:
    """Visits that have begun, or should within hours; `was_here`: the volunteer has opened a page lately."""
    looked = exists().where(AuthSession.account_id == Volunteer.account_id, AuthSession.seen_at > now() - SIGN_WITHIN)
    found = (
        select(
            Assignment.id, Assignment.status, Assignment.starts_at, Assignment.ends_at, Assignment.accepted_at,
            Offer.travel_minutes, Order.urgency, Office.path, ServiceItem.limits, looked.label("was_here"),
        )
        .join(Order, Assignment.order_id == Order.id)
        .join(Office, Order.office_id == Office.id)
        .join(Volunteer, Assignment.volunteer_id == Volunteer.id)
        .outerjoin(Offer, Assignment.offer_id == Offer.id)
        .outerjoin(ServiceItem, Order.item_id == ServiceItem.id)
        .where(Order.status.in_((*WAITING, OrderStatus.STAFFED, OrderStatus.SERVING)))
        .where(Assignment.status.in_(ASSIGNMENT_BUSY), Assignment.starts_at <= now() + LOOKED_AHEAD, scope.holds())
        .order_by(Assignment.starts_at)
        .limit(MOST)
    )  # fmt: skip
    return db.session.execute(found).all()


def visits_behind(scope: Scope, code: str) -> Sequence[Any]:
    """The visits an alert counts, the earliest first, with whom to ask about them."""
    ids = late_visits(scope)[code]
    found = (
        select(
            Assignment.id, Assignment.order_id, Assignment.status, Assignment.starts_at, Assignment.ends_at,
            Assignment.volunteer_id, Order.number, Order.title, Volunteer.name, Office.path,
            Office.name.label("office_name"),
        )
        .join(Order, Assignment.order_id == Order.id)
        .join(Office, Order.office_id == Office.id)
        .join(Volunteer, Assignment.volunteer_id == Volunteer.id)
        .where(Assignment.id.in_(ids))
        .order_by(Assignment.starts_at, Assignment.id)
    )  # fmt: skip
    return db.session.execute(found).all() if ids else []
