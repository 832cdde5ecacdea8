"""What is counted before and after a restore."""

from __future__ import annotations

from sqlalchemy import func, select

from models import db


def count_of(table):
    found = db.session.scalar(select(func.count()).select_from(table))
    db.session.rollback()
    return found
