"""Who was told what about an order, when, whether they have looked, and how many letters outside arrived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from models import Account, Delivery, Notification, Offer, db
from models.kinds import DeliveryState, NoticeKind

MOST = 60


def told(order_id: str) -> Sequence[Any]:
    """The latest notices about the order, those in which it was told of together with others among them."""
    letters = select(func.count(Delivery.id)).where(Delivery.notification_id == Notification.id)
    arrived = letters.where(Delivery.state == DeliveryState.DELIVERED)
    together = and_(Notification.kind == NoticeKind.OFFER, Notification.offer_id.in_(_told_with(order_id)))
    found = (
        select(
            Notification.kind, Notification.created_at, Notification.read_at, Account.name, Account.id,
            letters.scalar_subquery().label("letters"), arrived.scalar_subquery().label("arrived"),
        )
        .join(Account, Notification.account_id == Account.id)
        .where(or_(Notification.order_id == order_id, together))
        .order_by(Notification.created_at.desc())
        .limit(MOST)
    )  # fmt: skip
    return db.session.execute(found).all()


def _told_with(order_id: str) -> Any:
    """SQL: the offers that went to the same people in one line with offers of this order (a digest, a day plan)."""
    mine = aliased(Offer)
    same = (Offer.volunteer_id == mine.volunteer_id, Offer.message == mine.message)
    return select(Offer.id).join(mine, and_(*same)).where(mine.order_id == order_id, mine.message != "")
