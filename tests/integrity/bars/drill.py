"""The restore drill under work: orders are placed while a backup is taken, then the database is lost and put back.

Every order acknowledged before the backup began must be there again, the chain must verify, the invariants hold.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import perf_counter

from flask import Flask
from sqlalchemy import func, select

from app.audit import service as audit
from app.backups import restoring, service
from app.backups.errors import BackupError
from app.backups.postgres import PostgreSQL
from app.kernel import clock
from models import Event, Order, db
from tests.audit.scenes import walk
from tests.conftest import NOON
from tests.factories import World
from tests.integrity import places
from tests.integrity.bars import Bar, Part, Size


def run(size: Size) -> Iterator[Bar]:
    for name in places.available():
        with places.database(name) as url, places.running(url) as app, clock.fixed(NOON):
            yield _bar(name, size, app)


def _bar(name: str, size: Size, app: Flask) -> Bar:
    world = World().build()
    resident = world.resident()
    before = [world.open_order(resident).id for _ in range(size.pick(10, 300))]
    audit.anchor()
    db.session.remove()
    with Work(app, world, resident) as work:
        begun = perf_counter()
        taken = service.backup()
        spent = perf_counter() - begun
        db.session.remove()
    acknowledged = [*before, *work.acknowledged_before(begun)]
    db.session.remove()
    outcome = restoring.restore(taken, over=True)
    there = set(db.session.scalars(select(Order.id)))
    rows = db.session.scalar(select(func.count()).select_from(Event))
    walk(acknowledged[0])
    goes_on = audit.check().ok
    db.session.remove()
    damaged = _damaged(taken, size, Random(size.seed))
    _clear(outcome.before)
    parts = [
        Part("orders acknowledged", len(acknowledged), ">=", len(before)),
        Part("lost", len(set(acknowledged) - there), "==", 0),
        Part("chain faults", outcome.audit.faults_found, "==", 0),
        Part("invariants broken", len(outcome.broken), "==", 0),
        Part("chain goes on", int(goes_on), "==", 1),
        Part("damaged backups put back", damaged, "==", 0),
        Part("RTO seconds", outcome.seconds, "<=", 900),
    ]
    more = {"backup_seconds": spent, "journal_rows": rows, "orders_while_it_ran": len(work.done), "clients": 1}
    return Bar(f"backup, loss, restore, {name}", parts, more)


class Work:
    """Somebody who places orders all the while."""

    def __init__(self, app: Flask, world: World, resident: object) -> None:
        self.app, self.world, self.resident = app, world, resident
        self.done: list[tuple[float, str]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._place)

    def __enter__(self) -> Work:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _place(self) -> None:
        with self.app.app_context():
            while not self._over.is_set():
                order_id = self.world.open_order(self.resident).id
                self.done.append((perf_counter(), order_id))
            db.session.remove()

    def acknowledged_before(self, moment: float) -> list[str]:
        return [order_id for at, order_id in self.done if at < moment]


def _damaged(taken: Path, size: Size, random: Random) -> int:
    """How many backups with one wrong bit, or cut short, are believed."""
    believed = 0
    for _ in range(size.pick(5, 200)):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / taken.name
            shutil.copytree(taken, copy)
            path = random.choice(sorted(copy.iterdir()))
            content = bytearray(path.read_bytes())
            if random.random() < 0.3:
                del content[random.randrange(len(content) - 2) :]
            else:
                content[random.randrange(len(content))] ^= 1 << random.randrange(8)
            path.write_bytes(bytes(content))
            try:
                restoring.checked(copy)
                believed += 1
            except BackupError:
                continue
    return believed


def _clear(before: str | None) -> None:
    """The database that was put aside."""
    store = service.store(service.settings().url())
    db.engine.dispose()
    if before is not None and isinstance(store, PostgreSQL):
        store.drop(store.url.set(database=before).render_as_string(hide_password=False))
    elif before is not None:
        Path(before).unlink()
