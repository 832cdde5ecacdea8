"""The call list: many people to ring at once, each look with its own row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.kernel.access import Actor, within
from app.kernel.clock import midnight, today
from app.kernel.errors import NotFound, TooManyLooks
from app.privacy.reveals import reveal
from app.privacy.schemas import WHAT
from models import Office, Order, Reveal, db
from models.kinds import LookWay, Role
from models.states import ORDER_LIVE

MOST = 50


def upcoming(actor: Actor) -> Sequence[Order]:
    """Unfinished orders of the actor's desk that take place today or tomorrow, the next first."""
    until = midnight(today() + timedelta(days=2))
    found = select(Order).join(Order.office).where(
        Order.status.in_(ORDER_LIVE), Order.window_until > midnight(today()), Order.window_from < until,
        within(Office.path, actor.paths(Role.COORDINATOR)),
    )  # fmt: skip
    return db.session.scalars(found.options(joinedload(Order.office)).order_by(Order.window_from).limit(MOST)).all()


def reveal_many(order_ids: Sequence[str], reason: str, words: str, *, actor: Actor) -> tuple[list[Reveal], int]:
    """One look at each; gives them and how many were left out (used up, gone). A minor's row waits for its yes."""
    rows: list[Reveal] = []
    wanted = list(dict.fromkeys(order_ids))[:MOST]
    for order_id in wanted:
        try:
            row = reveal(
                order_id, fields=WHAT["who"], reason=reason, words=words, actor=actor, way=LookWay.BULK
            )  # fmt: skip
        except NotFound:
            continue
        except TooManyLooks:
            break
        rows.append(row)
    return rows, len(wanted) - len(rows)
