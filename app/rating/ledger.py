"""The hours ledger: each visit credited once; whoever entered or vouched for hours never approves them."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from app.kernel import locks
from app.kernel.access import Actor, may, require
from app.kernel.clock import local, midnight, now
from app.kernel.errors import NotFound, OwnEntry, WrongState
from app.kernel.idempotency import repeatable
from app.kernel.journal import record
from app.kernel.settings import order_setting
from app.kernel.transaction import command
from app.notices.service import tell
from models import Assignment, HoursEntry, Visit, db
from models.kinds import EventKind, Evidence, HoursKind, HoursStatus, NoticeKind
from models.states import AssignmentStatus

PROVEN = frozenset({Evidence.RESIDENT_CODE, Evidence.PLACE})
"""Evidence that is not the volunteer's or the desk's word alone."""
SERVED = frozenset({AssignmentStatus.CHECKED_OUT, AssignmentStatus.CONFIRMED})
MINUTE = timedelta(minutes=1)


def credit(visit: Visit, *, actor: Actor) -> HoursEntry:
    """Credit a visit that has just ended. Call it inside the check-out, which happens once and holds the order and the
    volunteer; the database refuses a second credit."""
    assignment, evidence = visit.assignment, _evidence(visit)
    served, counted = _minutes(assignment, visit)
    proven = evidence in PROVEN and visit.check_in_reported_at is None
    entry = HoursEntry(
        volunteer_id=assignment.volunteer_id, assignment=assignment, kind=HoursKind.CREDIT,
        status=HoursStatus.APPROVED if proven else HoursStatus.PENDING, minutes=counted, evidence=evidence,
        reason=_why(served, counted, _step(assignment)),
        entered_by_id=_who_vouched(visit), created_at=now(), decided_at=now() if proven else None,
    )  # fmt: skip
    _add(entry, EventKind.HOURS_CREDIT, actor)
    return entry


def _evidence(visit: Visit) -> Evidence:
    """The visit's own; where the desk says when it began or ended, the desk's word."""
    vouched = Evidence.COORDINATOR in (visit.check_in_evidence, visit.check_out_evidence)
    return Evidence.COORDINATOR if vouched else Evidence(visit.check_in_evidence)


def _who_vouched(visit: Visit) -> str | None:
    if visit.check_in_evidence == Evidence.COORDINATOR:
        return visit.check_in_by_id
    return visit.check_out_by_id if visit.check_out_evidence == Evidence.COORDINATOR else None


def _minutes(assignment: Assignment, visit: Visit) -> tuple[int, int]:
    """Minutes served, each begun one whole; and how many count, in whole steps, under the caps of plan and day."""
    served = -((visit.checked_in_at - (visit.checked_out_at or now())) // MINUTE)
    order = assignment.order
    planned = (assignment.ends_at - assignment.starts_at) // MINUTE
    of_plan = int(planned * order_setting(order, "credit_over_planned"))
    of_day = order_setting(order, "credit_daily_minutes") - _credited_that_day(assignment, visit)
    step = _step(assignment)
    return served, max(0, min(in_steps(served, step), min(of_plan, of_day) // step * step))


def in_steps(minutes: int, step: int) -> int:
    """The nearest number of whole steps; half a step or less counts down."""
    return (minutes + (step - 1) // 2) // step * step


def _step(assignment: Assignment) -> int:
    return max(1, int(order_setting(assignment.order, "credit_step_minutes")))


def _why(served: int, counted: int, step: int) -> str:
    """Why the minutes credited are not those served."""
    if counted == served:
        return ""
    if counted == in_steps(served, step):
        return _("实际 %(minutes)s 分钟，按 %(step)s 分钟一档记。", minutes=served, step=step)
    return _("实际 %(minutes)s 分钟，按上限记。", minutes=served)


def _credited_that_day(assignment: Assignment, visit: Visit) -> int:
    day = midnight(local(visit.checked_in_at).date())
    found = (
        select(func.coalesce(func.sum(HoursEntry.minutes), 0))
        .join(Visit, Visit.assignment_id == HoursEntry.assignment_id)
        .where(
            HoursEntry.volunteer_id == assignment.volunteer_id,
            HoursEntry.status != HoursStatus.REFUSED,
            Visit.checked_in_at >= day,
            Visit.checked_in_at < day + timedelta(days=1),
        )
    )
    return int(db.session.scalar(found) or 0)


@command
@repeatable(HoursEntry)
def enter_hours(assignment_id: str, minutes: int, reason: str, *, actor: Actor, key: str | None = None) -> HoursEntry:
    """The desk says how many minutes a visit was worth in all; somebody else has to approve it.

    Where the visit has been credited already this is a correction: a new row with the difference. A row that still
    waits to be decided is given up for it.
    """
    assignment = _locked_assignment(assignment_id)
    require(actor, "hours.enter", assignment)
    if assignment.status not in SERVED:
        raise WrongState(_l("这次服务还没有完成，请先补录签到和签退。"))
    _give_up_waiting(assignment, minutes, actor)
    corrected = _credit_of(assignment_id) is not None
    entry = HoursEntry(
        volunteer_id=assignment.volunteer_id, assignment=assignment, evidence=Evidence.COORDINATOR,
        kind=HoursKind.CORRECTION if corrected else HoursKind.CREDIT, status=HoursStatus.PENDING,
        minutes=minutes - _standing(assignment_id), reason=reason, entered_by_id=actor.account_id, created_at=now(),
    )  # fmt: skip
    _add(entry, EventKind.HOURS_CORRECT if corrected else EventKind.HOURS_CREDIT, actor)
    return entry


@command
@repeatable(HoursEntry)
def correct_hours(entry_id: str, minutes: int, reason: str, *, actor: Actor, key: str | None = None) -> HoursEntry:
    """Correct an entry by a new one: `minutes` is what the visit should count in all."""
    return enter_hours(_entry(entry_id).assignment_id, minutes, reason, actor=actor)


@command
@repeatable(HoursEntry)
def approve_hours(entry_id: str, *, actor: Actor, key: str | None = None) -> HoursEntry:
    """Somebody who neither entered, nor vouched for, nor earned the hours says that they are right."""
    entry = _decide(entry_id, HoursStatus.APPROVED, actor)
    record(entry.assignment, EventKind.HOURS_APPROVE, actor=actor, minutes=entry.minutes)
    _tell_volunteer(entry)
    return entry


@command
@repeatable(HoursEntry)
def refuse_hours(entry_id: str, reason: str = "", *, actor: Actor, key: str | None = None) -> HoursEntry:
    """They are not right; the entry stays in the ledger and counts nothing."""
    entry = _decide(entry_id, HoursStatus.REFUSED, actor)
    entry.reason = reason or entry.reason
    record(entry.assignment, EventKind.HOURS_REFUSE, actor=actor, minutes=entry.minutes, reason=reason)
    return entry


def _decide(entry_id: str, status: HoursStatus, actor: Actor) -> HoursEntry:
    assignment = _locked_assignment(_entry(entry_id).assignment_id)
    require(actor, "hours.approve", assignment)
    entry = locks.locked(HoursEntry, entry_id)
    if entry.status != HoursStatus.PENDING:
        raise WrongState(_l("这条时长已经审核过了。"))
    if actor.account_id in _interested(entry):
        raise OwnEntry()
    return _settled(entry, status, actor.account_id)


def _settled(entry: HoursEntry, status: HoursStatus, by_id: str | None) -> HoursEntry:
    """Write down what became of an entry that waited, and who decided; nobody did where a later one took its place."""
    decided = {"status": status, "approved_by_id": by_id, "decided_at": now()}
    db.session.execute(update(HoursEntry).filter_by(id=entry.id, status=HoursStatus.PENDING).values(**decided))
    db.session.refresh(entry)
    return entry


def may_decide(entry: HoursEntry, actor: Actor) -> bool:
    """Whether these are the second pair of eyes that the entry waits for."""
    waits = entry.status == HoursStatus.PENDING and actor.account_id not in _interested(entry)
    return waits and may(actor, "hours.approve", entry.assignment)


def _interested(entry: HoursEntry) -> set[str | None]:
    """Who may not decide: who entered it, who vouched for its visit, and who earned it."""
    visit = entry.assignment.visit
    vouched = {_who_vouched(visit), visit.check_out_by_id} if visit is not None else set()
    return {entry.entered_by_id, entry.volunteer.account_id, *vouched} - {None}


def _add(entry: HoursEntry, kind: EventKind, actor: Actor) -> None:
    db.session.add(entry)
    db.session.flush()
    assignment = entry.assignment
    record(assignment, kind, actor=actor, minutes=entry.minutes, evidence=entry.evidence, status=entry.status)
    if entry.status == HoursStatus.APPROVED:
        _tell_volunteer(entry)


def _tell_volunteer(entry: HoursEntry) -> None:
    account_id, order = entry.assignment.volunteer.account_id, entry.assignment.order
    tell(account_id, NoticeKind.HOURS_CREDITED, order=order, minutes=entry.minutes)


def _credit_of(assignment_id: str) -> HoursEntry | None:
    return db.session.scalar(select(HoursEntry).filter_by(assignment_id=assignment_id, kind=HoursKind.CREDIT))


def _give_up_waiting(assignment: Assignment, minutes: int, actor: Actor) -> None:
    """Two differences waiting at once, each reckoned from the other, could leave less than nothing."""
    reason = _("改为 %(minutes)s 分钟", minutes=minutes)
    waiting = select(HoursEntry).filter_by(assignment_id=assignment.id, status=HoursStatus.PENDING)
    for entry in db.session.scalars(waiting).all():
        _settled(entry, HoursStatus.REFUSED, None)
        record(assignment, EventKind.HOURS_REFUSE, actor=actor, minutes=entry.minutes, reason=reason)


def _standing(assignment_id: str) -> int:
    """What the visit counts by all entries approved."""
    found = select(func.coalesce(func.sum(HoursEntry.minutes), 0)).filter_by(
        assignment_id=assignment_id, status=HoursStatus.APPROVED
    )
    return int(db.session.scalar(found) or 0)


def _locked_assignment(assignment_id: str) -> Assignment:
    locks.locked_order(locks.order_of(Assignment, assignment_id))
    assignment = locks.locked(Assignment, assignment_id)
    locks.locked_volunteers(assignment.volunteer_id)
    return assignment


def _entry(entry_id: str) -> HoursEntry:
    entry = db.session.get(HoursEntry, entry_id)
    if entry is None:
        raise NotFound()
    return entry
