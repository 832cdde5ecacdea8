"""Sockets that listen while the loop is walked: what each person is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from app.extensions import socketio
from app.people import sessions
from tests.factories import World
from tests.integrity.matrix.people import Cast, Person

LISTENING = ("resident", "offered", "accepted", "other volunteer", "coordinator own", "supervisor parent")


@contextmanager
def told_to_sockets(app: Flask, people: Cast, world: World) -> Iterator[dict[str, list[Any]]]:
    """Name → the messages that came; filled when the block ends."""
    clients = {name: _listen(app, people.people[name], world) for name in LISTENING}
    told: dict[str, list[Any]] = {}
    try:
        yield told
    finally:
        for name, client in clients.items():
            told[name] = client.get_received() if client.is_connected() else []
            if client.is_connected():
                client.disconnect()


def _listen(app: Flask, person: Person, world: World) -> Any:
    actor = person.actor
    assert actor is not None
    client = socketio.test_client(app, auth={"token": sessions.issue(str(actor.account_id))})
    topics = [f"account:{actor.account_id}", f"office:{world.ids['station']}"]
    client.emit("watch", {"topics": [*topics, f"volunteer:{actor.volunteer_id}"]}, callback=True)
    return client
