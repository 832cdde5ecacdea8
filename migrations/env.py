"""How Alembic reaches our database: through the app, in one transaction, with SQLite's batch mode."""

from alembic import context
from flask import current_app

import models  # noqa: F401 - fills the metadata
from models.base import Base, UTCDateTime

engine = current_app.extensions["migrate"].db.engine


def render_item(kind, item, _autogen_context):
    """Write our own column types as what they are underneath: a migration must outlive the code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def unchanged(_context, _revision, directives):
    """No empty revisions."""
    options = context.config.cmd_opts
    if getattr(options, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def sqlite_checks_references(connection, wanted):
    """SQLite rebuilds a table by dropping it, which its foreign keys would refuse; outside a transaction they can rest.

    They are checked as a whole before the commit.
    """
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={'ON' if wanted else 'OFF'}")


def refuse_dangling(connection):
    if connection.dialect.name == "sqlite":
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
        if dangling:
            raise RuntimeError(f"rows refer to rows that are not there: {[tuple(row) for row in dangling]}")


with engine.connect().execution_options(writing=True) as connection:
    sqlite_checks_references(connection, False)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        process_revision_directives=unchanged,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
        refuse_dangling(connection)
        connection.commit()
    finally:
        connection.rollback()
        sqlite_checks_references(connection, True)
