"""Blocks for life: two people who met once are never brought together again, whoever of them asks for it."""

from __future__ import annotations

from sqlalchemy import or_, select

from app.kernel import locks
from app.kernel.access import Actor, may
from app.kernel.clock import now
from app.kernel.errors import NotFound
from app.kernel.journal import record
from app.kernel.transaction import command
from app.serving import service as serving
from models import Assignment, Block, Offer, Order, Reserve, db
from models.kinds import BlockKind, EventKind
from models.states import ORDER_LIVE


def side_of(assignment: Assignment, actor: Actor) -> BlockKind | None:
    """As which of the two the actor may ask for it; None for everybody else, the office too."""
    if actor.volunteer_id is not None and assignment.volunteer_id == actor.volunteer_id:
        return BlockKind.BY_VOLUNTEER
    return BlockKind.BY_RESIDENT if may(actor, "order.see_own", assignment.order) else None


def is_blocked(assignment: Assignment, actor: Actor) -> bool:
    """Whether the actor has asked for it already; what the other asked for is not told."""
    side = side_of(assignment, actor)
    return side is not None and _standing(assignment, side) is not None


@command
def block(assignment_id: str, *, actor: Actor) -> Block:
    """Never again: takes effect at once, also on what the two have ahead of them. Asking twice changes nothing."""
    met = db.session.get(Assignment, assignment_id)
    if met is None or actor.is_system or side_of(met, actor) is None:
        raise NotFound()
    ahead = _ahead(met)
    orders = {order_id: locks.locked_order(order_id) for order_id in sorted({*ahead, met.order_id})}
    assignment = locks.locked(Assignment, assignment_id)
    side = side_of(assignment, actor)
    if side is None:
        raise NotFound()
    known = _standing(assignment, side)
    if known is not None:
        return known
    made = Block(
        volunteer_id=assignment.volunteer_id, resident_id=assignment.order.resident_id, kind=side, created_at=now()
    )
    db.session.add(made)
    db.session.flush()
    record(made, EventKind.BLOCK_MAKE, actor=actor, side=str(side))
    for order_id in ahead:
        serving.part(orders[order_id], assignment.volunteer_id)
    return made


def _standing(assignment: Assignment, side: BlockKind) -> Block | None:
    pair = {"volunteer_id": assignment.volunteer_id, "resident_id": assignment.order.resident_id, "kind": side}
    return db.session.scalar(select(Block).filter_by(**pair))


def _ahead(met: Assignment) -> list[str]:
    """Unfinished orders of this resident on which this volunteer was asked, waits, or is to come."""
    tables = (Offer, Reserve, Assignment)
    involved = (select(table.order_id).where(table.volunteer_id == met.volunteer_id) for table in tables)
    found = select(Order.id).where(
        Order.resident_id == met.order.resident_id,
        Order.status.in_(ORDER_LIVE),
        or_(*(Order.id.in_(ids) for ids in involved)),
    )
    return sorted(db.session.scalars(found))
