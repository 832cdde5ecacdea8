"""Changing the master keys: every person's data key is wrapped anew and every blind index computed anew.

What is sealed stays as it is, for the data keys themselves do not change. A rotation that was cut short goes on where
it stopped; while it runs, rows of both the old and the new key are found and opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from app.kernel.transaction import command
from models import Account, Resident, SubjectKey, db
from models.keyring import keyring

AT_ONCE = 500
INDEXED: tuple[type[Account] | type[Resident], ...] = (Account, Resident)


def in_use() -> dict[str, int]:
    """How many people's keys each master key wraps; erased people have none."""
    counted = select(SubjectKey.version, func.count().label("people")).where(SubjectKey.wrapped.is_not(None))
    return {row.version: row.people for row in db.session.execute(counted.group_by(SubjectKey.version))}


def rewrap() -> Iterator[int]:
    """Wrap all data keys with the current master key, part by part; gives the size of each part."""
    while done := _rewrap_some():
        yield done


@command
def _rewrap_some() -> int:
    ring = keyring()
    old = select(SubjectKey).where(SubjectKey.version != ring.current, SubjectKey.wrapped.is_not(None))
    rows = list(db.session.scalars(old.order_by(SubjectKey.subject_id).limit(AT_ONCE).with_for_update()))
    for row in rows:
        opened = ring.unwrap(row.subject_id, row.version, row.wrapped or b"")
        row.version, row.wrapped = ring.wrap(row.subject_id, opened)
    return len(rows)


def reindex() -> Iterator[int]:
    """Compute the blind indexes with the current master key, part by part; gives the size of each part."""
    for table in INDEXED:
        last = ""
        while found := _reindex_some(table, last):
            last, done = found
            yield done


@command
def _reindex_some(table: Any, last: str) -> tuple[str, int] | None:
    wanted = select(table).where(table.id > last).order_by(table.id).limit(AT_ONCE).with_for_update()
    rows = list(db.session.scalars(wanted))
    changed = 0
    for row in rows:
        index = table.phone.index_of(row.phone) if row.phone else None
        if index != row.phone_index:
            row.phone_index, changed = index, changed + 1
    found = (rows[-1].id, changed) if rows else None
    db.session.flush()
    db.session.expunge_all()
    return found
