"""What came of a step, read past the services: the rows, what was committed, the journal folded, the invariants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from app.integrity import invariants
from models import db
from tests.integrity.machine import model

Row = dict[str, Any]
TABLES = {
    "orders": "SELECT id, status, office_id, requester_id, resident_id, item_id, number, start_code, window_from, "
    "window_until, duration_minutes, positions_wanted, escalated_to_id FROM orders",
    "offers": "SELECT id, status, order_id, volunteer_id, starts_at, ends_at, expires_at, run_id FROM offer",
    "visits": "SELECT id, status, order_id, volunteer_id, starts_at, ends_at, offer_id, position_id FROM assignment",
    "follow_ups": "SELECT id, order_id, cause, CASE WHEN resolved_at IS NULL THEN 'open' ELSE 'resolved' END AS status "
    "FROM follow_up",
    "hours": "SELECT id, assignment_id, status, entered_by_id, minutes FROM hours_entry",
    "reserves": "SELECT id, order_id, volunteer_id, left_at FROM reserve",
    "runs": "SELECT id, stage AS status, day FROM dispatch_run WHERE mode = 'day' AND stage IS NOT NULL",
}
_MOMENTS = ("window_from", "window_until", "starts_at", "ends_at", "expires_at", "left_at")
_WRITTEN = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)", re.IGNORECASE)
SUBJECTS = {"orders": "orders", "offer": "offers", "assignment": "visits"}


@dataclass
class Rows:
    """The rows that matter as plain dicts by id, in the order in which they were made."""

    orders: dict[str, Row] = field(default_factory=dict)
    offers: dict[str, Row] = field(default_factory=dict)
    visits: dict[str, Row] = field(default_factory=dict)
    follow_ups: dict[str, Row] = field(default_factory=dict)
    hours: dict[str, Row] = field(default_factory=dict)
    reserves: dict[str, Row] = field(default_factory=dict)
    runs: dict[str, Row] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Rows:
        with db.engine.connect() as connection:
            return cls(**{name: _by_id(connection, sql) for name, sql in TABLES.items()})

    def statuses(self, *names: str) -> dict[str, dict[str, str]]:
        return {name: {key: row["status"] for key, row in getattr(self, name).items()} for name in names}


def _by_id(connection: Connection, sql: str) -> dict[str, Row]:
    rows = connection.execute(text(f"{sql} ORDER BY id")).mappings()
    return {row["id"]: {name: _moment(name, value) for name, value in row.items()} for row in rows}


def _moment(name: str, value: Any) -> Any:
    """SQLite gives a moment as words."""
    if name in _MOMENTS and isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


class Writes:
    """Which tables committed transactions have written to, seen from the engine: a refusal must leave none."""

    def __init__(self) -> None:
        self.committed: set[str] = set()
        self._key = f"written {id(self)}"

    @contextmanager
    def watched(self) -> Iterator[Writes]:
        hooks = {"after_cursor_execute": self._executed, "commit": self._commit, "rollback": self._rollback}
        for name, hook in hooks.items():
            event.listen(Engine, name, hook)
        try:
            yield self
        finally:
            for name, hook in hooks.items():
                event.remove(Engine, name, hook)

    def _executed(self, connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if found := _WRITTEN.match(statement):
            connection.info.setdefault(self._key, set()).add(found[1].lower())

    def _commit(self, connection: Any) -> None:
        self.committed |= connection.info.pop(self._key, set())

    def _rollback(self, connection: Any) -> None:
        connection.info.pop(self._key, None)

    def since(self) -> set[str]:
        """What was written since this was asked last."""
        found, self.committed = self.committed, set()
        return found


class Journal:
    """The events folded one by one as they come: at each moment they must give the rows."""

    def __init__(self) -> None:
        self.last = 0
        self.statuses: dict[str, dict[str, str]] = {name: {} for name in SUBJECTS.values()}
        self.versions: dict[str, int] = {}
        self.edges: set[tuple[str, str, str]] = set()

    def fold(self) -> list[str]:
        """Take in what is new; gives what is wrong with it."""
        sql = (
            "SELECT number, kind, subject_type, subject_id, order_id, version, before, after FROM event "
            "WHERE number > :last ORDER BY number"
        )
        with db.engine.connect() as connection:
            news = connection.execute(text(sql), {"last": self.last}).all()
        wrong = [words for row in news for words in self._step(row)]
        self.last = news[-1].number if news else self.last
        return wrong

    def _step(self, row: Any) -> Iterator[str]:
        if row.order_id is not None:
            if row.version != self.versions.get(row.order_id, 0) + 1:
                yield f"version {row.version} of order {row.order_id} follows {self.versions.get(row.order_id, 0)}"
            self.versions[row.order_id] = row.version
        if row.after is None or row.subject_type not in SUBJECTS:
            return
        held = self.statuses[SUBJECTS[row.subject_type]]
        if held.get(row.subject_id) != row.before:
            yield f"{row.kind} of {row.subject_id} begins at {row.before}, folded: {held.get(row.subject_id)}"
        if row.before is not None:
            move = row.kind.partition(".")[2]
            self.edges.add((row.subject_type, row.before, move))
            if model.EDGES[row.subject_type].get((row.before, move)) != row.after:
                yield f"{row.kind} leads from {row.before} to {row.after}"
        held[row.subject_id] = row.after


def faults(rows: Rows, journal: Journal) -> list[str]:
    """Everything that must never be and is."""
    found = journal.fold()
    for name, statuses in rows.statuses(*SUBJECTS.values()).items():
        if journal.statuses[name] != statuses:
            apart = set(journal.statuses[name].items()) ^ set(statuses.items())
            found.append(f"the journal does not give the rows of {name}: {sorted(apart)}")
    found += [f"{name}: {offenders}" for name, offenders in invariants.broken().items()]
    db.session.remove()
    return found
