"""Migrations give the very tables the models describe, on both databases, and can be taken back and redone."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from app.config import ROOT
from models import db

FOLDER = str(ROOT / "migrations")


def _differences():
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, db.metadata)


def _tables():
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def _triggers():
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            found = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        else:
            found = "SELECT conname FROM pg_constraint WHERE contype = 'x'"
        return sorted(connection.scalars(text(found)))


def test_migrations_match_the_models(app):
    assert _differences() == []
    assert _tables() == set(db.metadata.tables)


def test_migrations_go_down_and_up_again(app):
    tables, triggers = _tables(), _triggers()
    assert triggers, "overlap is held by the database itself"
    downgrade(directory=FOLDER, revision="base")
    assert _tables() == set()
    assert _triggers() == []
    upgrade(directory=FOLDER)
    assert (_tables(), _triggers()) == (tables, triggers)
    assert _differences() == []
