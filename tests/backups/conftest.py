"""A city with something to lose, and ways to ask for a backup of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.audit import service as audit
from app.backups import service
from app.backups.postgres import PostgreSQL
from models import db
from tests.audit.scenes import journal


@pytest.fixture
def orders(world, nothing_left_behind) -> list[str]:
    found = journal(world)
    db.session.rollback()
    return found


@pytest.fixture
def taken(orders) -> Path:
    """A backup of it."""
    return service.backup()


@pytest.fixture
def change(app: Flask) -> Callable[..., None]:
    """Other settings for the running app."""

    def changed(**settings: object) -> None:
        app.config["LINLI"] = replace(app.config["LINLI"], **settings)

    return changed


@pytest.fixture
def nothing_left_behind(app: Flask) -> Iterator[None]:
    """Databases that a restore put aside stay until somebody removes them: here, we do."""
    yield
    store = service.store(service.settings().url())
    if not isinstance(store, PostgreSQL):
        return
    db.session.remove()
    db.engine.dispose()
    with store._server() as server:
        beside = server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{store.name[:30]}%",))
        names = [name for (name,) in beside.fetchall() if "_before_" in name or "_restore_" in name]
    for name in names:
        store.drop(store.url.set(database=name).render_as_string(hide_password=False))


@pytest.fixture
def trusted_elsewhere(tmp_path: Path, change: Callable[..., None]) -> str:
    """The machine burned down: nothing of its instance folder is left but what was noted. Gives the public key."""
    public = audit.key().public
    change(instance=tmp_path / "new-machine", backup_folder=service.folder())
    return public
