"""Where the master keys of personal data come from: DATA_KEYS, or a file of the instance folder.

Production does not start without them. Elsewhere a file is made on first start, readable by its owner only; it is
read again when a row names a key that came later (another process has rotated).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, current_app

from models.keyring import BadKeys, Keyring, provide

if TYPE_CHECKING:
    from app.config import Settings

FILE = "data_keys"
_FOR_TESTS = Keyring({"v1": b"only-for-tests-only-for-tests-32"})
_EXTENSION = "linli_keyring"


def init_app(app: Flask) -> None:
    """Load the keys now, so that a bad setting stops the start; raises BadKeys."""
    app.extensions[_EXTENSION] = load(app.config["LINLI"])
    provide(_of_running_app)


def path(settings: Settings) -> Path:
    return settings.instance / FILE


def is_from_environment(settings: Settings) -> bool:
    return bool(settings.data_keys)


def load(settings: Settings) -> Keyring:
    """The keyring these settings name; a fresh one is made and kept where there may be none yet."""
    if settings.data_keys:
        return Keyring.parse(settings.data_keys)
    kept = path(settings)
    if kept.exists():
        return Keyring.parse(kept.read_text(encoding="utf-8"))
    if settings.testing:
        return _FOR_TESTS
    if settings.in_production:
        raise BadKeys(
            f"no data keys: set DATA_KEYS or bring back {FILE} from its backup; a new system makes them with "
            '`flask --app wsgi keys new` or: echo "v1:$(openssl rand -base64 32)"'
        )
    keep(Keyring.fresh(), settings, first=True)
    return Keyring.parse(kept.read_text(encoding="utf-8"))


def keep(ring: Keyring, settings: Settings, *, first: bool = False) -> None:
    """Write the key file, whole or not at all; the `first` one yields to another process that was quicker."""
    kept = path(settings)
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_name(f"{FILE}.{os.getpid()}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(ring.text() + "\n")
        file.flush()
        os.fsync(file.fileno())
    if not first:
        os.replace(beside, kept)
        return
    try:
        os.link(beside, kept)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def use(ring: Keyring) -> None:
    """From now on this app works with these keys."""
    current_app.extensions[_EXTENSION] = ring


def _of_running_app(needed: str | None) -> Keyring:
    ring: Keyring = current_app.extensions[_EXTENSION]
    if needed is not None and needed not in ring.keys:
        ring = load(current_app.config["LINLI"])
        use(ring)
    return ring
