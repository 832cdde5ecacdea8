"""Two people are not to meet again: what stands between them on one order ends."""

from __future__ import annotations

from sqlalchemy import select

from app.dispatching import service as dispatching
from app.kernel.access import SYSTEM
from app.kernel.clock import now
from app.kernel.journal import record
from app.kernel.lifecycle import can
from app.notices.service import tell, tell_resident
from app.serving.leaving import leave, refill
from app.serving.places import holding
from app.serving.reserves import reserve_of
from models import Offer, Order, db
from models.kinds import EventKind, NoticeKind
from models.states import OFFER_LIVE, AssignmentMove


def part(order: Order, volunteer_id: str) -> None:
    """Take the volunteer off the order wherever they have not begun: offer, reserve, task. Nobody is told why.

    Call it inside a command that holds the order.
    """
    live = select(Offer.id).where(
        Offer.order_id == order.id, Offer.volunteer_id == volunteer_id, Offer.status.in_(OFFER_LIVE)
    )
    for offer_id in list(db.session.scalars(live)):
        dispatching.withdraw_offer(offer_id, actor=SYSTEM)
    kept = reserve_of(order.id, volunteer_id)
    if kept is not None:
        kept.left_at = now()
        record(kept, EventKind.RESERVE_LEAVE, actor=SYSTEM)
    assignment = holding(order.id, volunteer_id)
    if assignment is not None and can(assignment, AssignmentMove.CANCEL):
        leave(assignment, AssignmentMove.CANCEL, "", SYSTEM)
        tell(assignment.volunteer.account_id, NoticeKind.ORDER_CANCELLED, order=order)
        tell_resident(order, NoticeKind.VOLUNTEER_LEFT)
        refill(order, SYSTEM)
