"""record(): the journal row now, in the command's transaction; the live notice after its commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.kernel import chain
from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.transaction import announce
from models import Event, Office, Order, db
from models.kinds import EventKind, NoticeKind


@dataclass(frozen=True)
class Notice:
    """What listeners hear: the kind, the topics to wake with their versions, and ids. Never content."""

    kind: EventKind | NoticeKind
    topics: tuple[tuple[str, int], ...]
    subject_type: str
    subject_id: str
    order_id: str | None


def record(
    subject: Any,
    kind: EventKind,
    *,
    actor: Actor,
    before: str | None = None,
    after: str | None = None,
    **particulars: Any,
) -> Event:
    """Write down what `actor` did to `subject`. Rows about an order (or its offers and visits) count up its version.

    The caller holds the order's lock. `particulars` must be plain JSON values; ids and words, no personal data.
    """
    if actor.key_id is not None:
        particulars["api_key"] = actor.key_id
    if actor.by_link:
        particulars["by_link"] = True
    order = subject if isinstance(subject, Order) else getattr(subject, "order", None)
    if order is not None:
        order.version = (order.version or 0) + 1
    office_id = order.office_id if order is not None else getattr(subject, "office_id", None)
    row = Event(
        at=_moment_of(order),
        kind=kind,
        subject_type=subject.__tablename__,
        subject_id=subject.id,
        order_id=order.id if order is not None else None,
        version=order.version if order is not None else None,
        office_id=office_id,
        actor_id=actor.account_id,
        actor_name=actor.name,
        before=before,
        after=after,
        particulars=particulars,
    )
    db.session.add(row)
    chain.remember(db.session(), row)
    announce(Notice(kind, _topics(subject, order, office_id, row), row.subject_type, row.subject_id, row.order_id))
    return row


def _moment_of(order: Order | None) -> datetime:
    """Now; but never before the order's last step, for a machine's clock may be put back between two of them."""
    if order is None or order.version < 2:
        return now()
    last = db.session.scalar(select(Event.at).where(Event.order_id == order.id, Event.version == order.version - 1))
    return max(now(), last or now())


def _topics(subject: Any, order: Order | None, office_id: str | None, row: Event) -> tuple[tuple[str, int], ...]:
    moment = int(row.at.timestamp() * 1000)
    topics = [(f"order:{order.id}", order.version)] if order is not None else []
    office = db.session.get(Office, office_id) if office_id else None
    topics += [(f"office:{above}", moment) for above in (office.lineage if office else [])]
    volunteer_id = subject.id if row.subject_type == "volunteer" else getattr(subject, "volunteer_id", None)
    if volunteer_id:
        topics.append((f"volunteer:{volunteer_id}", moment))
    if getattr(subject, "account_id", None):
        topics.append((f"account:{subject.account_id}", moment))
    return tuple(topics)
