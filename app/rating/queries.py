"""What is known of served orders: averages with their raters, a volunteer's record, what the desk must look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from app.kernel.access import WATCH, Actor, may, office_path, require, within
from app.kernel.clock import now
from app.kernel.errors import NotFound
from app.kernel.settings import setting
from app.rating.follow_ups import Cause
from models import Assignment, FollowUp, HoursEntry, Office, Order, Rating, Volunteer, db
from models.kinds import HoursKind, HoursStatus, Outcome, Role, Side
from models.states import AssignmentStatus, OrderStatus

T = TypeVar("T")
DONE = (AssignmentStatus.CHECKED_OUT, AssignmentStatus.CONFIRMED)
ADD_WITHIN = timedelta(days=7)
"""How long after a tap words may still be added to it."""
WORDS_WHILE = frozenset({OrderStatus.RATED, OrderStatus.CLOSED, OrderStatus.DISPUTED})
"""An order that was opened again will be rated anew."""


@dataclass(frozen=True)
class Average:
    """A mean of stars (1 to 3), never told without the number of people who rated."""

    stars: float | None
    count: int


def volunteer_average(volunteer_id: str) -> Average:
    """What residents say of a volunteer, as far as it may be read now."""
    return _average(Assignment.volunteer_id == volunteer_id, Rating.visible_at <= now())


def office_average(path: str) -> Average:
    """What residents say of an office and all below it."""
    return _average(Office.path.startswith(path, autoescape=True))


def _average(*conditions: ColumnElement[bool]) -> Average:
    found = (
        select(func.avg(Rating.stars), func.count())
        .join(Assignment, Assignment.id == Rating.assignment_id)
        .join(Order, Order.id == Rating.order_id)
        .join(Office, Office.id == Order.office_id)
        .where(Rating.side == Side.RESIDENT, *conditions)
    )
    mean, count = db.session.execute(found).one()
    return Average(round(float(mean), 2) if mean is not None else None, count)


def about_volunteer(volunteer_id: str, limit: int = 50) -> Sequence[Rating]:
    """Residents' words about a volunteer that may be read now, the newest first."""
    found = (
        select(Rating)
        .join(Assignment, Assignment.id == Rating.assignment_id)
        .where(Assignment.volunteer_id == volunteer_id, Rating.side == Side.RESIDENT, Rating.visible_at <= now())
        .options(joinedload(Rating.assignment).joinedload(Assignment.order))
        .order_by(Rating.created_at.desc(), Rating.id)
    )
    return db.session.scalars(found.limit(limit)).all()


def order_for_rating(order_id: str, actor: Actor, what: str = "order.rate") -> Order:
    """The order, for whoever may rate it."""
    order = db.session.get(Order, order_id)
    if order is None:
        raise NotFound()
    require(actor, what, order)
    return order


def served_by(order_id: str) -> Sequence[Assignment]:
    """Who came."""
    found = select(Assignment).where(Assignment.order_id == order_id, Assignment.status.in_(DONE))
    return db.session.scalars(found.order_by(Assignment.starts_at, Assignment.id)).all()


def said(order_id: str) -> Rating | None:
    """What the person served said last; of several visits any row, for they say the same."""
    found = select(Rating).filter_by(order_id=order_id, side=Side.RESIDENT)
    return db.session.scalar(found.order_by(Rating.created_at.desc()).limit(1))


def last_word(order_id: str) -> Sequence[Rating]:
    """All rows of that last word: one for each visit, written at the same moment."""
    last = said(order_id)
    if last is None:
        return []
    rows = select(Rating).filter_by(order_id=order_id, side=Side.RESIDENT, created_at=last.created_at)
    return db.session.scalars(rows.order_by(Rating.id)).all()


def is_bare(row: Rating) -> bool:
    """A tap and nothing else: its author may still say more."""
    return row.outcome == Outcome.DONE and not row.tags and not row.words


def may_add_words(row: Rating, actor: Actor) -> bool:
    """Whether somebody's own tap is bare and young enough for more words; the order's status (WORDS_WHILE) besides."""
    return is_bare(row) and row.author_id == actor.account_id and now() < row.created_at + ADD_WITHIN


def ratings_on(order_id: str, actor: Actor) -> Sequence[Rating]:
    """What was said about an order's visits: all of it for the desk, else one's own and what may be read now.

    A volunteer reads about their own visits only: what was said of others, or to whom, is not theirs.
    """
    order = db.session.get(Order, order_id)
    if order is None:
        raise NotFound()
    require(actor, "order.see", order)
    found = select(Rating).where(Rating.order_id == order_id)
    if not actor.covers(order.office.path, *WATCH):
        found = found.where((Rating.visible_at <= now()) | (Rating.author_id == actor.account_id))
        if not may(actor, "order.see_own", order):
            own = select(Assignment.id).filter_by(order_id=order_id, volunteer_id=actor.volunteer_id)
            found = found.where(Rating.assignment_id.in_(own))
    return db.session.scalars(found.order_by(Rating.created_at)).all()


def own_word(assignment_id: str) -> Rating | None:
    """What the volunteer has said about a visit."""
    return db.session.scalar(select(Rating).filter_by(assignment_id=assignment_id, side=Side.VOLUNTEER))


# ---------- a volunteer's record ----------


@dataclass(frozen=True)
class Record:
    """A volunteer's standing in the ledger. Points are the approved hours at the office's rate."""

    minutes: int
    pending: int
    visits: int
    people: int
    points: int


