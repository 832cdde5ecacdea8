"""A server of our own on a free port, with a seeded city in a folder that vanishes with it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.config import INSTANCE, ROOT
from app.kernel import clock
from app.smoke.failing import Failed

FRESH_SECONDS = 6 * 3600
"""So long a seeded city counts as today's; it is made up around the moment of seeding."""
START_SECONDS, STOP_SECONDS = 60, 20
_ADDRESS = re.compile(r"Linli is at (http://\S+)")
_OTHERS = {"DATABASE_URL", "MESSAGE_QUEUE", "ENVIRONMENT", "ASYNC_MODE", "HTTPS", "PROXIES", "HOST", "PORT", "SOLVER"}
"""Settings of the caller's own server that must not leak into ours."""
Tell = Callable[[str], None]


def _flask(instance: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    own = {name: value for name, value in os.environ.items() if name not in _OTHERS}
    program = [sys.executable, "-m", "flask", *words]
    ours = {"FLASK_APP": "wsgi", "INSTANCE": str(instance), "PUBLIC": "off", "SCHEDULER": "on", "RATE_LIMITS": "off"}
    return program, {**own, **ours}


def _code_digest() -> str:
    """Changes whenever a city would be seeded differently: the tables or the demo's own code and data."""
    files = [path for folder in ("migrations/versions", "app/demo", "models") for path in (ROOT / folder).rglob("*.*")]
    kept = sorted(path for path in files if path.suffix in {".py", ".csv"})
    return hashlib.sha256(b"".join(path.read_bytes() for path in kept)).hexdigest()[:12]


def seeded_city(city: str, tell: Tell = lambda words: None) -> Path:
    """An instance folder with the database of this city, made now unless there is one of today."""
    shelf = INSTANCE / "smoke" / f"{city}-{_code_digest()}"
    database = shelf / "linli.db"
    if database.is_file() and clock.now().timestamp() - database.stat().st_mtime < FRESH_SECONDS:
        return shelf
    shelf.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=shelf.parent))
    tell(f"making up the city {city}; kept for the next runs of today")
    program, environment = _flask(making, "setup", "--city", city)
    made = subprocess.run(program, cwd=ROOT, env=environment, stdout=sys.stderr.fileno(), check=False)
    if made.returncode:
        raise Failed("setup", f"ended with {made.returncode}")
    for older in shelf.parent.glob(f"{city}-*"):
        shutil.rmtree(older, ignore_errors=True)
    try:
        making.rename(shelf)
    except OSError:  # somebody else made the same city meanwhile
        shutil.rmtree(making, ignore_errors=True)
    return shelf


@contextmanager
def running(city: str, tell: Tell = lambda words: None, **settings: str) -> Iterator[str]:
    """The address of a server with a copy of this city; stopped, and its folder removed, at the end."""
    shelf = seeded_city(city, tell)
    with tempfile.TemporaryDirectory(prefix="linli-") as folder:
        instance = Path(folder) / "instance"
        shutil.copytree(shelf, instance)
        with served(instance, settings) as address:
            yield address


@contextmanager
def served(instance: Path, settings: dict[str, str]) -> Iterator[str]:
    """The address of a server with what lies in this folder; stopped at the end."""
    program, environment = _flask(instance, "serve", "--host", "127.0.0.1", "--port", "0")
    log = instance / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            program, cwd=ROOT, env={**environment, **settings}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield _address(process, log)
        finally:
            _stop(process)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the server says where it is."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        said = log.read_text(encoding="utf-8", errors="replace")
        if found := _ADDRESS.search(said):
            return found[1]
        if process.poll() is not None:
            raise Failed("serve", f"ended with {process.returncode}: {said[-2000:]}")
        time.sleep(0.05)
    raise Failed("serve", f"not up after {START_SECONDS} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
