"""Canaries: unique personal values in every field, the whole loop walked, and everything anybody is sent searched.

Pages, JSON, answers to what is posted (refusals too), addresses in links and redirects, what sockets are told, log
lines, the inbox and the outbox, the journal's particulars. Each viewer may read what the privacy table grants at that
stage, and no more.
"""

from __future__ import annotations

import json
import logging
import math
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from flask import Flask
from sqlalchemy import inspect, select

from app.kernel import clock
from app.kernel.errors import TooManyLooks
from app.privacy import service as privacy
from models import Alarm, Delivery, Event, Notification, Outbox, db
from tests.conftest import NOON
from tests.factories import World, advance
from tests.integrity import places
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.bars.matrix import NAMES, rules_of, words_of
from tests.integrity.matrix import bodies
from tests.integrity.matrix.asking import Knocker, address, nothing_is_kept
from tests.integrity.matrix.expected import doors
from tests.integrity.matrix.people import Cast, cast
from tests.integrity.matrix.planted import allowed, found_in, planted
from tests.integrity.matrix.scene import scene
from tests.integrity.matrix.sockets import told_to_sockets

QUICK_ANSWERS, QUICK_LEAST = 150, 20
"""QUICK searches so many answers, as far as its seconds go."""
TRIES = 500
SHOWN = 40
READ_BY = {("/orders/<order_id>", "resident"), ("/desk/orders/<order_id>", "coordinator own")}
"""Pages that hold canaries by right: finding none there would mean that the search is blind."""
_LINK = re.compile(r"""(?:href|src|action)=["']([^"']*)["']""")


@dataclass
class Search:
    """What was looked through, and what was found where it must not be."""

    answers: int = 0
    read: int = 0
    leaks: list[str] = field(default_factory=list)

    def look(self, where: str, text: str, may: set[tuple[str, str]]) -> None:
        seen = found_in(text)
        self.read += len(seen & may)
        self.leaks += [f"{where}: {name} of the order {stage}" for stage, name in sorted(seen - may)]


def run(size: Size) -> Iterator[Bar]:
    with places.database(places.SQLITE) as url, places.running(url) as app, clock.fixed(NOON):
        yield measured(app, size)
    if not size.quick:
        with places.database(places.SQLITE) as url, places.running(url), clock.fixed(NOON):
            yield collecting()


def measured(app: Flask, size: Size) -> Bar:
    world, search = World().build(), Search()
    people = cast(world)
    with _logged() as lines, told_to_sockets(app, people, world) as told:
        ids = scene(world, people, planted)
        _ask_everything(app, people, ids, search, size)
    for name, messages in told.items():
        search.look(f"socket of {name}", json.dumps(messages, ensure_ascii=False), set())
    search.look("log", "\n".join(lines), set())
    _stored(search)
    parts = [
        Part("answers searched", search.answers, ">=", QUICK_LEAST if size.quick else 3000),
        Part("canaries read by those who may", search.read, ">=", 1),
        Part("leaks", len(search.leaks), "==", 0),
    ]
    more = {
        "log lines": len(lines), "socket messages": sum(map(len, told.values())), "leaks": search.leaks[:SHOWN],
    }  # fmt: skip
    return Bar("canaries: personal values where they must not be", parts, more)


def _ask_everything(app: Flask, people: Cast, ids: dict[str, dict[str, str]], search: Search, size: Size) -> None:
    """Every door as everybody, the order being at every stage; QUICK some of them, drawn by the seed."""
    rules, knocker = rules_of(app), Knocker(app, people)
    asked = [
        (door, stage, words, person)
        for door in doors().values()
        if (door.method, door.path) in rules
        for stage in door.stages
        for words in words_of(rules[door.method, door.path])
        for person in people.people.values()
        if person.role != "key" or door.path.startswith("/api/")
    ]
    if size.quick:
        sure = [one for one in asked if (one[0].path, one[3].name) in READ_BY and one[0].method == "GET"]
        asked = sure + Random(size.seed).sample(asked, QUICK_ANSWERS)
    until = time.monotonic() + size.seconds if size.quick else math.inf
    with nothing_is_kept():
        for door, stage, words, person in asked:
            if time.monotonic() > until:
                return
            here = ids[""] | ids.get(stage, {})
            url = address(rules[door.method, door.path], here, NAMES.get(door.path, {}) | dict(words))
            answer = knocker.answer(person, door.method, url, bodies.body(door, words, here))
            search.answers += 1
            if answer is None:
                continue
            where, text = f"{door.method} {door.path} [{stage}] as {person.name}", answer.get_data(as_text=True)
            may = allowed(person.name) | (_asked_for(stage) if door.path.endswith("/reveal") else set())
            search.look(where, text, may)
            links = " ".join(link for link in _LINK.findall(text) if not link.startswith(("tel:", "https://uri.amap")))
            search.look(f"address in {where}", f"{answer.headers.get('Location', '')} {links}", set())


def _asked_for(stage: str) -> set[tuple[str, str]]:
    """What a look with a reason shows."""
    return {(stage, name) for name in ("contact_name", "contact_phone")}


def _stored(search: Search) -> None:
    """Rows that leave the house: the inbox, the outbox and its letters, the journal's particulars."""
    for table in (Notification, Outbox, Delivery):
        for row in db.session.scalars(select(table)):
            values = [str(getattr(row, column.key)) for column in inspect(table).columns]
            search.look(f"row of {table.__tablename__}", " ".join(values), set())
    for event in db.session.scalars(select(Event)):
        search.look(f"journal {event.kind}", json.dumps(event.particulars, ensure_ascii=False), set())


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Every line any logger writes meanwhile."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    keep, root = Keep(level=logging.DEBUG), logging.getLogger()
    before = root.level
    root.addHandler(keep)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.setLevel(before)
        root.removeHandler(keep)


def collecting() -> Bar:
    """A coordinator tries to collect five hundred addresses in a day."""
    world = World().build()
    desk = world.coordinator()
    orders = [world.open_order().id for _number in range(5)]
    got = 0
    for number in range(TRIES):
        try:
            privacy.reveal(orders[number % 5], fields=("address",), reason="call", actor=desk)
            got += 1
        except TooManyLooks:
            advance(minutes=2)
    logged = len(db.session.scalars(select(Event.number).where(Event.kind == "reveal.show")).all())
    alarms = len(db.session.scalars(select(Alarm).where(Alarm.code == "mass_reading")).all())
    parts = [
        Part("addresses collected of 500 tried", got, "<=", 200),
        Part("collected and not in the journal", got - logged, "==", 0),
        Part("alarms", alarms, ">=", 1),
    ]
    return Bar("mass reading: limited, logged, noticed", parts, {"tries": TRIES})
