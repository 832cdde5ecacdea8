"""What colleagues changed in the last minutes: so that two people at one board do not undo each other's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.kernel.access import Actor
from app.kernel.clock import now
from models import Account, Event, RoleGrant, db
from models.kinds import Role

FRESH = timedelta(minutes=2)
"""A change is "just now" for so long."""
DESK = (Role.COORDINATOR, Role.SUPERVISOR)


@dataclass(frozen=True)
class Change:
    """Who did it and when."""

    name: str
    at: datetime


def changes(order_ids: Sequence[str], reader: Actor) -> dict[str, Change]:
    """By order the last step that a colleague took within FRESH; what residents and volunteers do is no news here."""
    if not order_ids:
        return {}
    desk = select(RoleGrant.account_id).where(RoleGrant.role.in_(DESK))
    found = (
        select(Event.order_id, Account.name, Event.at)
        .join(Account, Event.actor_id == Account.id)
        .where(Event.order_id.in_(order_ids), Event.at >= now() - FRESH, Event.actor_id != reader.account_id)
        .where(Event.actor_id.in_(desk))
        .order_by(Event.at)
    )
    return {str(row.order_id): Change(row.name, row.at) for row in db.session.execute(found)}
