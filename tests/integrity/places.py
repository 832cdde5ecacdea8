"""Where a bar works: fresh databases with the schema in them, and the app on one of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from flask import Flask

from models import db
from tests import databases
from tests.conftest import build_app, migrate

SQLITE, POSTGRES = "sqlite", "postgres"


def available() -> tuple[str, ...]:
    """The databases of this machine: SQLite always, PostgreSQL where there is a server."""
    return (SQLITE, POSTGRES) if databases.postgres_available() else (SQLITE,)


@cache
def template(name: str) -> str:
    """The URL of a database that only has the schema; made once, to be copied."""
    url = databases.sqlite_url() if name == SQLITE else databases.create_database()
    with tempfile.TemporaryDirectory() as folder:
        migrate(url, Path(folder))
    return url


@contextmanager
def database(name: str) -> Iterator[str]:
    """The URL of a fresh database, gone afterwards."""
    if name == POSTGRES:
        url = databases.create_database(template(name))
        try:
            yield url
        finally:
            databases.drop_database(url)
        return
    url = databases.sqlite_url()
    file = Path(url.removeprefix("sqlite:///"))
    shutil.copy(template(name).removeprefix("sqlite:///"), file)
    try:
        yield url
    finally:
        for left in file.parent.glob(f"{file.name}*"):
            left.unlink()


@contextmanager
def running(url: str, **settings: object) -> Iterator[Flask]:
    """The app on that database, inside its context, as tests have it: no ticking, no limits."""
    with tempfile.TemporaryDirectory() as folder:
        app = build_app(url, Path(folder), **settings)
        with app.app_context():
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()
