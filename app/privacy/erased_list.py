"""The list of erased people: ids and moments only, in a file outside the database, so that a restore cannot undo them.

An id is written before the erasure is committed: one too many is harmless, one too few would bring somebody back.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from flask import current_app

from app.kernel.clock import now


def path() -> Path:
    settings = current_app.config["LINLI"]
    found: Path = settings.erasure_list or settings.instance / "erasures.jsonl"
    return found


def add(subject_id: str) -> None:
    """Write an id down; it is on the disk when this returns."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"subject": subject_id, "at": now().isoformat()}) + "\n"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read() -> list[str]:
    """Everybody on the list, each once, in order. A line cut short by a crash is passed over."""
    if not path().exists():
        return []
    found: dict[str, None] = {}
    for line in path().read_text(encoding="utf-8").splitlines():
        try:
            found[str(json.loads(line)["subject"])] = None
        except (ValueError, KeyError, TypeError):
            continue
    return list(found)
