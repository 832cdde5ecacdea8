"""The visit: on the way, arrived, done. Times are the server's, or the phone's within bounds; what backs them is
written beside them."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.dispatching import service as dispatching
from app.kernel import locks
from app.kernel.access import Actor, require
from app.kernel.clock import local, now
from app.kernel.errors import Invalid, TooEarly, WrongCode, WrongState
from app.kernel.idempotency import once, repeatable
from app.kernel.lifecycle import can, move
from app.kernel.settings import order_setting
from app.kernel.transaction import command
from app.notices.service import tell_resident
from app.rating import service as rating
from app.rights.service import agree, withdrawn
from app.serving import places
from app.serving.evidence import Fix, code_is_right, grade, note_wrong_code
from app.serving.lateness import Report, report
from models import Assignment, Order, Visit, db
from models.kinds import ConsentChannel, Evidence, NoticeKind, Purpose
from models.states import AssignmentMove, AssignmentStatus, OrderMove, OrderStatus

DONE = frozenset({AssignmentStatus.CHECKED_OUT, AssignmentStatus.CONFIRMED})
CLOSES_AFTER = timedelta(hours=24)
"""So long after its end a visit may still be checked in by the volunteer; later the coordinator's word is needed."""


def own_assignment(assignment_id: str, actor: Actor, what: str = "assignment.serve") -> Assignment:
    """The assignment under its order's lock, if this actor may do that to it. Call it inside a command."""
    locks.locked_order(locks.order_of(Assignment, assignment_id))
    assignment = locks.locked(Assignment, assignment_id)
    require(actor, what, assignment)
    return assignment


@command
def depart(assignment_id: str, *, actor: Actor, at: datetime | None = None) -> Assignment:
    """The volunteer sets out, and the resident hears of it; setting out twice changes nothing.

    What a phone without a signal tells late (`at`) is no news for the resident any more.
    """
    assignment = own_assignment(assignment_id, actor)
    if assignment.status in (AssignmentStatus.ON_THE_WAY, AssignmentStatus.CHECKED_IN):
        return assignment
    set_out = report(assignment, at, assignment.accepted_at)
    move(assignment, AssignmentMove.DEPART, actor=actor, **set_out.particulars)
    if set_out.reported_at is None:
        tell_resident(assignment.order, NoticeKind.VOLUNTEER_ON_THE_WAY)
    return assignment


def check_in(
    assignment_id: str,
    *,
    actor: Actor,
    code: str | None = None,
    lat: float | None = None,
    lon: float | None = None,
    accuracy: float | None = None,
    at: datetime | None = None,
    key: str | None = None,
) -> Assignment:
    """The volunteer has arrived: backed by the resident's code, else by the place, else by their own word.

    `at` is the phone's time, where it could not tell us then; see app/serving/lateness.py for what is believed.

    A wrong code is written down in a transaction of its own, which the refusal must not undo.
    """
    fix = Fix(lat, lon, accuracy) if lat is not None and lon is not None else None
    assignment = _check_in(assignment_id, actor, code, fix, at, key)
    if assignment is None:
        raise WrongCode()
    return assignment


@command
def _check_in(
    assignment_id: str, actor: Actor, code: str | None, fix: Fix | None, at: datetime | None, key: str | None
) -> Assignment | None:
    assignment = own_assignment(assignment_id, actor)
    if withdrawn(actor.account_id, Purpose.LOCATION):
        fix = None  # they took back that we may look; code and word still count
    came = Report(now())
    if can(assignment, AssignmentMove.CHECK_IN):
        came = report(assignment, at, assignment.accepted_at)
        _refuse_untimely(assignment, came.at)
        if code and not code_is_right(assignment, code):
            note_wrong_code(assignment, actor)
            return None

    def effect() -> str:
        if assignment.status != AssignmentStatus.CHECKED_IN:
            if fix is not None:
                agree(assignment.volunteer.account, Purpose.LOCATION, ConsentChannel.USE, None, actor)
            _arrive(assignment, came, grade(assignment.order, code, fix), actor, fix)
        return assignment.id

    once(key, actor, "assignment.check_in", [assignment_id, code], effect)
    return assignment


