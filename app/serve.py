"""Serving: one process for pages, sockets, ticking and dispatch. gunicorn's threads where it runs, else Werkzeug.

Sockets hold a thread each, so there are more threads than sockets may be: pages always find one.
"""

from __future__ import annotations

import logging
import signal
import threading
from dataclasses import replace
from importlib import import_module
from typing import Any

import click
from flask import Flask, current_app

from app import health, logs
from app.config import Settings
from app.dispatching import scheduler
from app.dispatching.scheduler import Clockwork
from app.dispatching.solver import solver
from app.extensions import socketio
from app.live import bus
from models import db

THREADS_FOR_PAGES = 64
GRACE_SECONDS = 10
log = logging.getLogger(__name__)


class Household:
    """What lives in the serving process beside the pages: the clockwork, the solver's child, the simulated public."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.settings: Settings = app.config["LINLI"]
        self.clockwork: Clockwork | None = None
        self.public: Any = None
        self.bus: bus.Watch | None = None
        self._leaving = threading.Lock()

    def move_in(self) -> None:
        """After the fork: threads, children and connections belong to the process that serves."""
        with self.app.app_context():
            db.engine.dispose(close=False)
        if self.settings.scheduler:
            self.clockwork = scheduler.start(self.app)
        self.bus = bus.watch(self.settings.message_queue, hang_up)
        if self.settings.public != "off":
            self.public = import_module("app.demo.public").start(self.app, self.settings.public)

    def move_out(self) -> None:
        """Say goodbye to the sockets first, then stop what would begin anything new. Once is enough."""
        if not self._leaving.acquire(blocking=False):
            return
        with self.app.app_context():
            health.drain()
        hang_up()
        for part in (self.public, self.clockwork, self.bus):
            if part is not None:
                part.stop()
        solver(self.app).stop()


def hang_up() -> None:
    """Close every socket without waiting for the slow; browsers come back by themselves."""
    server = socketio.server
    for client in list(server.eio.sockets.values()) if server is not None else ():
        try:
            client.close(wait=False)
        except Exception as error:
            log.info("a socket would not close: %s", error)


def serve(app: Flask) -> None:
    """Serve until told to stop."""
    logs.set_up(app.config["LINLI"])
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:  # not on Windows
        _serve_simply(app)
    else:
        _serve_with_gunicorn(app, BaseApplication)


def _address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in {"", "0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def _serve_with_gunicorn(app: Flask, base: type) -> None:
    household = Household(app)
    settings = household.settings
    threads = settings.sockets + THREADS_FOR_PAGES

    def ready(worker: Any) -> None:
        household.move_in()
        _leave_gracefully(household, worker)
        click.echo(f"Linli is at {_address(settings.host, worker.sockets[0].getsockname()[1])}")

    options: dict[str, Any] = {
        "bind": f"{settings.host}:{settings.port}", "workers": 1, "worker_class": "app.worker.Worker",
        "threads": threads, "worker_connections": threads + 1000, "timeout": 120,
        "graceful_timeout": GRACE_SECONDS, "keepalive": 5,
        "loglevel": "warning", "control_socket_disable": True, "post_worker_init": ready,
        "worker_int": lambda _worker: household.move_out(),
        "worker_exit": lambda _server, _worker: household.move_out(),
    }  # fmt: skip

    class Embedded(base):
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    Embedded().run()


def _leave_gracefully(household: Household, worker: Any) -> None:
    """On SIGTERM the sockets go first: their threads would hold up the end for the whole grace."""

    def leave(number: int, frame: Any) -> None:
        threading.Thread(target=household.move_out, daemon=True).start()
        worker.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, leave)


def _serve_simply(app: Flask) -> None:
    household = Household(app)
    household.move_in()
    settings = household.settings
    click.echo(f"Linli is at {_address(settings.host, settings.port)}")
    try:
        socketio.run(app, host=settings.host, port=settings.port, allow_unsafe_werkzeug=True)
    finally:
        household.move_out()


@click.command("serve")
@click.option("--host", help="Where to listen; default: the setting HOST, else 127.0.0.1.")
@click.option("--port", type=int, help="Default: the setting PORT, else 8000; 0 takes a free one.")
def serve_command(host: str | None, port: int | None) -> None:
    """Serve pages, sockets, ticking and dispatch in one process."""
    app: Any = current_app
    settings: Settings = app.config["LINLI"]
    host, port = settings.host if host is None else host, settings.port if port is None else port
    app.config["LINLI"] = replace(settings, host=host, port=port)
    serve(app._get_current_object())
