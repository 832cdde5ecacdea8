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


with engine.connect().execution_options(writing=True) as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        process_revision_directives=unchanged,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