def _refuse_untimely(assignment: Assignment, at: datetime) -> None:
    early = timedelta(minutes=order_setting(assignment.order, "check_in_early_minutes"))
    opens = assignment.starts_at - early
    if at < opens:
        raise TooEarly(_l("%(time)s 以后才能签到，您先忙，到时候再来。", time=f"{local(opens):%m-%d %H:%M}"))
    if now() >= assignment.ends_at + CLOSES_AFTER:
        raise WrongState(_l("这次服务的时间已过去一天，请联系社区补录。"))


def _arrive(assignment: Assignment, came: Report, evidence: Evidence, actor: Actor, fix: Fix | None = None) -> None:
    move(assignment, AssignmentMove.CHECK_IN, actor=actor, evidence=evidence, **came.particulars)
    visit = Visit(
        assignment=assignment,
        checked_in_at=came.at,
        check_in_reported_at=came.reported_at,
        check_in_evidence=evidence,
        check_in_distance_m=fix.metres_from(assignment.order) if fix else None,
        check_in_accuracy_m=round(fix.accuracy) if fix and fix.accuracy is not None else None,
        check_in_by_id=actor.account_id,
    )
    db.session.add(visit)
    order = assignment.order
    if can(order, OrderMove.START):
        dispatching.withdraw_live_offers(order, actor=actor, why="started")
        move(order, OrderMove.START, actor=actor)


@command
def check_out(
    assignment_id: str, *, actor: Actor, key: str | None = None, note: str = "", at: datetime | None = None
) -> Assignment:
    """The volunteer is done: the visit closes, hours are credited, and the last one out finishes the order.

    `at` as with `check_in`.
    """
    assignment = own_assignment(assignment_id, actor)

    def effect() -> str:
        if assignment.status not in DONE:
            came = assignment.visit.checked_in_at if assignment.visit is not None else assignment.accepted_at
            _finish(assignment, report(assignment, at, came), Evidence.SELF, actor, note)
        return assignment.id

    once(key, actor, "assignment.check_out", [assignment_id, note], effect)
    return assignment


def _finish(assignment: Assignment, left: Report, evidence: Evidence, actor: Actor, note: str = "") -> None:
    visit = assignment.visit
    if visit is None:
        raise WrongState(_l("还没有签到。"), state=str(assignment.status))
    move(assignment, AssignmentMove.CHECK_OUT, actor=actor, **left.particulars)
    locks.locked_volunteers(assignment.volunteer_id)
    assignment.ended_at = left.at
    visit.checked_out_at, visit.check_out_evidence, visit.check_out_by_id = left.at, evidence, actor.account_id
    visit.check_out_reported_at = left.reported_at
    visit.note = note
    rating.credit(visit, actor=actor)
    finish_if_all_out(assignment.order, actor)


def finish_if_all_out(order: Order, actor: Actor) -> None:
    """The order is served when somebody came and nobody is still expected or at work."""
    db.session.flush()
    if order.status == OrderStatus.SERVING and not places.busy(order.id):
        order.served_at = now()
        move(order, OrderMove.FINISH, actor=actor)


@command
@repeatable(Assignment)
def vouch_check_in(
    assignment_id: str, at: datetime | None = None, *, actor: Actor, key: str | None = None
) -> Assignment:
    """The coordinator's word that the volunteer arrived, now or at a time already past."""
    assignment = own_assignment(assignment_id, actor, "assignment.vouch")
    _refuse_impossible(at, earliest=assignment.accepted_at)
    _arrive(assignment, Report(at or now()), Evidence.COORDINATOR, actor)
    return assignment


@command
@repeatable(Assignment)
def vouch_check_out(
    assignment_id: str, at: datetime | None = None, *, actor: Actor, key: str | None = None
) -> Assignment:
    """The coordinator's word that the volunteer finished."""
    assignment = own_assignment(assignment_id, actor, "assignment.vouch")
    if assignment.visit is not None:
        _refuse_impossible(at, earliest=assignment.visit.checked_in_at)
    _finish(assignment, Report(at or now()), Evidence.COORDINATOR, actor)
    return assignment


def _refuse_impossible(at: datetime | None, *, earliest: datetime) -> None:
    if at is not None and not earliest <= at <= now():
        raise Invalid({"at": [_l("时间要在 %(from)s 之后、现在之前。", **{"from": f"{local(earliest):%m-%d %H:%M}"})]})
