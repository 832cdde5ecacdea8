"""One watchman a process: each second he closes silent lines and the sockets of ended sessions, each minute he asks for
rights again. He begins his round with the first line, in whatever way the process runs things side by side.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import socketio
from models import db

EVERY_SECONDS = 1.0
TOPICS_SECONDS = 60.0
log = logging.getLogger(__name__)
_lock = Lock()


def begin(
    app: Flask, close_silent: Callable[[], None], close_ended: Callable[[], None], check_topics: Callable[[float], None]
) -> None:
    """Send him on his round, once a process; in tests the rounds are made by hand."""
    if app.config["LINLI"].testing:
        return
    with _lock:
        if app.extensions.setdefault("linli_watchman", False):
            return
        app.extensions["linli_watchman"] = True
    socketio.start_background_task(_walk, app, close_silent, close_ended, check_topics)


def _walk(
    app: Flask, close_silent: Callable[[], None], close_ended: Callable[[], None], check_topics: Callable[[float], None]
) -> None:
    while True:
        socketio.sleep(EVERY_SECONDS)
        close_silent()
        with app.app_context():
            try:
                close_ended()
                check_topics(TOPICS_SECONDS)
            except SQLAlchemyError as error:
                db.session.rollback()
                log.info("the watchman could not ask the database: %s", type(error).__name__)
            finally:
                db.session.remove()
