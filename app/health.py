"""Is this server fit to serve? Unsafe settings are refused here, not discovered after a crash."""

from __future__ import annotations

import shutil
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import vendor
from app.config import ROOT
from models import db

LEAST_FREE_SHARE = 0.05


def checks() -> list[dict[str, Any]]:
    """Every check as {name, ok, detail, may_fail}; one that may fail only degrades the service."""
    found = [_database()]
    if found[0]["ok"]:
        found += [_schema(), _durability()]
    return [*found, _disk(), _libraries()]


def _check(name: str, ok: bool, detail: str, may_fail: bool = False) -> dict[str, Any]:
    return {"name": name, "ok": ok, "detail": detail, "may_fail": may_fail}


def _database() -> dict[str, Any]:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        db.session.rollback()
        return _check("database", False, type(error).__name__)
    return _check("database", True, db.engine.dialect.name)


def _schema() -> dict[str, Any]:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    wanted = ScriptDirectory.from_config(config).get_current_head()
    try:
        present = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        db.session.rollback()
        present = None
    return _check("schema", present == wanted, f"{present} of {wanted}; mend with: flask --app wsgi setup")


def _durability() -> dict[str, Any]:
    """Settings under which an acknowledged write can be lost are not accepted."""
    if db.engine.dialect.name == "sqlite":
        level = db.session.scalar(text("PRAGMA synchronous"))
        keys = db.session.scalar(text("PRAGMA foreign_keys"))
        return _check("durability", level == 2 and keys == 1, f"synchronous={level}, foreign_keys={keys}")
    names = ("synchronous_commit", "fsync", "full_page_writes")
    settings = {name: db.session.scalar(text(f"SHOW {name}")) for name in names}
    return _check("durability", "off" not in settings.values(), ", ".join(f"{k}={v}" for k, v in settings.items()))


def _disk() -> dict[str, Any]:
    usage = shutil.disk_usage(current_app.config["LINLI"].instance)
    share = usage.free / usage.total
    return _check("disk", share > LEAST_FREE_SHARE, f"{share:.0%} free")


def _libraries() -> dict[str, Any]:
    missing = vendor.missing()
    return _check("libraries", not missing, f"missing {', '.join(missing)}" if missing else "present", may_fail=True)
