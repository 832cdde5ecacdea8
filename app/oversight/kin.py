"""Orders that belong to another one: asked for twice, divided from it, or like it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, select
from sqlalchemy.orm import joinedload

from app.kernel.access import Actor, may
from app.kernel.lifecycle import can
from models import Order, OrderSplit, db
from models.states import ORDER_LIVE, OrderMove

SIMILAR = 20
TWICE = 3


def similar(order: Order) -> Sequence[Order]:
    """Live orders of the same office that this one may be merged into, the same person's or service's first."""
    same = case((Order.resident_id == order.resident_id, 0), (Order.item_id == order.item_id, 1), else_=2)
    found = select(Order).where(Order.office_id == order.office_id, Order.status.in_(ORDER_LIVE), Order.id != order.id)
    return db.session.scalars(found.order_by(same, Order.window_from).limit(SIMILAR)).all()


def duplicates(order: Order, actor: Actor) -> list[Order]:
    """Live orders that look like the same need while it may be merged: one person, one service, overlapping times."""
    if not can(order, OrderMove.MERGE):
        return []
    found = select(Order).where(
        Order.resident_id == order.resident_id, Order.id != order.id, Order.status.in_(ORDER_LIVE),
        Order.title == order.title, Order.window_from < order.window_until, Order.window_until > order.window_from,
        Order.id.not_in([part.id for part in parts(order)]),
    )  # fmt: skip
    rows = db.session.scalars(found.options(joinedload(Order.office)).order_by(Order.created_at).limit(TWICE))
    return [one for one in rows if may(actor, "board.see", one)]


def parts(order: Order) -> Sequence[Order]:
    """The orders this one was divided into, or came from."""
    of = select(OrderSplit.order_id).where(OrderSplit.from_id == order.id)
    origin = select(OrderSplit.from_id).where(OrderSplit.order_id == order.id)
    found = select(Order).where(Order.id.in_(of.union_all(origin))).order_by(Order.window_from, Order.number)
    return db.session.scalars(found).all()
