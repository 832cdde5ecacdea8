"""Knocking: one request by one person, and what the answer means. What would be written is never committed.

A command that has come as far as its commit has been allowed: there it is stopped (`Reached`) and undone, so that all
doors are asked in the very same world.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app.extensions import socketio
from app.people import sessions
from models import ApiKey, AuthSession, TryCount, db
from tests.integrity.matrix.expected import AWAY, BARRED, BROKEN, IN, SIGN_IN
from tests.integrity.matrix.people import Cast, Person

OWN_AFFAIRS = (AuthSession, TryCount, ApiKey)
"""Rows that any request may write about itself: the session seen, a try counted, a key used."""


PLAINLY = {"Accept": "application/problem+json"}
"""A refusal is wanted as a code, not as a page: it means the same and takes a tenth of the time."""


class Reached(BaseException):
    """A command would have been committed: whoever asked was allowed. Nobody catches it on the way."""


@contextmanager
def nothing_is_kept() -> Iterator[None]:
    """Commits of commands end in Reached, but for a session's own row."""

    def changed(session: Session, _context: Any, _instances: Any = None) -> None:
        rows: set[type] = {type(row) for row in (*session.new, *session.dirty)}
        if session.deleted:
            rows.add(Reached)  # ending a session is somebody's act, too
        session.info.setdefault("matrix", set()).update(rows)

    def executed(state: Any) -> None:
        if state.is_update or state.is_delete or state.is_insert:
            mapper = state.bind_mapper
            table = mapper.class_ if mapper and not state.is_delete else Reached
            state.session.info.setdefault("matrix", set()).add(table)

    def stop(session: Session) -> None:
        session.flush()
        if session.info.pop("matrix", set()) - set(OWN_AFFAIRS):
            raise Reached

    def forget(session: Session) -> None:
        session.info.pop("matrix", None)

    listeners = (("before_flush", changed), ("do_orm_execute", executed), ("before_commit", stop),
                 ("after_rollback", forget))  # fmt: skip
    for name, listener in listeners:
        event.listen(Session, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(Session, name, listener)


class Knocker:
    """Everybody's browsers and programs."""

    def __init__(self, app: Flask, people: Cast) -> None:
        self.app, self.people = app, people
        app.config["WTF_CSRF_METHODS"] = set()  # forgery has tests of its own; here it would hide who may what
        self._clients: dict[tuple[str, bool], FlaskClient] = {}
        self._tokens = {name: person.key or _token(person) for name, person in people.people.items()}

    def client(self, person: Person, program: bool) -> FlaskClient:
        found = self._clients.get((person.name, program))
        if found is None:
            found = self._clients[person.name, program] = self.app.test_client()
            token = self._tokens[person.name]
            if person.key or (token and program):
                found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
            elif token:
                found.set_cookie(self.app.config["SESSION_COOKIE_NAME"], token)
        return found

    def ask(self, person: Person, method: str, url: str, body: dict[str, Any]) -> tuple[str, int]:
        """What the answer means, and its status (0 where a command was stopped at its commit)."""
        answer = self.answer(person, method, url, body, PLAINLY)
        return (IN, 0) if answer is None else (meaning(answer), int(answer.status_code))

    def answer(
        self, person: Person, method: str, url: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> Any:
        """The answer itself; None where a command was stopped at its commit."""
        program = url.startswith("/api/")
        client = self.client(person, program)
        sent: dict[str, Any] = {"json": body} if program and method != "GET" else {"data": body}
        try:
            return client.open(url, method=method, headers=headers, **(sent if method != "GET" else {}))
        except Reached:
            return None
        finally:
            db.session.remove()

    def watch(self, person: Person, topic: str) -> tuple[str, int]:
        """Whether a socket of this person is told of a topic; with no topic, whether it may connect at all."""
        token = self._tokens[person.name]
        client = socketio.test_client(self.app, auth={"token": token} if token else None)
        try:
            if not client.is_connected():
                return SIGN_IN, 0
            granted = client.emit("watch", {"topics": [topic]}, callback=True)["watching"] if topic else ["connected"]
            return (IN if granted else AWAY), 0
        finally:
            if client.is_connected():
                client.disconnect()
            db.session.remove()


def _token(person: Person) -> str:
    """One session for browser, program and socket: somebody's oldest ends when there are too many."""
    return sessions.issue(str(person.actor.account_id)) if person.actor else ""


def meaning(answer: Any) -> str:
    """401 and the way to the sign-in page ask who it is; 403 is not this role's door; 404 is nothing here."""
    where = answer.headers.get("Location", "")
    if answer.status_code == 303 and where.startswith("/sign-in"):
        return SIGN_IN
    if answer.status_code == 401 and (answer.get_json(silent=True) or {}).get("code") != "step_up_required":
        return SIGN_IN
    return {403: BARRED, 404: AWAY, 500: BROKEN}.get(answer.status_code, IN)


def address(rule: Rule, ids: dict[str, str], words: dict[str, str]) -> str:
    """The rule's path with the ids of this scene; what is not known is a well-formed unknown one."""
    return str(rule.build({name: words.get(name) or ids.get(name, "0" * 20) for name in rule.arguments})[1])
