"""What every table stands on: the one `db`, names for constraints, UTC times, and SQLite's manners.

Sources: SQLAlchemy's recipe for pysqlite transactions; the WAL-reset bug note of SQLite 3.51.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CheckConstraint, DateTime, Dialect, Engine, MetaData, String, TypeDecorator, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from models.ids import ID_LENGTH, new_id

#: WAL is safe for several connections only from this version on; older ones keep the rollback journal.
SAFE_WAL_VERSION = (3, 51, 3)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment. Stored in UTC; a naive one is refused, for nobody could say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give it a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = String(ID_LENGTH)


class Identified:
    """A row with a random, time-ordered key that may stand in a URL."""

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)


def one_of(column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    """CHECK that a text column holds a member of an enum."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def sql_list(values: Any) -> str:
    """The values as the inside of an SQL IN (...) for partial indexes and triggers."""
    return ", ".join(f"'{value}'" for value in sorted(values))


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: Any) -> None:
    if "sqlite" not in type(connection).__module__:
        return
    connection.isolation_level = None  # the driver must not begin transactions behind our back
    cursor = connection.cursor()
    version = tuple(int(n) for n in cursor.execute("SELECT sqlite_version()").fetchone()[0].split("."))
    cursor.execute(f"PRAGMA journal_mode={'WAL' if version >= SAFE_WAL_VERSION else 'TRUNCATE'}")
    manners = ("synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", "trusted_schema=OFF", "secure_delete=ON")
    for pragma in manners:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    """Open SQLite transactions ourselves: IMMEDIATE for commands, or a reader that turns writer fails at once."""
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
