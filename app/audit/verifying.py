"""Walks every chain and every journal row, and names whatever does not fit. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, String, select, text, type_coerce

from app.audit.book import Head, Reading
from app.kernel.chain import ORIGIN, chain_of, digest, link_hash
from models import AuditLink, Event, db
from models.kinds import EventKind

AT_ONCE = 2_000
MOST_FAULTS = 1_000
"""More are counted, not listed."""


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was written: where, and what."""

    chain: str
    seq: int | None
    number: int | None
    """Of the journal row, where there is one."""
    code: str


@dataclass
class Report:
    """What a walk found. `ok` is the verdict; the rest says how much was looked at."""

    chains: int = 0
    links: int = 0
    redacted: int = 0
    anchors: int = 0
    anchored_at: str | None = None
    lost: int = 0
    heads: dict[str, Head] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    faults_found: int = 0

    @property
    def ok(self) -> bool:
        return self.faults_found == 0

    def add(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.faults_found += 1
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(fault)


def verify(book: Reading | None = None) -> Report:
    """Walk the database as it stands at one moment, and hold it against the book when one is given."""
    with db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        return verify_on(connection, book)


def verify_on(connection: Connection, book: Reading | None = None) -> Report:
    """The same inside somebody else's transaction, which must see one moment."""
    report, expected = Report(), dict(book.expected) if book else {}
    _walk(connection, report, expected)
    report.add(Fault("", None, number, "not_linked") for number in _unlinked(connection))
    if book is not None:
        report.anchors, report.anchored_at, report.lost = len(book.lines), book.last_at, book.lost
        report.add(Fault("", line, None, f"anchor: {what}") for line, what in book.wrong)
        report.add(Fault(chain, seq, None, "cut_after_anchor") for chain, seq in expected)
    return report


def _walk(connection: Connection, report: Report, expected: dict[tuple[str, int], tuple[str, int]]) -> None:
    redactions = _redactions(connection)
    chain, seq, head = None, 0, ORIGIN
    for row in _rows(connection):
        if row.chain != chain:
            chain, seq, head = row.chain, 0, ORIGIN
            report.chains += 1
        report.links += 1
        if row.seq != seq + 1:
            report.add([Fault(row.chain, row.seq, row.number, "gap")])
        report.add(_check(row, head, redactions))
        report.redacted += row.number in redactions
        anchored = expected.pop((row.chain, row.seq), None)
        if anchored is not None and anchored[0] != row.hash:
            report.add([Fault(row.chain, row.seq, row.number, "not_as_anchored")])
        seq, head = row.seq, row.hash
        report.heads[row.chain] = seq, head


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    """Links in their order with their journal rows, raw: a row that was tampered with need not make sense."""
    columns = [
        type_coerce(column, String) if column.name in {"at", "particulars"} else column for column in Event.__table__.c
    ]
    together = (
        select(AuditLink.__table__, *columns)
        .join(Event, Event.number == AuditLink.event_number, isouter=True)
        .order_by(AuditLink.chain, AuditLink.seq)
    )
    yield from connection.execute(together, execution_options={"yield_per": AT_ONCE})


def _check(row: Row[Any], head: str, redactions: dict[int, list[str | None]]) -> Iterator[Fault]:
    def fault(code: str) -> Fault:
        return Fault(row.chain, row.seq, row.number, code)

    if row.number is None:
        yield fault("row_missing")
        return
    try:
        event = _Plain(row)
        if chain_of(event) != row.chain:
            yield fault("wrong_chain")
        if link_hash(row.chain, row.seq, head, event, row.name_digest, row.words_digest) != row.hash:
            yield fault("altered")
        name_digest, words_digest = redactions.get(row.number, [None, None])
        if digest("name", row.name_salt, row.actor_name) != (name_digest or row.name_digest):
            yield fault("name_altered")
        if digest("words", row.words_salt, event.particulars) != (words_digest or row.words_digest):
            yield fault("words_altered")
    except (TypeError, ValueError):
        yield fault("unreadable")


class _Plain:
    """A journal row with its time and particulars as they were meant; ValueError where they mean nothing."""

    def __init__(self, row: Row[Any]) -> None:
        self._row = row
        self.at = _moment(row.at)
        self.particulars = json.loads(row.particulars) if isinstance(row.particulars, str) else row.particulars

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def _moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _redactions(connection: Connection) -> dict[int, list[str | None]]:
    """Row number → the digests that hold since its last redaction. One that names rows after itself counts nothing."""
    found: dict[int, list[str | None]] = {}
    rows = select(Event.number, type_coerce(Event.particulars, String)).where(Event.kind == EventKind.JOURNAL_REDACT)
    for number, particulars in connection.execute(rows.order_by(Event.number)):
        try:
            listed = (json.loads(particulars) if isinstance(particulars, str) else particulars)["rows"]
            for row, name_digest, words_digest in listed:
                if row < number:
                    before = found.get(row, [None, None])
                    found[row] = [name_digest or before[0], words_digest or before[1]]
        except (TypeError, ValueError, KeyError):
            continue  # its own words no longer match its digest, and the walk says so
    return found


def _unlinked(connection: Connection) -> list[int]:
    """Rows that no command of ours wrote. Bounded like the faults."""
    found = (
        select(Event.number)
        .join(AuditLink, AuditLink.event_number == Event.number, isouter=True)
        .where(AuditLink.hash.is_(None))
    )
    return list(connection.scalars(found.limit(MOST_FAULTS)))
