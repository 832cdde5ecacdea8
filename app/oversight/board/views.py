"""Filters of the board that somebody named, for themselves alone. Not journalled: nothing happens to anybody."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.errors import Invalid
from app.kernel.transaction import command
from app.oversight.board.queries import Wanted
from models import SavedView, db

MOST = 12
"""Names one keeps; more would be a list to search in."""


def views(actor: Actor) -> Sequence[SavedView]:
    """One's own, the oldest first."""
    found = select(SavedView).filter_by(account_id=actor.account_id).order_by(SavedView.id)
    return db.session.scalars(found).all()


@command
def keep_view(name: str, wanted: Wanted, *, actor: Actor) -> SavedView:
    """Keep what the list is narrowed to under a name; the same name is used anew. Raises Invalid at MOST names."""
    own = select(SavedView).filter_by(account_id=actor.account_id)
    row = db.session.scalar(own.filter_by(name=name))
    if row is None:
        if (db.session.scalar(select(func.count()).select_from(own.subquery())) or 0) >= MOST:
            raise Invalid({"name": [_("最多存 %(n)s 个，先删掉一个。", n=MOST)]})
        row = SavedView(account_id=str(actor.account_id), name=name, created_at=now())
        db.session.add(row)
    row.wanted = wanted.parts()
    return row


@command
def drop_view(name: str, *, actor: Actor) -> None:
    """Forget it; nothing happens where there is none of this name."""
    db.session.execute(delete(SavedView).filter_by(account_id=actor.account_id, name=name))
