"""Where the master keys of personal data come from: DATA_KEYS, or a file of the instance folder.

Production does not start without them. Elsewhere a file is made on first start, readable by its owner only. A file
that changed is read again at once, so a rotation by one process reaches all that share it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, current_app

from models.keyring import BadKeys, Keyring, provide

if TYPE_CHECKING:
    from app.config import Settings

FILE = "data_keys"
_FOR_TESTS = Keyring({"v1": b"only-for-tests-only-for-tests-32"})
_EXTENSION = "linli_keyring"


@dataclass(frozen=True)
class _Loaded:
    ring: Keyring
    stamp: tuple[int, int] | None
    """When the file was last changed, and its inode; None for keys that are in no file."""


def init_app(app: Flask) -> None:
    """Load the keys now, so that a bad setting stops the start; raises BadKeys."""
    settings = app.config["LINLI"]
    app.extensions[_EXTENSION] = _Loaded(load(settings), _stamp(settings))
    provide(_of_running_app)


def path(settings: Settings) -> Path:
    return settings.instance / FILE


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
            f"no data keys: set DATA_KEYS, or bring back {kept} from where its copy is kept; "
            'for a new system: DATA_KEYS="v1:$(openssl rand -base64 32)"'
        )
    keep(Keyring.fresh(), settings, first=True)
    return Keyring.parse(kept.read_text(encoding="utf-8"))


def keep(ring: Keyring, settings: Settings, *, first: bool = False) -> None:
    """Write the key file, whole or not at all; the `first` one yields to another process that was quicker."""
    kept = path(settings)
    beside = kept.with_name(f"{FILE}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    write_private(beside, ring.text() + "\n")
    if not first:
        os.replace(beside, kept)
        sync(kept.parent)
        return
    try:
        os.link(beside, kept)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
        sync(kept.parent)


def write_private(file: Path, text: str) -> None:
    """A new file for its owner's eyes only, on the disk when this returns; raises FileExistsError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    sync(file.parent)


def sync(path: Path) -> None:
    """Down to the disk: a file's content, or a folder's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(settings: Settings) -> tuple[int, int] | None:
    if settings.data_keys:
        return None
    try:
        found = path(settings).stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


def _of_running_app() -> Keyring:
    loaded: _Loaded = current_app.extensions[_EXTENSION]
    settings = current_app.config["LINLI"]
    stamp = _stamp(settings)
    if stamp is not None and stamp != loaded.stamp:
        loaded = _Loaded(load(settings), stamp)
        current_app.extensions[_EXTENSION] = loaded
    return loaded.ring
