"""A small town on a database that can be put back to its beginning in milliseconds."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy.engine import make_url

from models import db
from tests import databases
from tests.factories import World
from tests.integrity import places

PAPERS = {"first_aid": date(2036, 1, 1)}


@dataclass(frozen=True)
class People:
    """Account ids by the names the rules use, and what else the rules must name."""

    accounts: dict[str, str]
    volunteers: dict[str, str]
    residents: dict[str, str]
    offices: dict[str, str]

    def name_of(self, volunteer_id: str) -> str:
        return next(name for name, held in self.volunteers.items() if held == volunteer_id)


def populate() -> People:
    """Two residents, four volunteers who can do everything, two desks above two stations, and who must see nothing."""
    world = World().build()
    street, far = world.ids["street"], world.ids["far"]
    residents = {"owner": world.resident("王奶奶"), "neighbour": world.resident("赵大爷")}
    volunteers = {
        f"v{number}": world.volunteer(f"志愿者{number}", credentials=PAPERS, north_km=0.2 + number / 5, radius_m=20_000)
        for number in range(4)
    }
    others = {
        "desk": world.coordinator(street, "王敏"), "second": world.coordinator(street, "李强"),
        "stranger": world.coordinator(far, "远山"), "watcher": world.supervisor(),
    }  # fmt: skip
    everybody = residents | volunteers | others
    return People(
        {name: str(actor.account_id) for name, actor in everybody.items()},
        {name: str(actor.volunteer_id) for name, actor in volunteers.items()},
        {name: str(actor.resident_id) for name, actor in residents.items()},
        world.ids,
    )


class Copy:
    """The populated database, and the one the app works on, which is thrown away and copied anew."""

    def __init__(self, kind: str, url: str, original: str) -> None:
        self.kind, self.url, self.original = kind, url, original

    def forget_connections(self) -> None:
        db.session.remove()
        db.engine.dispose()

    def put_back(self) -> None:
        """Everything since the beginning never happened. The app keeps its address."""
        self.forget_connections()
        if self.kind == places.POSTGRES:
            name, original = make_url(self.url).database, make_url(self.original).database
            databases.administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            databases.administer(f'CREATE DATABASE "{name}" TEMPLATE "{original}" STRATEGY file_copy')
            return
        file = Path(self.url.removeprefix("sqlite:///"))
        for left in file.parent.glob(f"{file.name}-*"):
            left.unlink()
        shutil.copy(self.original.removeprefix("sqlite:///"), file)


def settle_in(app: Flask, kind: str, url: str) -> tuple[People, Copy]:
    """Populate the app's database and keep a copy of that moment."""
    people = populate()
    db.session.remove()
    with app.app_context():
        db.engine.dispose()
    original = databases.create_database(url) if kind == places.POSTGRES else databases.sqlite_url()
    if kind == places.SQLITE:
        shutil.copy(url.removeprefix("sqlite:///"), original.removeprefix("sqlite:///"))
    return people, Copy(kind, url, original)
