"""Fixtures for all tests: a real database each (made by the migrations), a stopped clock, a small world to act in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from app import create_app
from app.config import ROOT, Settings
from app.kernel import clock
from models import db
from tests import databases
from tests.databases import pytest_runtest_setup, pytest_terminal_summary
from tests.factories import Browser, World

__all__ = ["pytest_runtest_setup", "pytest_terminal_summary"]  # hooks

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Monday 12:00 in Hangzhou: when tests begin."""


def build_app(url: str, instance: Path, **more: object) -> Flask:
    """The app on a database of its own, without scheduler, limits or a second process."""
    settings = Settings(
        database_url=url, instance=instance, testing=True, scheduler=False, solver="inline", rate_limits=False, **more
    )  # type: ignore[arg-type]
    app = create_app(settings)
    app.test_client_class = Browser
    return app


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema in it, to be copied."""
    url = databases.sqlite_url()
    migrate(url, tmp_path_factory.mktemp("template"))
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = databases.create_database()
    migrate(url, tmp_path_factory.mktemp("template"))
    return url


def migrate(url: str, instance: Path) -> None:
    app = build_app(url, instance)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database with the schema, on each of the two we support."""
    if request.param == "sqlite":
        url = databases.sqlite_url()
        shutil.copy(request.getfixturevalue("sqlite_template"), url.removeprefix("sqlite:///"))
        yield url
        Path(url.removeprefix("sqlite:///")).unlink(missing_ok=True)
    else:
        url = databases.create_database(request.getfixturevalue("postgres_template"))
        yield url
        databases.drop_database(url)


@pytest.fixture
def sqlite_database(sqlite_template: Path) -> Iterator[str]:
    """A fresh SQLite database: for tests of pages and words, which no database can change."""
    url = databases.sqlite_url()
    shutil.copy(sqlite_template, url.removeprefix("sqlite:///"))
    yield url
    Path(url.removeprefix("sqlite:///")).unlink(missing_ok=True)


def _running(url: str, instance: Path) -> Iterator[Flask]:
    app = build_app(url, instance)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The app inside its context, once on SQLite and once on PostgreSQL."""
    yield from _running(database_url, tmp_path)


@pytest.fixture
def site(sqlite_database: str, tmp_path: Path) -> Iterator[Flask]:
    """The app on SQLite only."""
    yield from _running(sqlite_database, tmp_path)


@pytest.fixture(autouse=True)
def stopped_clock() -> Iterator[None]:
    with clock.fixed(NOON):
        yield


@pytest.fixture
def world(app: Flask) -> World:
    """Offices, a menu, and ways to make people and orders; on both databases."""
    return World().build()


@pytest.fixture
def town(site: Flask) -> World:
    """The same on SQLite only."""
    return World().build()


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()
