"""The list of erased people: ids and moments only, in a file outside the database, so that a restore cannot undo them.

A line is written when an erasure has been committed, never before: what was not done, or was taken back, is not on it.
If the process dies between the two, `complete()` adds the line from what the database itself knows: every night,
before every backup, drill and restore. A line that says `city` names the database that the list belongs to; one that
says `kept` takes an older line about a person back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import exists, or_, select

from app.kernel.clock import now
from app.kernel.keyring import sync
from models import Account, Office, Resident, SubjectKey, db


def path() -> Path:
    settings = current_app.config["LINLI"]
    found: Path = settings.erasure_list or settings.instance / "erasures.jsonl"
    return found


def add(subject_id: str) -> None:
    """Write down that somebody has been erased; it is on the disk when this returns."""
    _write({"subject": subject_id})


def strike(subject_id: str) -> None:
    """Somebody took their request back: an older line about them must not erase them after a restore."""
    if subject_id in read():
        _write({"subject": subject_id, "kept": True})


def read() -> list[str]:
    """Everybody on the list, each once, in order; of several lines about one person the last holds."""
    found: dict[str, None] = {}
    for line in _lines():
        if "subject" not in line:
            continue
        found.pop(str(line["subject"]), None)
        if not line.get("kept"):
            found[str(line["subject"])] = None
    return list(found)


def is_there() -> bool:
    """Whether there is a list at all; an empty file is none."""
    return any(True for _ in _lines())


def belongs_here() -> bool:
    """Whether the list is of this database: not one that was begun elsewhere, nor an older copy that knows fewer."""
    cities = {str(line["city"]) for line in _lines() if "city" in line}
    here = set(db.session.scalars(_roots()))
    return (not cities or not here or bool(cities & here)) and set(_known_here()) <= set(read())


def complete() -> int:
    """Write down what the database knows and the list does not; begins a list where there is none. Gives how many."""
    cities = {line.get("city") for line in _lines()}
    listed = set(read())
    for city in db.session.scalars(_roots()).all():
        if city not in cities:
            _write({"city": city})
    missing = [subject_id for subject_id in _known_here() if subject_id not in listed]
    for subject_id in missing:
        add(subject_id)
    db.session.rollback()
    return len(missing)


def _roots() -> Any:
    return select(Office.id).where(Office.parent_id.is_(None)).order_by(Office.id)


def _known_here() -> list[str]:
    """People whose keys are destroyed, by the ids they are called by on the list."""
    of_account = exists().where(Account.id == SubjectKey.subject_id)
    of_resident = exists().where(Resident.id == SubjectKey.subject_id, Resident.account_id.is_(None))
    gone = select(SubjectKey.subject_id).where(SubjectKey.destroyed_at.is_not(None), or_(of_account, of_resident))
    return list(db.session.scalars(gone.order_by(SubjectKey.destroyed_at, SubjectKey.subject_id)))


def _lines() -> Iterator[dict[str, Any]]:
    """What the file says. A line cut short by a crash is passed over."""
    if not path().exists():
        return
    for text in path().read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            yield line


def _write(line: dict[str, Any]) -> None:
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        cut = size and os.pread(descriptor, 1, size - 1) != b"\n"
        text = json.dumps({**line, "at": now().isoformat()}) + "\n"
        os.write(descriptor, (("\n" if cut else "") + text).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync(file.parent)
