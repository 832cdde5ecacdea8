"""The desk's lists of things to do one after the other: orders to review, follow-ups, hours to approve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from app.kernel.access import within
from app.oversight.board.queries import REVIEWING
from app.oversight.scope import Scope
from app.rating.service import Cause
from models import Account, Assignment, FollowUp, HoursEntry, Office, Order, Visit, Volunteer, db
from models.kinds import HoursStatus, Role
from models.order import OrderPhoto

ROWS = 30


def page(found: Any, number: int, rows: int = ROWS) -> tuple[Sequence[Any], int, int]:
    """One page of a query's rows, with the page's number and how many pages there are."""
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    pages = max(1, -(-total // rows))
    number = min(max(1, number), pages)
    return db.session.execute(found.limit(rows).offset((number - 1) * rows)).unique().all(), number, pages


def to_review(scope: Scope, number: int) -> tuple[Sequence[Order], int, int]:
    """Orders nobody has looked at yet, the longest-waiting first, with what a look needs."""
    found = (
        select(Order)
        .join(Order.office)
        .where(Order.status.in_(REVIEWING), scope.holds(), within(Office.path, scope.actor.paths(Role.COORDINATOR)))
        .options(contains_eager(Order.office), joinedload(Order.item), joinedload(Order.resident))
        .options(selectinload(Order.skills), selectinload(Order.photos).load_only(OrderPhoto.id))
        .order_by(Order.created_at)
    )
    rows, number, pages = page(found, number)
    return [row[0] for row in rows], number, pages


def follow_ups(scope: Scope, number: int, done: bool = False) -> tuple[Sequence[FollowUp], int, int]:
    """Follow-ups that wait for somebody, calls for help first, then oldest first; or those done, newest first."""
    resolved = FollowUp.resolved_at.is_not(None) if done else FollowUp.resolved_at.is_(None)
    found = (
        select(FollowUp)
        .join(Office, FollowUp.office_id == Office.id)
        .where(resolved, scope.holds())
        .options(joinedload(FollowUp.order).joinedload(Order.office))
    )
    calls_first = (FollowUp.cause != Cause.SAFETY, FollowUp.created_at)
    found = found.order_by(FollowUp.resolved_at.desc()) if done else found.order_by(*calls_first)
    rows, number, pages = page(found, number)
    return [row[0] for row in rows], number, pages


def hours(scope: Scope, number: int) -> tuple[Sequence[Any], int, int]:
    """Hours that wait for a second person, with who entered them and what backs them."""
    by = aliased(Account)
    found = (
        select(HoursEntry, Volunteer, Order, Visit, by.name.label("by_name"), Office)
        .join(Volunteer, HoursEntry.volunteer_id == Volunteer.id)
        .join(Assignment, HoursEntry.assignment_id == Assignment.id)
        .join(Order, Assignment.order_id == Order.id)
        .join(Office, Order.office_id == Office.id)
        .outerjoin(Visit, Visit.assignment_id == Assignment.id)
        .outerjoin(by, HoursEntry.entered_by_id == by.id)
        .where(HoursEntry.status == HoursStatus.PENDING, scope.holds())
        .order_by(HoursEntry.created_at)
    )
    return page(found, number)
