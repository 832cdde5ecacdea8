"""The socket door: connect, watch, and publish what was announced after a commit.

Events say *that* something changed: a topic and a version, never content. The socket outlives the request it came by,
so nothing is believed twice: the session and the rights are looked up again at every message, once a second it is asked
whose session has ended (app/live/watchman.py), and once a minute whether what is watched may still be watched. Only
websockets: of Socket.IO's long polling one line could hold any number of threads, and pages poll by themselves.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from engineio.exceptions import EngineIOError
from flask import Flask, current_app, request
from flask_socketio import ConnectionRefusedError, join_room, leave_room

from app.extensions import socketio
from app.kernel import troubles
from app.kernel.journal import Notice
from app.kernel.transaction import on_committed
from app.live import watchman
from app.live.held import Held, Socket
from app.live.lines import Lines, cut
from app.live.topics import MOST_TOPICS, may_watch
from app.people import sessions
from app.people.identity import actor_of_token
from app.people.sealing import digest
from models import Account, AuthSession, db
from models.kinds import EventKind

DEMO_SOCKETS = 50
"""Visitors of a demo city share its accounts."""
ENDING = {
    EventKind.ROLE_GRANT, EventKind.ROLE_REVOKE, EventKind.ACCOUNT_PASSWORD, EventKind.ACCOUNT_ACTIVITY,
    EventKind.ACCOUNT_FACTOR_ON, EventKind.ACCOUNT_FACTOR_OFF,
}  # fmt: skip
"""What ends somebody's sessions, and with them their sockets."""
held = Held()
lines = Lines()


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO adds it


@socketio.on("connect")
def connect(auth: Any = None) -> None:
    """Let signed-in people in, as long as there is room: sockets hold threads that pages need."""
    given = auth.get("token") if isinstance(auth, dict) else None
    token = str(given or request.cookies.get(current_app.config["SESSION_COOKIE_NAME"], ""))
    if troubles.BUS in troubles.lasting():
        raise ConnectionRefusedError("poll")
    row = sessions.find(token)
    actor = actor_of_token(token)
    if row is None or not actor.is_signed_in:
        raise ConnectionRefusedError("sign in first")
    account_id, line = str(actor.account_id), str(socketio.server.manager.eio_sid_from_sid(_sid(), "/"))
    here = Socket(token, account_id, row.id, line, checked=time.monotonic())
    if not held.add(_sid(), here, current_app.config["LINLI"].sockets, _most_of(account_id)):
        raise ConnectionRefusedError("full")
    lines.greet(line)


def _most_of(account_id: str) -> int:
    most = int(current_app.config["LINLI"].sockets_per_person)
    account = db.session.get(Account, account_id)
    return max(most, DEMO_SOCKETS) if account is not None and account.is_demo else most


@socketio.on("disconnect")
def disconnect(*_reason: Any) -> None:
    held.drop(_sid())


@socketio.on("watch")
def watch(message: Any) -> dict[str, list[str]]:
    """Replace what this socket watches; each topic is asked for by name and granted or refused."""
    here = held.get(_sid())
    wanted = message.get("topics") if isinstance(message, dict) else None
    if here is None or not held.may_speak(here.account_id, time.monotonic()):
        socketio.server.disconnect(_sid())
        return {"watching": [], "refused": []}
    if not isinstance(wanted, list):
        return {"watching": [], "refused": []}
    asked = [topic for topic in wanted[:MOST_TOPICS] if isinstance(topic, str)]
    actor = actor_of_token(here.token)
    granted = {topic for topic in asked if may_watch(actor, topic)}
    db.session.remove()
    try:
        for topic in here.watching - granted:
            leave_room(topic)
        for topic in granted - here.watching:
            join_room(topic)
    except ValueError:  # the socket went away while we looked things up
        return {"watching": [], "refused": asked}
    here.watching, here.checked = granted, time.monotonic()
    return {"watching": sorted(granted), "refused": sorted(set(asked) - granted)}


def publish(notice: Notice) -> None:
    """Tell every watcher of every topic. Losing this loses nothing: pages refetch when they come back."""
    if notice.kind in ENDING:
        close_ended()
    for topic, version in notice.topics:
        socketio.emit("changed", {"topic": topic, "version": version}, to=topic)


def forget(token: str) -> None:
    """Close the sockets of a session that has ended."""
    for sid, one in held.all():
        if one.token == token:
            socketio.server.disconnect(sid)


def close_ended() -> None:
    """Close every socket of this process whose session has ended, whoever ended it and wherever: one query."""
    sockets = held.all()
    if not sockets:
        return
    ids = {one.session_id for _, one in sockets}
    alive = {
        row.token_hash
        for row in db.session.scalars(
            db.select(AuthSession).join(Account).where(AuthSession.id.in_(ids), Account.is_active)
        )
        if sessions.is_alive(row)
    }
    for sid, one in sockets:
        if digest(one.token) not in alive:
            socketio.server.disconnect(sid)


def close_silent() -> None:
    """Close every line on which nobody is signed in; whoever has not gone by the next round is cut off."""
    signed_in = {one.line for _, one in held.all()}
    for name, line in lines.overdue(signed_in, time.monotonic()):
        client = socketio.server.eio.sockets.get(name)
        if line.is_closing or client is None:
            cut(line)
            continue
        line.is_closing = True
        with suppress(EngineIOError):  # it went by itself meanwhile
            client.close(wait=False)


def check_topics(older_than: float) -> None:
    """Ask again for what was asked for longer ago than so many seconds; what may no longer be watched is left."""
    moment = time.monotonic()
    for sid, one in held.all():
        if moment - one.checked < older_than:
            continue
        actor = actor_of_token(one.token)
        lost = {topic for topic in one.watching if not may_watch(actor, topic)}
        for topic in lost:
            socketio.server.leave_room(sid, topic)
        one.watching, one.checked = one.watching - lost, moment


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
        transports=["websocket"],
    )  # cross-origin sockets are refused: no origin but our own host is listed
    _count_lines(app)
    on_committed(publish)


def _count_lines(app: Flask) -> None:
    """Before engine.io lets a line in it asks for room."""
    server, most = socketio.server, app.config["LINLI"].sockets
    go_on = server.eio.handlers["connect"]

    def arrive(name: str, environ: dict[str, Any]) -> Any:
        connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        if connection is not None and not lines.take_in(name, connection, time.monotonic(), most):
            return False
        watchman.begin(app, close_silent, close_ended, check_topics)
        return go_on(name, environ)

    server.eio.on("connect", arrive)
