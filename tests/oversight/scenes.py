"""Situations on the board, reached by making the moves."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, update

from app.kernel.access import SYSTEM, Actor
from app.kernel.lifecycle import move
from app.kernel.locks import locked_order
from app.kernel.transaction import command
from models import Order, db
from models.states import OrderMove
from tests.factories import World


class Counted:
    """How many statements were sent to the database inside the block."""

    def __enter__(self) -> Counted:
        self.number = 0
        event.listen(db.engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_: Any) -> None:
        event.remove(db.engine, "before_cursor_execute", self._count)

    def _count(self, *_: Any) -> None:
        self.number += 1


@command
def moved(order: Order, *moves: OrderMove, **fields: Any) -> Order:
    """The order after these steps of the system."""
    row = locked_order(order.id)
    for name, value in fields.items():
        setattr(row, name, value)
    for step in moves:
        move(row, step, actor=SYSTEM)
    return row


@command
def put(order: Order, **fields: Any) -> None:
    """Set columns that no single move sets, as a test of what is drawn needs them."""
    db.session.execute(update(Order).where(Order.id == order.id).values(**fields))
    db.session.expire_all()


@command
def added(*rows: Any) -> Any:
    """Facts written down as they are."""
    db.session.add_all(rows)
    return rows[0]


def desk(world: World, app: Flask, actor: Actor | None = None) -> FlaskClient:
    """A coordinator's browser."""
    return world.browser(app, actor or world.coordinator())


def text(client: FlaskClient, path: str) -> str:
    """The page, which must be there."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def without_versions(page: str) -> str:
    """The page without the versions of static files in it: digits that may spell anything."""
    return re.sub(r"/static/v/\w+", "", page)
