"""The drill: a backup is only known to be one when it has been put back. Into a scratch database, which then goes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from app.backups import service
from app.backups.errors import BackupError
from app.backups.restoring import Outcome, loaded
from app.kernel.clock import now
from app.privacy import erased_list
from models import Event, db

FILE = "drills.jsonl"


@dataclass(frozen=True)
class Drill:
    """What a drill measured."""

    source: Path
    outcome: Outcome
    lost: int
    """Journal rows written since the backup: what would be gone."""
    age: timedelta
    """From the backup's moment to now: the recovery point."""

    @property
    def ok(self) -> bool:
        return self.outcome.ok


def drill(source: Path | None = None, *, trusted: tuple[str, ...] = ()) -> Drill:
    """Put the newest backup (or this one) into a scratch database, check everything, note it in the drills' file."""
    found = source or next(reversed(service.all_backups()), None)
    if found is None:
        raise BackupError(f"there is no backup in {service.folder()}: flask backup")
    erased_list.complete()  # the database is here and knows who was erased, so no drill wants for the list
    with loaded(found, service.settings().url(), upgrade=True, trusted=trusted, no_erasures=True) as (outcome, _, _):
        pass
    in_backup = outcome.manifest.snapshot.rows.get(Event.__tablename__, 0)
    live = db.session.scalar(select(func.count()).select_from(Event)) or 0
    db.session.rollback()
    done = Drill(found, outcome, max(0, live - in_backup), now() - outcome.manifest.moment)
    _note(done)
    return done


def last_good() -> datetime | None:
    """When a drill last succeeded."""
    path = service.folder() / FILE
    if not path.exists():
        return None
    good = [line for line in map(json.loads, path.read_text(encoding="ascii").splitlines()) if line["ok"]]
    return datetime.fromisoformat(good[-1]["at"]) if good else None


def _note(done: Drill) -> None:
    path = service.folder() / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "at": now().isoformat(), "backup": done.source.name, "ok": done.ok, "lost_rows": done.lost,
        "rpo_seconds": round(done.age.total_seconds()), "rto_seconds": round(done.outcome.seconds, 2),
    }  # fmt: skip
    with path.open("a", encoding="ascii") as file:
        file.write(json.dumps(line) + "\n")
