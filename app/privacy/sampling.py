"""A second look at looks: of each office's a few of every hundred, drawn by lot, are gone over by somebody else.

The lot falls on what was looked at in the last whole week. Who looks cannot know which it will be: it hangs on the
row's id and on a secret of the server.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.kernel.access import Actor, within
from app.kernel.clock import midnight, monday_of, now, today
from app.kernel.errors import WrongState
from app.kernel.journal import record
from app.kernel.transaction import command
from app.people.sealing import keyed_digest
from app.privacy.reveals import of_a_colleague
from models import Office, Reveal, db
from models.kinds import EventKind, Role

SHARE = 0.02
CHECKERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)


def week() -> tuple[date, date]:
    """Monday and Sunday of the last whole week."""
    monday = monday_of(today()) - timedelta(days=7)
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


def _lot(row: Reveal) -> str:
    return keyed_digest("second look", row.id)


@command
def check(reveal_id: str, *, actor: Actor) -> Reveal:
    """Say that one has gone over a look; never one's own. Saying it twice is saying it once."""
    row = of_a_colleague(reveal_id, "reveal.check", actor, _("自己看的，要请别人来复看。"))
    if row.shown_at is None:
        raise WrongState()
    if row.checked_at is None:
        row.checked_by_id, row.checked_at = actor.account_id, now()
        record(row, EventKind.REVEAL_CHECK, actor=actor)
    return row
