"""What a backup asks of a database of either kind, and what it notes of one."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, table, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from app.backups.manifest import Snapshot
from app.config import engine_options
from models import AuditLink, Event
from models.base import Base


class Store(Protocol):
    """One database and its neighbourhood."""

    def dump(self, target: Path) -> Snapshot:
        """Write a copy of one moment to a new file, and say what is in it."""

    def load(self, source: Path, scratch: str) -> None:
        """Put a copy into a new database at this address; BadBackup where it does not go."""

    def scratch(self, stamp: str) -> str:
        """The address of a database that is not there yet, beside ours."""

    def is_empty(self) -> bool:
        """Whether there is no database, or none with tables in it."""

    def in_use(self) -> bool:
        """Whether anybody else has it open now."""

    def put_in_place(self, scratch: str, stamp: str) -> str | None:
        """Make the scratch database ours; gives the name under which the one before is kept."""

    def drop(self, scratch: str) -> None:
        """Remove a scratch database, also one that was never finished."""


def plain_engine(url: URL | str) -> Engine:
    """Connections that are closed when they are given back: nobody may hold a database that is being exchanged."""
    options = {name: value for name, value in engine_options(str(url)).items() if name in {"module", "hide_parameters"}}
    return create_engine(url, poolclass=NullPool, **options)


def snapshot(connection: Connection) -> Snapshot:
    """What the manifest says of the database. The connection must see one moment."""
    tables = sorted(set(inspect(connection).get_table_names()) & set(Base.metadata.tables))
    ends = select(AuditLink.chain, func.max(AuditLink.seq).label("seq")).group_by(AuditLink.chain).subquery()
    heads = select(AuditLink.chain, AuditLink.seq, AuditLink.hash).join(
        ends, (ends.c.chain == AuditLink.chain) & (ends.c.seq == AuditLink.seq)
    )
    last = connection.scalar(select(func.max(Event.at)))
    return Snapshot(
        schema=str(connection.scalar(text("SELECT version_num FROM alembic_version"))),
        rows={name: int(connection.scalar(select(func.count()).select_from(table(name))) or 0) for name in tables},
        heads={row.chain: (row.seq, row.hash) for row in connection.execute(heads)},
        last_event_at=last.isoformat() if last else None,
    )
