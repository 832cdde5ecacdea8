"""A coordinator gives somebody's task to another, or another time: the yes is taken back kindly, the next one asked."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from app.dispatching import queries as judging
from app.dispatching import service as dispatching
from app.kernel.access import Actor
from app.kernel.errors import WrongState
from app.kernel.idempotency import repeatable
from app.kernel.lifecycle import can, move
from app.kernel.transaction import command
from app.notices.service import tell, tell_resident
from app.serving.leaving import leave
from app.serving.visits import own_assignment
from models import Assignment, Offer, Order, db
from models.kinds import NoticeKind
from models.states import AssignmentMove, OrderMove


@command
@repeatable(Offer)
def move_assignment(
    assignment_id: str,
    *,
    actor: Actor,
    key: str | None = None,
    volunteer_id: str | None = None,
    starts_at: datetime | None = None,
    despite: bool = False,
    agreed: bool = False,
) -> Offer:
    """Take somebody off and ask another, or the same for another time, in one step; nobody serves without a new yes.

    Raises NotFitting until the coordinator has `agreed` to take a yes away, and for what else speaks against it (see
    `dispatching.offer_by_hand`); WrongState once they have arrived. Then all stays as it was.
    """
    assignment = own_assignment(assignment_id, actor, "assignment.vouch")
    order, before = assignment.order, assignment.volunteer_id
    if not can(assignment, AssignmentMove.CANCEL):
        raise WrongState(_("服务已经开始或已经结束，不能再换人改时间。"), state=assignment.status)
    whom = volunteer_id or before
    beside = [] if agreed else [judging.Conflict(dispatching.AGREED, _("已经答应了，改了就要重新问过才算数"))]
    leave(assignment, AssignmentMove.CANCEL, _("调度员改了安排"), actor, why="moved")
    _seek_again(order, actor)
    offer = dispatching.ask(
        order, whom, actor=actor, despite=despite, starts_at=starts_at, beside=beside, anew=whom == before
    )
    _tell(assignment, whom)
    return offer


def _seek_again(order: Order, actor: Actor) -> None:
    """The place is free; those who wait for one are not asked first, for somebody has been chosen."""
    db.session.flush()
    if can(order, OrderMove.UNSTAFF):
        order.staffed_at = None
        move(order, OrderMove.UNSTAFF, actor=actor)


def _tell(assignment: Assignment, whom: str) -> None:
    order = assignment.order
    if whom != assignment.volunteer_id:
        tell(assignment.volunteer.account_id, NoticeKind.ORDER_CANCELLED, order=order, reason=assignment.reason)
    tell_resident(order, NoticeKind.ORDER_CHANGED)
