"""Leaving a place: given back by the volunteer, taken away with the order, or missed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.dispatching import service as dispatching
from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.errors import TooEarly
from app.kernel.idempotency import repeatable
from app.kernel.lifecycle import can, move
from app.kernel.transaction import command
from app.notices.service import tell, tell_desk, tell_resident
from app.serving import places
from app.serving.visits import finish_if_all_out, own_assignment
from models import Assignment, Order, db
from models.kinds import NoticeKind
from models.states import AssignmentMove, AssignmentStatus, OrderMove, OrderStatus

MAY_REFILL = frozenset({OrderStatus.OPEN, OrderStatus.OFFERING, OrderStatus.STAFFED, OrderStatus.UNFILLED})


@command
@repeatable(Assignment)
def hand_back(assignment_id: str, reason: str = "", *, actor: Actor, key: str | None = None) -> Assignment:
    """The volunteer cannot come and says so. Told before the start it is in time; told later the desk hears at once."""
    assignment = own_assignment(assignment_id, actor)
    if assignment.status == AssignmentStatus.HANDED_BACK:
        return assignment
    late = now() >= assignment.starts_at
    leave(assignment, AssignmentMove.HAND_BACK, reason, actor, late=late)
    tell_resident(assignment.order, NoticeKind.VOLUNTEER_LEFT)
    tell_desk(assignment.order.office, NoticeKind.VOLUNTEER_LEFT, order=assignment.order, late=late)
    refill(assignment.order, actor)
    return assignment


@command
@repeatable(Assignment)
def cancel_by_desk(assignment_id: str, reason: str, *, actor: Actor, key: str | None = None) -> Assignment:
    """The coordinator takes a volunteer off an order that goes on without them."""
    assignment = own_assignment(assignment_id, actor, "assignment.vouch")
    leave(assignment, AssignmentMove.CANCEL, reason, actor)
    tell(assignment.volunteer.account_id, NoticeKind.ORDER_CANCELLED, order=assignment.order, reason=reason)
    tell_resident(assignment.order, NoticeKind.VOLUNTEER_LEFT)
    refill(assignment.order, actor)
    return assignment


def cancel_live_assignments(order: Order, *, actor: Actor, why: str) -> None:
    """The order itself ends: everybody who was to come is told. Call it inside a command that holds the order."""
    for assignment in places.busy(order.id):
        if can(assignment, AssignmentMove.CANCEL):
            leave(assignment, AssignmentMove.CANCEL, why, actor)
            tell(assignment.volunteer.account_id, NoticeKind.ORDER_CANCELLED, order=order, reason=why)


@command
@repeatable(Assignment)
def mark_no_show(assignment_id: str, *, actor: Actor, key: str | None = None) -> Assignment:
    """The coordinator's finding that the volunteer did not come; never the clock's alone."""
    assignment = own_assignment(assignment_id, actor, "assignment.vouch")
    if now() < assignment.starts_at:
        raise TooEarly(_l("约定的时间还没到，现在还不能记未到场。"))
    leave(assignment, AssignmentMove.MISS, "", actor)
    order = assignment.order
    if order.status in MAY_REFILL and _can_still_be_served(order):
        tell_resident(order, NoticeKind.VOLUNTEER_LEFT)
        refill(order, actor)
    elif can(order, OrderMove.MISS) and _nobody_left(order):
        move(order, OrderMove.MISS, actor=actor)
    else:
        finish_if_all_out(order, actor)
    return assignment


def refill(order: Order, actor: Actor) -> None:
    """A place is free again: reserves first, then everybody. With others already at work, see whether all is done."""
    db.session.flush()
    if order.status in MAY_REFILL:
        order.staffed_at = None
        dispatching.order_freed(order, actor=actor)
    else:
        finish_if_all_out(order, actor)


def leave(assignment: Assignment, how: AssignmentMove, reason: str, actor: Actor, **particulars: object) -> None:
    """The assignment ends before its service. The caller holds the order."""
    assignment.ended_at, assignment.reason = now(), reason
    move(assignment, how, actor=actor, **particulars)


def _can_still_be_served(order: Order) -> bool:
    return now() + order.duration <= order.window_until


def _nobody_left(order: Order) -> bool:
    """Nobody came and nobody is expected. Who served before the order was opened again came another time."""
    db.session.flush()
    if order.status == OrderStatus.STAFFED:
        return not places.busy(order.id)
    came = select(Assignment.id).where(
        Assignment.order_id == order.id,
        Assignment.status.in_((AssignmentStatus.CHECKED_OUT, AssignmentStatus.CONFIRMED)),
    )
    return not places.busy(order.id) and db.session.scalar(came.limit(1)) is None
