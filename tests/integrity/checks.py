"""What must hold of any database after anything was done to it, as counts for the bars."""

from __future__ import annotations

from sqlalchemy import text

from app.integrity import invariants
from models import db

_OVERLAPPING = """SELECT one.id FROM assignment AS one JOIN assignment AS other ON other.volunteer_id = one.volunteer_id
    AND other.id <> one.id AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at
    WHERE one.status IN ('accepted', 'on_the_way', 'checked_in')
    AND other.status IN ('accepted', 'on_the_way', 'checked_in')"""


def double_booked() -> list[str]:
    """Assignments whose volunteer is elsewhere at the same time."""
    return [row[0] for row in db.session.execute(text(_OVERLAPPING))]


def broken() -> dict[str, list[str]]:
    """Every invariant that does not hold, with the rows that break it."""
    db.session.remove()
    return invariants.broken()
