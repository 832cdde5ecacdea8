"""The authorisation matrix: every door of the URL map and of the sockets × person × office position × stage.

What each must be answered stands in the reviewed table tests/integrity/matrix/expected.txt; a door of the app that is
not listed there, and a listed one that is not there any more, is counted as unlisted.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from app.extensions import socketio
from app.kernel import clock
from tests.conftest import NOON
from tests.factories import World
from tests.integrity import places
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.matrix import bodies
from tests.integrity.matrix.asking import Knocker, address, nothing_is_kept
from tests.integrity.matrix.expected import AWAY, BARRED, IN, SIGN_IN, Door, audiences, doors
from tests.integrity.matrix.people import Cast, Person, cast
from tests.integrity.matrix.scene import scene

LEAST_CELLS = 5_000
QUICK_CELLS, QUICK_LEAST = 700, 50
"""QUICK asks so many, as far as its seconds go."""
SHOWN = 100


@dataclass(frozen=True)
class Cell:
    """One person at one door, the order being at one stage."""

    door: Door
    stage: str
    person: Person
    words: tuple[tuple[str, str], ...] = ()


def run(size: Size) -> Iterator[Bar]:
    """One bar; QUICK asks a part of the cells, drawn by the seed, and all doors for being listed."""
    with places.database(places.SQLITE) as url, places.running(url) as app, clock.fixed(NOON):
        yield measured(app, size)


def measured(app: Flask, size: Size) -> Bar:
    world = World().build()
    people = cast(world)
    ids = scene(world, people)
    rules = rules_of(app)
    cells = list(cells_of(people, rules))
    asked = Random(size.seed).sample(cells, min(QUICK_CELLS, len(cells))) if size.quick else cells
    until = time.monotonic() + size.seconds if size.quick else math.inf
    wrong, counted = _ask(app, people, ids, rules, asked, until)
    unlisted = sorted(strange_doors(rules))
    parts = [
        Part("cells", counted.total(), ">=", QUICK_LEAST if size.quick else LEAST_CELLS),
        Part("wrong", len(wrong), "==", 0),
        Part("unlisted", len(unlisted), "==", 0),
    ]
    more: dict[str, Any] = {
        "doors": len(rules) + len(SOCKET), "people": len(people.people), "cells in all": len(cells),
        "answers": dict(counted), "wrong cells": wrong[:SHOWN], "unlisted doors": unlisted[:SHOWN],
    }  # fmt: skip
    return Bar("authorisation: route × role × office × stage", parts, more)


NAMES = {
    "/desk/orders/<order_id>/parts/<name>": {"name": "state"}, "/board/fragments/<name>": {"name": "bar"},
    "/desk/figures/tables/<name>.csv": {"name": "kinds"},
    "/desk/alerts/<code>": {"code": "silent"},
    "/static/v/<version>/<path:filename>": {"filename": "js/app.js"},
}  # fmt: skip
"""Where a path's word is one of a few."""
SOCKET = ("connect", "disconnect", "watch")
Rules = dict[tuple[str, str], Rule]


def rules_of(app: Flask) -> Rules:
    """(method, path) → rule, of everything the app answers to."""
    return {
        (method, rule.rule): rule
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def strange_doors(rules: Rules) -> set[str]:
    """Doors the table does not know, listed ones that are gone, socket events nobody listed."""
    listed = {key for key in doors() if key[0] != "SOCKET"}
    events = {path.split()[0] for method, path in doors() if method == "SOCKET"}
    handled = set(socketio.server.handlers.get("/", {})) if socketio.server else set()
    strange = (set(rules) - listed) | (listed - set(rules))
    return {" ".join(key) for key in strange} | {f"SOCKET {name}" for name in (handled ^ events)}


def cells_of(people: Cast, rules: Rules) -> Iterator[Cell]:
    for (method, path), door in doors().items():
        if method != "SOCKET" and (method, path) not in rules:
            continue
        words = words_of(rules[method, path]) if method != "SOCKET" else [()]
        for stage in door.stages:
            for one in words:
                yield from (
                    Cell(door, stage, person, one) for person in people.people.values() if _knocks(person, path)
                )


def _knocks(person: Person, path: str) -> bool:
    """On pages every API key is nobody; one of them shows it."""
    return person.role != "key" or path.startswith("/api/") or person.name == "key own"


def words_of(rule: Rule) -> list[tuple[tuple[str, str], ...]]:
    """The words that a rule lists itself (`<any(who,what):step>`), one choice each."""
    found = [
        ((name, word),)
        for name, converter in rule._converters.items()
        for word in sorted(getattr(converter, "items", ()))
    ]
    return found or [()]


def _ask(
    app: Flask, people: Cast, ids: dict[str, dict[str, str]], rules: Rules, cells: list[Cell], until: float
) -> tuple[list[str], Counter[str]]:
    """The wrong cells in words, and how often each answer was given."""
    knocker, wrong, counted = Knocker(app, people), list[str](), Counter[str]()
    with nothing_is_kept():
        for cell in cells:
            if time.monotonic() > until:
                break
            wanted = _wanted(cell)
            if cell.door.method == "SOCKET":
                got, status = knocker.watch(cell.person, _topic(cell, ids, people))
            else:
                here = ids[""] | ids.get(cell.stage, {})
                names = NAMES.get(cell.door.path, {}) | dict(cell.words)
                url = address(rules[cell.door.method, cell.door.path], here, names)
                got, status = knocker.ask(cell.person, cell.door.method, url, bodies.body(cell.door, cell.words, here))
            counted[got] += 1
            if wanted == IN and got == SIGN_IN and cell.door.path.startswith("/sign-in/"):
                got = IN  # a step of signing in that has nothing to go on leads to the first
            if got != wanted:
                wrong.append(f"{_said(cell)}: {got} ({status}), not {wanted}")
    return wrong, counted


def _said(cell: Cell) -> str:
    stage = f" [{cell.stage}]" if cell.stage else ""
    word = "".join(f" {value}" for _name, value in cell.words)
    return f"{cell.door.method} {cell.door.path}{word}{stage} {cell.person.name}"


def _wanted(cell: Cell) -> str:
    audience = audiences()[cell.door.audiences[cell.stage]]
    if cell.person.role == "key" and not cell.door.path.startswith("/api/"):
        return audience.expects("nobody", "nobody")
    wanted = audience.expects(cell.person.name, cell.person.role)
    return AWAY if cell.door.method == "SOCKET" and wanted == BARRED else wanted  # a socket knows one refusal


def _topic(cell: Cell, ids: dict[str, dict[str, str]], people: Cast) -> str:
    topic = cell.door.path.partition(" ")[2]
    known = ids[""] | ids.get(cell.stage, {}) | {"resident account": str(people.actor("resident").account_id)}
    for name, value in known.items():
        topic = topic.replace(f"<{name}>", value)
    return topic
