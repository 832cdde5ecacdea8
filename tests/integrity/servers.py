"""Real processes to be stormed and killed: web servers, the one that ticks, PostgreSQL, Redis. All end with the bar.

Each is a direct child in a process group of its own, so that `kill` ends it as a power cut would, children included,
and nothing is left unreaped. PostgreSQL here listens on a socket in its own scratch folder.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.engine import URL

from app import create_app
from app.config import ROOT, Settings
from models import db
from tests.integrity import places
from tests.postgres_server import SCRATCH, find_programs, unprivileged

START_SECONDS, STOP_SECONDS = 90.0, 25.0
HOST = "127.0.0.1"


def _die_with_parent() -> None:
    """On Linux a child is killed when we are: whoever stops a bar by force leaves no servers behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class NotUp(Exception):
    """A process did not come up, or died; says what it last wrote."""


@dataclass
class Child:
    """One process: started, killed, started again. `is_up` asks it something that only a working one answers."""

    name: str
    words: Sequence[str]
    log: Path
    is_up: Callable[[], bool]
    env: dict[str, str] | None = None
    user: dict[str, Any] = field(default_factory=dict)
    starts: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.starts += 1
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                list(self.words), cwd=ROOT if not self.user else "/", env=self.env, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_die_with_parent,
                **self.user,
            )  # fmt: skip

    def wait_until_up(self, seconds: float = START_SECONDS) -> None:
        """Until it answers."""
        begun = time.monotonic()
        while not self.answers_again():
            if time.monotonic() - begun > seconds:
                raise NotUp(f"{self.name} after {seconds:.0f} s: {self.said()[-1500:]}")
            time.sleep(0.05)

    def answers_again(self) -> bool:
        """Whether it is up. One that gave up meanwhile (a port or a lock was not yet free) is begun anew."""
        if self.is_up():
            return True
        if self.process is None or self.process.poll() is not None:
            time.sleep(0.2)
            self.start()
        return False

    def kill(self) -> None:
        """-9, to the whole group, and reaped."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """In peace when it will, by force when it will not."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.kill()

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)
        self.process.wait()

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


@dataclass
class Site:
    """A running Linli: its addresses, the app on the same database to look on with, and every process by its name."""

    app: Flask
    database: str
    folder: Path
    addresses: list[str]
    children: dict[str, Child]

    def unforeseen(self) -> dict[str, int]:
        """How often which error, raised where, was answered with 500: by the servers' own logs."""
        lines = (line for child in self.children.values() for line in child.said().splitlines())
        told = [json.loads(line) for line in lines if '"what": "unexpected on' in line]
        return dict(Counter(f"{one.get('error')}: {' < '.join(one.get('passed', [])[:-6:-1])}" for one in told))


def free_port() -> int:
    with socket.socket() as held:
        held.bind((HOST, 0))
        return int(held.getsockname()[1])


def answers(address: str, path: str = "/healthz", seconds: float = 2.0) -> bool:
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=seconds) as answer:  # noqa: S310 our own server
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