def record_of(volunteer_id: str) -> Record:
    volunteer = db.session.get(Volunteer, volunteer_id)
    if volunteer is None:
        raise NotFound()
    minutes = _sum(volunteer_id, HoursStatus.APPROVED)
    served = select(func.count(), func.count(func.distinct(Order.resident_id))).select_from(Assignment).join(Order)
    visits, people = db.session.execute(
        served.where(Assignment.volunteer_id == volunteer_id, Assignment.status.in_(DONE))
    ).one()
    points = minutes * setting(volunteer.office, "points_per_hour") // 60
    return Record(minutes, _sum(volunteer_id, HoursStatus.PENDING), visits, people, points)


def _sum(volunteer_id: str, status: HoursStatus) -> int:
    found = select(func.coalesce(func.sum(HoursEntry.minutes), 0)).filter_by(volunteer_id=volunteer_id, status=status)
    return int(db.session.scalar(found) or 0)


@dataclass(frozen=True)
class VisitLine:
    """One line of the record: the task and every ledger row about it."""

    assignment: Assignment
    entries: list[HoursEntry]

    @property
    def minutes(self) -> int:
        return sum(entry.minutes for entry in self.entries if entry.status != HoursStatus.REFUSED)

    @property
    def credit(self) -> HoursEntry | None:
        """The row that credited the visit; all others correct it."""
        return next((entry for entry in self.entries if entry.kind == HoursKind.CREDIT), None)

    @property
    def is_pending(self) -> bool:
        return any(entry.status == HoursStatus.PENDING for entry in self.entries)


def visits_of(volunteer_id: str, page: int = 1, size: int = 20) -> tuple[list[VisitLine], int]:
    """A page of what the volunteer did (missed ones included), the newest first; and the number of pages."""
    ended = (*DONE, AssignmentStatus.NO_SHOW)
    whose = (Assignment.volunteer_id == volunteer_id, Assignment.status.in_(ended))
    total = db.session.scalar(select(func.count()).select_from(Assignment).where(*whose)) or 0
    found = (
        select(Assignment)
        .where(*whose)
        .options(joinedload(Assignment.order).joinedload(Order.office), joinedload(Assignment.visit))
        .order_by(Assignment.starts_at.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    rows = list(db.session.scalars(found))
    entries = entries_of(row.id for row in rows)
    return [VisitLine(row, entries.get(row.id, [])) for row in rows], -(-total // size)


def entries_of(assignment_ids: Iterable[str]) -> dict[str, list[HoursEntry]]:
    by_assignment: dict[str, list[HoursEntry]] = {}
    found = select(HoursEntry).where(HoursEntry.assignment_id.in_(list(assignment_ids)))
    for entry in db.session.scalars(found.order_by(HoursEntry.created_at, HoursEntry.id)):
        by_assignment.setdefault(entry.assignment_id, []).append(entry)
    return by_assignment


# ---------- for the desk ----------


def hours_for_desk(actor: Actor, status: str | None = HoursStatus.PENDING, limit: int = 100) -> Sequence[HoursEntry]:
    """Ledger rows of orders in the actor's subtree, those that wait for approval first."""
    found = (
        select(HoursEntry)
        .join(Assignment, Assignment.id == HoursEntry.assignment_id)
        .join(Order, Order.id == Assignment.order_id)
        .options(joinedload(HoursEntry.assignment), joinedload(HoursEntry.volunteer))
        .order_by(HoursEntry.created_at.desc())
    )
    if status:
        found = found.where(HoursEntry.status == status)
    return db.session.scalars(_in_subtree(found, actor).limit(limit)).all()


def follow_ups_for_desk(actor: Actor, *, resolved: bool = False, limit: int = 100) -> Sequence[FollowUp]:
    """Follow-ups of the actor's subtree, the longest waiting first."""
    found = (
        select(FollowUp)
        .join(Order, Order.id == FollowUp.order_id)
        .where(FollowUp.resolved_at.is_not(None) if resolved else FollowUp.resolved_at.is_(None))
        .options(joinedload(FollowUp.order))
        .order_by(FollowUp.resolved_at.desc() if resolved else FollowUp.created_at)
    )
    return db.session.scalars(_in_subtree(found, actor).limit(limit)).all()


def _in_subtree(found: Select[T], actor: Actor) -> Select[T]:
    return found.join(Office, Office.id == Order.office_id).where(within(Office.path, actor.paths(*WATCH)))


def follow_ups_of(order_id: str, actor: Actor) -> Sequence[FollowUp]:
    """What is and was looked into about an order, for those whose order it is and for the desk.

    What a volunteer confided to the desk stays there: the other side reads their word when it may be read.
    """
    order = db.session.get(Order, order_id)
    if order is None:
        raise NotFound()
    require(actor, "order.rate", order)
    found = select(FollowUp).filter_by(order_id=order_id).order_by(FollowUp.created_at)
    if not actor.covers(order.office.path, *WATCH):
        found = found.where(FollowUp.cause.not_in((Cause.VOLUNTEER_WORD, Cause.RECORD_QUESTIONED, Cause.SAFETY)))
    return db.session.scalars(found).all()


def open_safety(order_id: str) -> FollowUp | None:
    """The call for help about this order that nobody has settled yet."""
    found = select(FollowUp).filter_by(order_id=order_id, cause=Cause.SAFETY, resolved_at=None)
    return db.session.scalar(found.order_by(FollowUp.created_at).limit(1))


def only_watches(actor: Actor, row: Rating | HoursEntry | FollowUp) -> bool:
    """Whether the actor watches the row's office without working there: they read no words of people."""
    path = office_path(getattr(row, "assignment", None) or row)
    return actor.covers(path, Role.SUPERVISOR) and not actor.covers(path, Role.COORDINATOR)
