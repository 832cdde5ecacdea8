"""The socket door: connect, watch, and publish what was announced after a commit.

Events say *that* something changed: a topic and a version, never content. The session is looked up again on every
event, for the socket outlives it.
"""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask, current_app, request
from flask_socketio import ConnectionRefusedError, join_room, leave_room

from app.extensions import socketio
from app.kernel.access import Actor
from app.kernel.journal import Notice
from app.kernel.transaction import on_committed
from app.live.topics import MOST_TOPICS, may_watch
from app.people.identity import actor_of_token
from models import db

MOST_SOCKETS = 10
"""Sockets of one session: so many windows nobody watches, and others need the room."""
_tokens: dict[str, str] = {}
_watching: dict[str, set[str]] = {}
_lock = threading.Lock()


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO adds it


@socketio.on("connect")
def connect(auth: Any = None) -> None:
    """Let signed-in people in, as long as there is room: sockets hold threads that pages need."""
    token = auth.get("token") if isinstance(auth, dict) else None
    token = token or request.cookies.get(current_app.config["SESSION_COOKIE_NAME"], "")
    held = list(_tokens.values())
    if len(held) >= current_app.config["LINLI"].sockets or held.count(str(token)) >= MOST_SOCKETS:
        raise ConnectionRefusedError("full")
    actor = _actor(str(token))
    if not actor.is_signed_in:
        raise ConnectionRefusedError("sign in first")
    with _lock:
        _tokens[_sid()] = str(token)
        _watching[_sid()] = set()


@socketio.on("disconnect")
def disconnect(*_reason: Any) -> None:
    with _lock:
        _tokens.pop(_sid(), None)
        _watching.pop(_sid(), None)


@socketio.on("watch")
def watch(message: Any) -> dict[str, list[str]]:
    """Replace what this socket watches; each topic is asked for by name and granted or refused."""
    wanted = message.get("topics") if isinstance(message, dict) else None
    if not isinstance(wanted, list):
        return {"watching": [], "refused": []}
    asked = [topic for topic in wanted[:MOST_TOPICS] if isinstance(topic, str)]
    actor = _actor(_tokens.get(_sid(), ""))
    granted = {topic for topic in asked if may_watch(actor, topic)}
    db.session.remove()
    before = _watching.get(_sid(), set())
    try:
        for topic in before - granted:
            leave_room(topic)
        for topic in granted - before:
            join_room(topic)
    except ValueError:  # the socket went away while we looked things up
        return {"watching": [], "refused": asked}
    with _lock:
        _watching[_sid()] = granted
    return {"watching": sorted(granted), "refused": sorted(set(asked) - granted)}


def _actor(token: str) -> Actor:
    return actor_of_token(token)


def publish(notice: Notice) -> None:
    """Tell every watcher of every topic. Losing this loses nothing: pages refetch when they come back."""
    for topic, version in notice.topics:
        socketio.emit("changed", {"topic": topic, "version": version}, to=topic)


def forget(token: str) -> None:
    """Close the sockets of a session that has ended."""
    for sid in [sid for sid, held in list(_tokens.items()) if held == token]:
        socketio.server.disconnect(sid)


def init_app(app: Flask) -> None:
    settings = app.config["LINLI"]
    socketio.init_app(
        app,
        async_mode=settings.async_mode,
        message_queue=settings.message_queue or None,
        ping_interval=25,
        ping_timeout=30,
        http_compression=False,
        max_http_buffer_size=16_384,
        manage_session=False,
    )
    on_committed(publish)
