"""Reads about requests to be forgotten and legal holds, for the administrators of the offices they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.kernel.access import Actor, within
from app.privacy.persons import find
from models import Erasure, LegalHold, Office, db
from models.kinds import Role

MOST = 100


@dataclass(frozen=True)
class Line:
    """A request or a hold with the person's pseudonym: an administrator needs no name for it."""

    row: Any
    office: Office
    pseudonym: str


@dataclass(frozen=True)
class Board:
    requests: list[Line]
    holds: list[Line]


def board(actor: Actor) -> Board:
    """What waits and what is held in the actor's offices, the oldest first."""
    held = {
        row.row.subject_id: row for row in _lines(actor, LegalHold, LegalHold.lifted_at.is_(None), LegalHold.set_at)
    }
    waiting = Erasure.done_at.is_(None) & Erasure.withdrawn_at.is_(None)
    return Board(_lines(actor, Erasure, waiting, Erasure.due_at), list(held.values()))


def _lines(actor: Actor, table: Any, which: Any, order: Any) -> list[Line]:
    theirs = within(Office.path, actor.paths(Role.ADMINISTRATOR))
    found = select(table, Office).join(Office, Office.id == table.office_id).where(theirs, which).order_by(order)
    return [
        Line(row, office, who.pseudonym if (who := find(row.subject_id)) is not None else row.subject_id)
        for row, office in db.session.execute(found.limit(MOST))
    ]