@contextmanager
def site(
    database: str, *, webs: int, with_bus: bool = False, url: str | None = None, **settings: str
) -> Iterator[Site]:
    """Linli on `sqlite` or on a PostgreSQL of its own: so many web processes, and one that ticks beside several.

    `url` is a database that has the schema already; without it one is made."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linli-integrity-")))
        children: dict[str, Child] = {}
        has_schema = url is not None
        if url is None and database == places.SQLITE:
            url = f"sqlite:///{folder / 'linli.db'}"
        elif url is None:
            children["postgres"], url = stack.enter_context(postgres())
        bus = stack.enter_context(redis(folder)) if with_bus else None
        if bus is not None:
            children["redis"] = bus[0]
        app = create_app(
            Settings(database_url=url, instance=folder, scheduler=False, solver="inline", rate_limits=False)
        )
        stack.enter_context(app.app_context())
        stack.callback(db.engine.dispose)
        stack.callback(db.session.remove)
        if not has_schema:
            upgrade(directory=str(ROOT / "migrations"))
        env = _environment(folder, url, bus[1] if bus else "", settings)
        addresses = []
        for number in range(1, webs + 1):
            child, address = _web(f"web {number}" if webs > 1 else "web", folder, env, ticking=webs == 1)
            children[child.name] = stack.enter_context(_running(child))
            addresses.append(address)
        if webs > 1:
            children["tick"] = stack.enter_context(_running(_tick(folder, env)))
        yield Site(app, database, folder, addresses, children)


@contextmanager
def _running(child: Child) -> Iterator[Child]:
    child.start()
    try:
        yield child
    finally:
        child.stop()


def _environment(folder: Path, url: str, bus: str, settings: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    ours = {
        "FLASK_APP": "wsgi", "INSTANCE": str(folder), "DATABASE_URL": url, "MESSAGE_QUEUE": bus, "PUBLIC": "off",
        "RATE_LIMITS": "off", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    return {**kept, **ours, **settings}


def _web(name: str, folder: Path, env: dict[str, str], *, ticking: bool) -> tuple[Child, str]:
    port = free_port()
    address = f"http://{HOST}:{port}"
    words = [sys.executable, "-m", "flask", "serve", "--host", HOST, "--port", str(port)]
    own = {"SCHEDULER": "on" if ticking else "off", **env}
    return Child(name, words, folder / f"{name}.log", lambda: answers(address), own), address


def _tick(folder: Path, env: dict[str, str]) -> Child:
    log = folder / "tick.log"
    child = Child("tick", [sys.executable, "-m", "flask", "tick"], log, lambda: False, env)
    child.is_up = lambda: child.said().count("ticking") >= child.starts
    return child


@contextmanager
def postgres() -> Iterator[tuple[Child, str]]:
    """A server whose postmaster is our own child, with one empty database; the URL to reach it."""
    programs, owner = find_programs(), unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="linli-integrity-pg-", dir=SCRATCH))
    if owner:
        os.chown(folder, owner["user"], owner["group"])
    data, log = folder / "data", folder / "log"
    make = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run([*make, "--no-sync"], check=True, capture_output=True, cwd=folder, **owner)
    listen = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "max_connections=200"]
    log.touch()
    server = Child("postgres", [str(programs / "postgres"), "-D", str(data), *listen], log, lambda: False, user=owner)
    admin = f"host={folder} user=postgres dbname=postgres"
    server.is_up = lambda: _connects(admin)
    try:
        server.start()
        server.wait_until_up()
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("CREATE DATABASE linli")
        url = URL.create("postgresql+psycopg", "postgres", database="linli", query={"host": str(folder)})
        yield server, url.render_as_string(hide_password=False)
    finally:
        if server.process is not None and server.process.poll() is None:
            server.process.send_signal(signal.SIGQUIT)  # immediately, without a last checkpoint
            with suppress(subprocess.TimeoutExpired):
                server.process.wait(10)
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _connects(address: str) -> bool:
    try:
        with psycopg.connect(address, connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.Error:
        return False


def find_redis() -> str | None:
    """A Redis or Valkey server on this machine; the tests do without one."""
    return shutil.which("valkey-server") or shutil.which("redis-server")


def has_redis() -> bool:
    """Whether a server and the library that talks to it are here."""
    return find_redis() is not None and importlib.util.find_spec("redis") is not None


@contextmanager
def redis(folder: Path) -> Iterator[tuple[Child, str] | None]:
    program = find_redis()
    if program is None:
        yield None
        return
    port = free_port()
    words = [program, "--port", str(port), "--bind", HOST, "--save", "", "--dir", str(folder)]
    child = Child("redis", words, folder / "redis.log", lambda: _greets(port))
    with _running(child):
        child.wait_until_up()
        yield child, f"redis://{HOST}:{port}/0"


def _greets(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
