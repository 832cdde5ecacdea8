"""Telling people: an inbox line in the command's own transaction, so that a notice is never lost and never invented."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.errors import NotFound
from app.kernel.journal import Notice
from app.kernel.transaction import announce, command
from models import Notification, Offer, Office, Order, Outbox, RoleGrant, db
from models.kinds import NoticeKind, Role

AT_ONCE = timedelta()


def tell(
    account_id: str | None,
    kind: NoticeKind,
    *,
    order: Order | None = None,
    offer: Offer | None = None,
    pause: timedelta = AT_ONCE,
    **particulars: Any,
) -> None:
    """Put a line into somebody's inbox (nobody's, where the person has no account). Call it inside a command.

    The outbox row beside it is what app/connections carries to the endpoints outside, some seconds later; after
    `pause`, while the line may still grow (gathering.py).
    `particulars` hold ids and plain words only: never a name, a phone or an address.
    """
    if account_id is None:
        return
    order = order or (offer.order if offer is not None else None)
    row = Notification(
        account_id=account_id,
        kind=kind,
        order_id=order.id if order is not None else None,
        offer_id=offer.id if offer is not None else None,
        particulars=particulars,
        created_at=now(),
    )
    db.session.add(row)
    office_id = order.office_id if order is not None else None
    db.session.add(Outbox(notification=row, office_id=office_id, created_at=row.created_at + pause))
    announce_to(account_id, kind, row.created_at, row.order_id)


def announce_to(account_id: str, kind: NoticeKind, moment: datetime, order_id: str | None) -> None:
    """Say to open pages that somebody's inbox has changed."""
    at = int(moment.timestamp() * 1000)
    announce(Notice(kind, ((f"account:{account_id}", at),), "notification", account_id, order_id))


def tell_resident(order: Order, kind: NoticeKind, **particulars: Any) -> None:
    """Tell whoever asked for the order, and the person served where that is somebody else with an account."""
    for account_id in {order.requester_id, order.resident.account_id} - {None}:
        tell(account_id, kind, order=order, **particulars)


def tell_desk(
    office: Office, kind: NoticeKind, *, order: Order | None = None, also: str | None = None, **particulars: Any
) -> None:
    """Tell the coordinators of this very office, and the account `also`, once."""
    held = select(RoleGrant.account_id).filter_by(role=Role.COORDINATOR, office_id=office.id)
    for account_id in sorted({also, *db.session.scalars(held)} - {None}):
        tell(account_id, kind, order=order, **particulars)


def tell_desks(office: Office, kind: NoticeKind, *, order: Order | None = None, **particulars: Any) -> int:
    """Tell the coordinators of this office and of every one above it; gives how many people that were."""
    held = select(RoleGrant.account_id).where(
        RoleGrant.role == Role.COORDINATOR, RoleGrant.office_id.in_(office.lineage)
    )
    told = sorted(set(db.session.scalars(held)))
    for account_id in told:
        tell(account_id, kind, order=order, **particulars)
    return len(told)


@command
def read(notification_id: str, *, actor: Actor) -> None:
    """Mark one line of one's own inbox as read; reading twice is harmless."""
    row = db.session.get(Notification, notification_id)
    if row is None or row.account_id != actor.account_id:
        raise NotFound()
    row.read_at = row.read_at or now()
