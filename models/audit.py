"""The audit chain: one link for each journal row, one chain per office; and the guards that keep both as written.

The guards are triggers: `audit_link` takes rows and never gives one up or changes one; so does `event`, but for the
columns that a redaction may blank. They stop mistakes and whoever holds only the app's SQL; the hashes and the signed
anchors outside the database find what somebody does who can take the guards off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import BigInteger, Connection, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id

DIGEST = String(64)


class AuditLink(Base):
    """The place of a journal row in its office's chain. `hash` covers the row and the hash before it."""

    __tablename__ = "audit_link"

    chain: Mapped[str] = mapped_column(Id, primary_key=True)  # the office's id; "" for rows without one
    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)  # 1, 2, 3, …
    event_number: Mapped[int] = mapped_column(ForeignKey("event.number"), unique=True)
    name_digest: Mapped[str] = mapped_column(DIGEST)  # of the actor's name, with the row's salt
    words_digest: Mapped[str] = mapped_column(DIGEST)  # of the particulars, with the row's salt
    hash: Mapped[str] = mapped_column(DIGEST)


FIXED = (
    "number", "at", "kind", "subject_type", "subject_id", "order_id", "version", "office_id", "actor_id", "before",
    "after",
)  # fmt: skip
"""Columns of a journal row that no redaction touches."""

_REFUSE = "audit_insert_only"


def _sqlite_guard(name: str, when: str) -> str:
    table = when.rpartition(" ")[2]
    return f"CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"


_ROW_GUARDS = {
    "guard_audit_link_update": "UPDATE ON audit_link",
    "guard_audit_link_delete": "DELETE ON audit_link",
    "guard_event_update": f"UPDATE OF {', '.join(FIXED)} ON event",
    "guard_event_delete": "DELETE ON event",
}
_STATEMENT_GUARDS = {
    "guard_audit_link_truncate": "TRUNCATE ON audit_link",
    "guard_event_truncate": "TRUNCATE ON event",
}

SQLITE_UP = tuple(_sqlite_guard(name, when) for name, when in _ROW_GUARDS.items())
SQLITE_DOWN = tuple(f"DROP TRIGGER {name}" for name in _ROW_GUARDS)
POSTGRESQL_UP = (
    f"CREATE FUNCTION {_REFUSE}() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is insert-only'; END $$",
    *(
        f"CREATE TRIGGER {name} BEFORE {when} FOR EACH {each} EXECUTE FUNCTION {_REFUSE}()"
        for each, guards in (("ROW", _ROW_GUARDS), ("STATEMENT", _STATEMENT_GUARDS))
        for name, when in guards.items()
    ),
)
POSTGRESQL_DOWN = (
    *(f"DROP TRIGGER {name} ON {when.rpartition(' ')[2]}" for name, when in (_ROW_GUARDS | _STATEMENT_GUARDS).items()),
    f"DROP FUNCTION {_REFUSE}()",
)


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """Without the guards, to the end of the block; undone with the transaction. For the demo, which starts over."""
    on_sqlite = connection.dialect.name == "sqlite"
    for statement in SQLITE_DOWN if on_sqlite else POSTGRESQL_DOWN:
        connection.exec_driver_sql(statement)
    yield
    for statement in SQLITE_UP if on_sqlite else POSTGRESQL_UP:
        connection.exec_driver_sql(statement)
