"""The disk is full: nothing acknowledged is lost, reading goes on, and it mends itself when there is room again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.engine import make_url

from app import health
from app.integrity.invariants import broken
from app.kernel import troubles
from app.kernel.access import Actor
from app.kernel.errors import StorageFull
from app.ordering import service as ordering
from models import Order, db
from tests import databases
from tests.conftest import build_app
from tests.factories import World, csrf_of
from tests.ordering.wishes import errand
from tests.postgres_server import unprivileged

MEGABYTE = 1 << 20
MOST_TRIES = 3000


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system in memory with so much room; only root may mount one."""
    folder = Path(tempfile.mkdtemp(prefix="linli-disk-"))
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "none", folder],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            pytest.skip("no small file system can be mounted here")
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def fill(folder: Path) -> Path:
    """Take all the room there is with one file."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65536):
                pass
        except OSError:
            pass
    return ballast


@pytest.fixture
def on_sqlite(sqlite_template: Path) -> Iterator[tuple[Flask, Path]]:
    with small_disk(12) as folder:
        shutil.copy(sqlite_template, folder / "linli.db")
        yield from _running(f"sqlite:///{folder / 'linli.db'}", folder)


@pytest.fixture
def on_postgres(postgres_template: str) -> Iterator[tuple[Flask, Path]]:
    """The database lies in a tablespace of its own, which has little room."""
    name = f"small_{uuid.uuid4().hex[:8]}"
    with small_disk(60) as folder:
        inside = folder / "data"
        inside.mkdir()
        if owner := unprivileged():
            os.chown(inside, owner["user"], owner["group"])
        databases.administer(f"CREATE TABLESPACE {name} LOCATION '{inside}'")
        template = make_url(postgres_template).database
        databases.administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}" TABLESPACE {name}')
        url = databases.postgres_url().set(database=name).render_as_string(hide_password=False)
        yield from _running(url, folder)
        databases.drop_database(url)
        databases.administer(f"DROP TABLESPACE {name}")


def _running(url: str, folder: Path) -> Iterator[tuple[Flask, Path]]:
    app = build_app(url, folder)
    with app.app_context():
        yield app, folder
        db.session.remove()
        db.engine.dispose()
    troubles.over(troubles.STORAGE)


@pytest.fixture(params=["on_sqlite", pytest.param("on_postgres", marks=pytest.mark.postgres)])
def small(request: pytest.FixtureRequest) -> tuple[Flask, Path]:
    return request.getfixturevalue(request.param)


def _place_until_full(world: World, resident: Actor) -> list[str]:
    kept: list[str] = []
    for _ in range(MOST_TRIES):
        try:
            kept.append(ordering.place(actor=resident, **errand(world)).id)
        except StorageFull:
            return kept
    raise AssertionError("it never got full")


def test_nothing_acknowledged_is_lost_and_it_mends_itself(small: tuple[Flask, Path]) -> None:
    app, folder = small
    world, resident = (world := World().build()), world.resident()
    browser = world.browser(app, resident)
    token = csrf_of(browser.get("/me/addresses").text)
    ballast = fill(folder)
    kept = _place_until_full(world, resident)

    typed = {"csrf_token": token, "_key": "k", "house": "3 幢 201", "office_id": world.ids["station"]}
    answers = [browser.post("/me/addresses", data=typed) for _ in range(3)]
    refused = next(answer for answer in answers if answer.status_code != 303)
    assert refused.status_code == 507
    assert "暂时只能查看" in refused.text
    assert 'name="house" value="3 幢 201"' in refused.text
    assert browser.get("/orders").status_code == 200, "reading goes on"
    assert "暂时只能查看" in browser.get("/orders").text
    program = world.browser(app).post("/api/v1/sessions", json={"phone": "19900000001", "password": "x" * 8})
    assert program.status_code != 500
    assert not next(check for check in health.checks() if check.name == "storage").ok

    ballast.unlink()
    again = browser.post("/me/addresses", data=typed)
    assert again.status_code == 303, "and the same form, sent again, is kept"
    assert "暂时只能查看" not in browser.get("/orders").text
    assert db.session.scalar(select(func.count()).where(Order.id.in_(kept))) == len(kept)
    assert broken() == {}
    if db.engine.dialect.name == "sqlite":
        assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"


def test_a_database_that_may_not_grow_refuses_in_the_same_words(town: World) -> None:
    """The same without a file system of one's own: SQLite itself is told to be full."""
    resident = town.resident()
    pages = db.session.scalar(text("PRAGMA page_count"))

    @event.listens_for(db.engine, "connect")
    def keep_small(connection: object, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")  # type: ignore[attr-defined]

    db.session.remove()
    db.engine.dispose()
    kept = _place_until_full(town, resident)
    assert db.session.scalar(select(func.count()).where(Order.id.in_(kept))) == len(kept)
    assert broken() == {}
