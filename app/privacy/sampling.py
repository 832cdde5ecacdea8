"""A second look at looks: of each office's a few of every hundred, drawn by lot, are gone over by somebody else.

The lot falls on what was looked at in the last whole week. Who looks cannot know which it will be: it hangs on the
row's id and on a secret of the server.
"""

from __future__ import annotations

import hmac
import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.kernel import locks
from app.kernel.access import Actor, require, within
from app.kernel.clock import midnight, now, today
from app.kernel.errors import OwnEntry, WrongState
from app.kernel.journal import record
from app.kernel.transaction import command
from models import Office, Reveal, db
from models.kinds import EventKind, Role

SHARE = 0.02
CHECKERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)


def week() -> tuple[date, date]:
    """Monday and Sunday of the last whole week."""
    monday = today() - timedelta(days=today().weekday() + 7)
    return monday, monday + timedelta(days=6)


def drawn(actor: Actor) -> Sequence[Reveal]:
    """The looks of the last week that the lot fell on, in the offices this person watches over; at least one each."""
    first, last = week()
    found = select(Reveal).join(Reveal.office).where(
        Reveal.shown_at >= midnight(first), Reveal.shown_at < midnight(last + timedelta(days=1)),
        within(Office.path, actor.paths(*CHECKERS)),
    )  # fmt: skip
    by_office: defaultdict[str, list[Reveal]] = defaultdict(list)
    for row in db.session.scalars(found.options(joinedload(Reveal.actor), joinedload(Reveal.order))):
        by_office[row.office_id].append(row)
    chosen = [row for rows in by_office.values() for row in sorted(rows, key=_lot)[: math.ceil(SHARE * len(rows))]]
    return sorted(chosen, key=lambda row: (row.checked_at is not None, row.shown_at or row.asked_at))


def _lot(row: Reveal) -> bytes:
    secret = str(current_app.secret_key).encode()
    return hmac.digest(secret, f"second look {row.id}".encode(), "sha256")


@command
def check(reveal_id: str, *, actor: Actor) -> Reveal:
    """Say that one has gone over a look; never one's own. Saying it twice is saying it once."""
    asked = db.session.get(Reveal, reveal_id)
    if asked is not None and asked.order_id:
        locks.locked_order(asked.order_id)
    row = locks.locked(Reveal, reveal_id)
    require(actor, "reveal.check", row)
    if row.actor_id == actor.account_id:
        raise OwnEntry(_("自己看的，要请别人来复看。"))
    if row.shown_at is None:
        raise WrongState()
    if row.checked_at is None:
        row.checked_by_id, row.checked_at = actor.account_id, now()
        record(row, EventKind.REVEAL_CHECK, actor=actor)
    return row
