"""What is written down about requests and about attempts on security: one JSON object a line, ids only.

Three loggers: `linli.access` (one line a request), `linli.security` (sign-ins, refusals, changes of power; written
through `app.kernel.security_log.note`) and everything else from warning upwards. All go to stderr; with a folder set
also to a file a day, kept for LOG_DAYS. Nothing a person typed is ever put in: of an exception its kind and the lines
it passed, never its text. JSON escapes line ends, so no input can forge a line.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
import traceback
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import TimedRotatingFileHandler
from typing import Any

from flask import Flask, g, has_request_context, request

from app.config import Settings

ACCESS, MOST_MESSAGE = logging.getLogger("linli.access"), 500
SECRET = frozenset({"token"})
"""Parts of an address that open something by themselves."""
_NUMBERS = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
"""Mobile numbers: none should ever come here, and none that does gets through."""


class PrivateFiles(TimedRotatingFileHandler):
    """A file a day, each for its owner alone from its first byte on: the one after midnight, too."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=_for_owner)


def _for_owner(name: str, flags: int) -> int:
    handle = os.open(name, flags, 0o600)
    os.chmod(name, 0o600)  # one that an older Linli began may be open to others
    return handle


class JsonLines(logging.Formatter):
    """A record as one line of JSON: when (UTC), how grave, who, whence, which request, what."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "what": record.getMessage()[:MOST_MESSAGE],
            **_circumstances(),
            **getattr(record, "ids", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-12:]
            line["passed"] = [f"{os.path.basename(one.filename)}:{one.lineno} {one.name}" for one in frames]
        return _NUMBERS.sub("[number]", json.dumps(line, ensure_ascii=False, default=str))


def _circumstances() -> dict[str, Any]:
    if not has_request_context():
        return {}
    actor = g.get("actor")
    found = {
        "request": g.get("request_id"),
        "who": getattr(actor, "account_id", None) or getattr(actor, "key_id", None),
        "whence": request.remote_addr,
    }
    return {name: value for name, value in found.items() if value}


def set_up(settings: Settings) -> None:
    """Give the process its log; called where serving begins, never by tests or commands."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if settings.log_folder is not None:
        settings.log_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = settings.log_folder / f"linli-{settings.port}.jsonl"
        handlers.append(PrivateFiles(name, "midnight", backupCount=settings.log_days, encoding="utf-8", utc=True))
        handlers[0].setLevel(logging.WARNING)  # the file has the rest
    for handler in handlers:
        handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=handlers, force=True)
    logging.getLogger("linli").setLevel(logging.INFO)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that takes over a second is no news


def init_app(app: Flask) -> None:
    """One line for every request that is not a file of ours."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def write(response):  # type: ignore[no-untyped-def]  # Flask's own hook
        if ACCESS.isEnabledFor(logging.INFO) and not request.path.startswith(("/static/", "/healthz")):
            route = request.url_rule.rule if request.url_rule else "-"  # the rule, for an address may hold a search
            spent = round(1000 * (time.perf_counter() - g.get("began", time.perf_counter())), 1)
            named = {name: value for name, value in (request.view_args or {}).items() if name not in SECRET}
            ids = {"route": route, "status": response.status_code, "ms": spent, **named}
            ACCESS.info("%s", request.method, extra={"ids": {name: str(value)[:60] for name, value in ids.items()}})
        return response
