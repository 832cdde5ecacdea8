"""What attackers in tests have at hand."""

from __future__ import annotations

from app.kernel import clock
from app.kernel.transaction import command
from app.people.identity import actor_of
from models import RoleGrant, db


@command
def changed(table, key, **fields):
    """A fact of the world, written directly."""
    row = db.session.get(table, key)
    for name, value in fields.items():
        setattr(row, name, value)


def dual(account_id, role, office):
    """The same person with one more role."""
    _grant(account_id, role, office)
    return actor_of(account_id)


@command
def _grant(account_id, role, office):
    db.session.add(RoleGrant(account_id=account_id, role=role, office_id=office, created_at=clock.now()))
