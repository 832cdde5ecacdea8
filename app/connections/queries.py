"""Reads about endpoints, letters and keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import ApiKey, Delivery, Office, Outbox, Webhook, db
from models.kinds import DeliveryState

MOST_SHOWN = 50


@dataclass(frozen=True)
class EndpointView:
    """An endpoint as its administrator sees it: how many letters are in which state, and the latest of them."""

    row: Webhook
    counts: dict[str, int] = field(default_factory=dict)
    oldest_waiting: datetime | None = None
    test: Delivery | None = None
    last_trouble: Delivery | None = None

    @property
    def waiting(self) -> int:
        return self.counts.get(DeliveryState.WAITING, 0)

    @property
    def dead(self) -> int:
        return self.counts.get(DeliveryState.DEAD, 0)


def endpoint(webhook_id: str) -> Webhook | None:
    return db.session.get(Webhook, webhook_id)


def endpoints(office: Office) -> list[EndpointView]:
    """The endpoints set up at this very office, oldest first."""
    found = select(Webhook).where(Webhook.office_id == office.id, Webhook.removed_at.is_(None))
    return [_view(row) for row in db.session.scalars(found.order_by(Webhook.created_at).limit(MOST_SHOWN))]


def _view(row: Webhook) -> EndpointView:
    of_it = Delivery.webhook_id == row.id
    counted = select(Delivery.state, func.count(), func.min(Delivery.created_at)).where(of_it).group_by(Delivery.state)
    rows = {state: (count, oldest) for state, count, oldest in db.session.execute(counted)}
    tests = select(Delivery).where(of_it, Delivery.notification_id.is_(None)).order_by(Delivery.created_at.desc())
    troubled = select(Delivery).where(of_it, Delivery.trouble != "").order_by(Delivery.next_at.desc())
    return EndpointView(
        row=row,
        counts={state: count for state, (count, _oldest) in rows.items()},
        oldest_waiting=rows[DeliveryState.WAITING][1] if DeliveryState.WAITING in rows else None,
        test=db.session.scalar(tests.limit(1)),
        last_trouble=db.session.scalar(troubled.limit(1)),
    )


def unsettled(webhook_id: str) -> list[Delivery]:
    """Letters given up and letters that wait, the latest first."""
    open_states = (DeliveryState.DEAD, DeliveryState.WAITING)
    found = select(Delivery).where(Delivery.webhook_id == webhook_id, Delivery.state.in_(open_states))
    found = found.options(joinedload(Delivery.outbox).joinedload(Outbox.notification))
    return list(db.session.scalars(found.order_by(Delivery.state, Delivery.created_at.desc()).limit(MOST_SHOWN)))


def keys(office: Office) -> list[ApiKey]:
    """The keys issued at this very office: those that work first, then the latest."""
    found = select(ApiKey).where(ApiKey.office_id == office.id)
    return list(db.session.scalars(found.order_by(ApiKey.revoked_at.is_not(None), ApiKey.created_at.desc()).limit(200)))
