"""From the outbox to letters: each notice becomes one letter to every endpoint that wants it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from app.kernel.clock import now
from app.kernel.transaction import command
from models import Delivery, Notification, Office, Outbox, Webhook, db
from models.ids import new_id
from models.kinds import DeliveryState, NoticeKind

MOST_AT_ONCE = 500
GIVE_UP_AFTER = timedelta(hours=24)
KEPT = {DeliveryState.DELIVERED: timedelta(days=7), DeliveryState.DROPPED: timedelta(days=7),
        DeliveryState.DEAD: timedelta(days=90)}  # fmt: skip
"""How long a letter is kept once it is settled. Its outbox row stays as long as the notice."""
NEVER_OUTSIDE = frozenset({NoticeKind.SECURITY, NoticeKind.PORTRAIT})
"""What concerns nobody but the person."""


@command
def spread(most: int = MOST_AT_ONCE) -> int:
    """Make the letters of notices that have none yet; gives how many notices were looked at (at most `most`)."""
    endpoints = db.session.scalars(select(Webhook).where(Webhook.removed_at.is_(None)).order_by(Webhook.id)).all()
    if not endpoints:
        everything = update(Outbox).where(Outbox.spread_at.is_(None)).values(spread_at=now())
        db.session.execute(everything, execution_options={"synchronize_session": False})
        return 0
    found = (
        select(Outbox.notification_id, Notification.kind, Office.path)
        .join(Notification, Notification.id == Outbox.notification_id)
        .outerjoin(Office, Office.id == Outbox.office_id)
        .where(Outbox.spread_at.is_(None), _is_complete())
        .order_by(Outbox.created_at)
        .limit(most)
        .with_for_update(of=Outbox, skip_locked=True)
    )
    rows = db.session.execute(found).all()
    letters = [
        letter_to(endpoint, row.notification_id)
        for row in rows
        for endpoint in endpoints
        if _wants(endpoint, row.kind, row.path)
    ]
    if letters:
        db.session.execute(insert(Delivery), letters)
    _mark([row.notification_id for row in rows])
    return len(rows)


def has_unspread() -> bool:
    waiting = select(Outbox.notification_id).join(Notification, Notification.id == Outbox.notification_id)
    return db.session.scalar(waiting.where(Outbox.spread_at.is_(None), _is_complete()).limit(1)) is not None


def _is_complete() -> ColumnElement[bool]:
    """Not one that may still grow (app/notices/gathering.py); all others go at once, even if the clock was set back."""
    return or_(Outbox.created_at <= now(), Outbox.created_at <= Notification.created_at)


def _wants(endpoint: Webhook, kind: str, path: str | None) -> bool:
    """Its own subtree's notices of the kinds it named; what belongs to no office goes to the endpoints of a root."""
    if kind in NEVER_OUTSIDE or (endpoint.kinds and kind not in endpoint.kinds):
        return False
    return path.startswith(endpoint.office.path) if path is not None else endpoint.office.parent_id is None


def letter_to(endpoint: Webhook, notification_id: str | None) -> dict[str, object]:
    """A row of `delivery`; without a notice it is a test."""
    moment = now()
    return {
        "id": new_id(), "webhook_id": endpoint.id, "notification_id": notification_id, "state": DeliveryState.WAITING,
        "attempts": 0, "next_at": moment, "give_up_at": moment + GIVE_UP_AFTER, "created_at": moment, "trouble": "",
    }  # fmt: skip


def _mark(notification_ids: Sequence[str]) -> None:
    done = update(Outbox).where(Outbox.notification_id.in_(notification_ids)).values(spread_at=now())
    db.session.execute(done, execution_options={"synchronize_session": False})


@command
def forget_letters() -> int:
    """Delete letters that were settled long enough ago; gives how many."""
    gone = 0
    for state, kept in KEPT.items():
        old = delete(Delivery).where(Delivery.state == state, Delivery.settled_at < now() - kept)
        gone += int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult
    return gone
