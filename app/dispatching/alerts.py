"""What volunteers were asked lately, as dispatch.offering reads it: histories, and what is known of an offer when made.

Nothing here knows a sex, an age, a disability or a home: dispatch.offering.Offered has no place for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, select

from app.dispatching.hours import among, seconds
from app.kernel.clock import local
from dispatch.offering import Alert, Answer, Offered, tried
from dispatch.offering.history import DAY, WEEK
from dispatch.offering.history import messages_since as messages
from models import DispatchRun, Offer, Order, ServiceCategory, ServiceItem, db
from models.kinds import RunMode
from models.states import OfferStatus

MEMORY = timedelta(days=90)
ANSWERS = {
    OfferStatus.ACCEPTED: Answer.YES, OfferStatus.DECLINED: Answer.NO, OfferStatus.EXPIRED: Answer.SILENCE,
    OfferStatus.WITHDRAWN: Answer.WITHDRAWN, OfferStatus.SENT: Answer.OPEN, OfferStatus.SEEN: Answer.OPEN,
}  # fmt: skip


def histories(ids: list[str], moment: datetime, memory: timedelta = MEMORY) -> dict[str, list[Alert]]:
    """The alerts of each volunteer within `memory`, oldest first. Offers nobody was told of are none.

    All offers of one day plan are one message, like those of one digest (`offer.message`).
    """
    bundle = case((DispatchRun.mode == RunMode.DAY, Offer.run_id), else_=Offer.message)
    rows = (
        select(
            Offer.volunteer_id, Offer.order_id, Offer.sent_at, Offer.status, Offer.answered_at,
            ServiceCategory.code, bundle,
        )
        .join(Order, Order.id == Offer.order_id)
        .outerjoin(ServiceItem, ServiceItem.id == Order.item_id)
        .outerjoin(ServiceCategory, ServiceCategory.id == ServiceItem.category_id)
        .outerjoin(DispatchRun, DispatchRun.id == Offer.run_id)
        .where(among(Offer.volunteer_id, ids), Offer.sent_at >= moment - memory, Offer.held_until.is_(None))
        .order_by(Offer.sent_at, Offer.id)
    )  # fmt: skip
    found: dict[str, list[Alert]] = defaultdict(list)
    for volunteer_id, order_id, sent_at, status, answered_at, kind, message in db.session.execute(rows):
        ended = seconds(answered_at) if answered_at is not None else None
        answer = ANSWERS[OfferStatus(status)]
        found[volunteer_id].append(Alert(order_id, seconds(sent_at), kind or "", False, answer, ended, message or ""))
    return found


def offered(
    order: Order, alerts: Sequence[Alert], *, distance_m: int, starts_at: datetime, moment: datetime
) -> Offered:
    """What the answer model may look at, were this order put now to somebody with these alerts."""
    own, at, begins = tried(alerts), seconds(moment), local(starts_at)
    return Offered(
        km=round(distance_m / 1000, 3), hour=round(begins.hour + begins.minute / 60, 2), weekday=begins.weekday(),
        kind=order.item.category.code if order.item is not None else "",
        notice=round((starts_at - moment).total_seconds() / 3600, 2),
        alerts_week=messages(alerts, at - WEEK), alerts_day=messages(alerts, at - DAY),
        yes=own.yes, offers=own.offers, urgency=str(order.urgency),
    )  # fmt: skip


def features(order: Order, volunteer_id: str, *, distance_m: int, starts_at: datetime, moment: datetime) -> Any:
    """The same as JSON, for one offer that is being made."""
    known = histories([volunteer_id], moment).get(volunteer_id, [])
    return asdict(offered(order, known, distance_m=distance_m, starts_at=starts_at, moment=moment))


def read_features(kept: Mapping[str, Any] | None, offer: Any, urgency: str) -> Offered:
    """What stood with an offer; of one made before features were kept, what its row tells."""
    if kept:
        return Offered(**kept)
    begins = local(offer.starts_at)
    notice = (offer.starts_at - offer.sent_at).total_seconds() / 3600
    return Offered(
        offer.distance_m / 1000, begins.hour + begins.minute / 60, begins.weekday(), "", notice, urgency=urgency
    )
