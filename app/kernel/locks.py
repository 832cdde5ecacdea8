"""Row locks, taken in one order everywhere, so that deadlocks have nowhere to begin:

    dispatch run → order → offer, assignment → volunteers by id → hours → audit chains by office id, at the very end

RANKS repeats it for the test that reads the statements. A row that the same command made is nobody else's to wait for.
An idempotency key is taken before the order or just after it: only its own sender waits for it, and one that sends the
same key with two different acts at once is refused after PostgreSQL has ended one of them.
PostgreSQL locks the rows; SQLite drops FOR UPDATE, for there a command is alone anyway.
"""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import select

from app.kernel.errors import NotFound
from models import Order, Volunteer, db
from models.base import Identified

T = TypeVar("T", bound=Identified)

RANKS = {
    "dispatch_run": 0, "orders": 1, "offer": 2, "assignment": 2, "volunteer": 3, "hours_entry": 4, "audit head": 5,
}  # fmt: skip


def locked(table: type[T], key: str) -> T:
    """The row, fresh and locked until the command ends; NotFound where there is none."""
    row = db.session.get(table, key, with_for_update={"of": table}, populate_existing=True)
    if row is None:
        raise NotFound()
    return row


def locked_order(order_id: str) -> Order:
    return locked(Order, order_id)


def locked_volunteers(*volunteer_ids: str) -> list[Volunteer]:
    """Several volunteers, locked in the order of their ids, given back in that order."""
    return [locked(Volunteer, key) for key in sorted(set(volunteer_ids))]


def order_of(table: type[T], key: str) -> str:
    """The id of the order that a row belongs to, read without a lock so that the order can be locked first."""
    order_id = db.session.scalar(select(table.order_id).where(table.id == key))  # type: ignore[attr-defined]  # Offer, Assignment, …
    if order_id is None:
        raise NotFound()
    return str(order_id)
