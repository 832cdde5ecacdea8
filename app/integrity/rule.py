"""An invariant: a sentence that must hold of any database of Linli, and the query that finds what breaks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, text

from app.kernel.clock import now
from models.base import UTCDateTime
from models.kinds import Evidence
from models.states import ASSIGNMENT_BUSY, ASSIGNMENT_HOLDING, OFFER_LIVE, ORDER_MAY_SLEEP, AssignmentStatus

MOST = 50
"""Offenders named for one invariant; more would only be longer."""
LATE = timedelta(seconds=60)
"""How long after its time anything may still be undone."""

_NAMES = re.compile(r"(?<!:):([a-z]+)\b")
_LISTS: dict[str, list[str]] = {
    "busy": sorted(ASSIGNMENT_BUSY),
    "holding": sorted(ASSIGNMENT_HOLDING),
    "done": [AssignmentStatus.CHECKED_OUT, AssignmentStatus.CONFIRMED],
    "live": sorted(OFFER_LIVE),
    "sleeping": sorted(ORDER_MAY_SLEEP),
    "proven": [Evidence.RESIDENT_CODE, Evidence.PLACE],
}


@dataclass(frozen=True)
class Invariant:
    """A part of what Linli promises: the `number` of the promise, which several may share (`flask doctor --list`).

    The query's first column names the offender; it is one statement, and so one moment of a database that others go
    on writing to.

    `needs_ticking` marks what holds only while somebody ticks: of a restored backup it need not.
    `keep` is the last word on each row where SQL alone cannot judge it.
    """

    name: str
    number: int
    sentence: str
    query: str
    on_postgresql: str = ""
    needs_ticking: bool = False
    keep: Callable[[Any], bool] | None = None
    most: int = MOST

    def offenders(self, connection: Connection) -> list[str]:
        """What breaks it, at most `most` of them; empty when it holds."""
        query = self.on_postgresql if self.on_postgresql and connection.dialect.name == "postgresql" else self.query
        rows: Sequence[Any] = connection.execute(_statement(query), _values(query)).fetchmany(self.most)
        return [str(row[0]) for row in rows if self.keep is None or self.keep(row)]


@dataclass(frozen=True)
class Elsewhere:
    """An invariant that no query can judge, and the tests that prove it instead."""

    number: int
    sentence: str
    proven_by: tuple[str, ...]


def _names(query: str) -> set[str]:
    return set(_NAMES.findall(query))


@cache
def _statement(query: str) -> TextClause:
    moments = [bindparam(name, type_=UTCDateTime) for name in ("now", "late") if name in _names(query)]
    lists: list[Any] = [bindparam(name, expanding=True) for name in _names(query) & set(_LISTS)]
    return text(query).bindparams(*moments, *lists)


def _values(query: str) -> dict[str, Any]:
    values: dict[str, Any] = {**_LISTS, "now": now(), "late": now() - LATE}
    return {name: values[name] for name in _names(query)}
