"""Server-side sessions: the browser holds a random token, the database its SHA-256 and everything else.

A bearer token (for programs) is the same row without a cookie. Signing out deletes the row, so a stolen cookie dies.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, Response
from flask import session as flask_session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, select
from werkzeug.datastructures import CallbackDict

from app.kernel.clock import now
from app.kernel.transaction import command
from models import AuthSession, db

IDLE = timedelta(days=7)
ABSOLUTE = timedelta(days=30)
NAMELESS = timedelta(days=1)
"""How long the session of somebody who is not signed in is kept (drafts, the form token)."""
TOUCH_EVERY = timedelta(minutes=10)


class Session(CallbackDict[str, Any], SessionMixin):
    """The request's session; `account_id` is who is signed in."""

    def __init__(self, data: dict[str, Any] | None = None, row_id: str | None = None, token: str = "") -> None:
        def changed(session: CallbackDict[str, Any]) -> None:
            self.modified = True

        super().__init__(data or {}, changed)
        self.row_id, self.token = row_id, token
        self.modified = False
        self.must_renew = False

    @property
    def account_id(self) -> str | None:
        return self.get("account_id")

    def sign_in(self, account_id: str) -> None:
        """Take on a new identity under a new token; what was typed before (drafts) is kept."""
        self["account_id"] = account_id
        self.must_renew = True


def current() -> Session:
    """The session of this request, as what it is."""
    return cast(Session, flask_session)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find(token: str) -> AuthSession | None:
    """The living session behind a token."""
    if not token or len(token) > 100:
        return None
    row = db.session.scalar(select(AuthSession).where(AuthSession.token_hash == digest(token)))
    moment = now()
    if row is None or row.expires_at <= moment or row.seen_at + IDLE <= moment:
        return None
    return row


@command
def store(row_id: str | None, token: str, data: dict[str, Any]) -> None:
    row = db.session.get(AuthSession, row_id) if row_id else None
    if row is None:
        kept = ABSOLUTE if data.get("account_id") else NAMELESS
        row = AuthSession(token_hash=digest(token), created_at=now(), expires_at=now() + kept)
        db.session.add(row)
    row.account_id = data.get("account_id")
    row.data = {key: value for key, value in data.items() if key != "account_id"}
    row.seen_at = now()


@command
def issue(account_id: str) -> str:
    """A bearer token for a program; shown once."""
    token = secrets.token_urlsafe(32)
    store(None, token, {"account_id": account_id})
    return token


@command
def end(row_id: str) -> None:
    db.session.execute(delete(AuthSession).where(AuthSession.id == row_id))


@command
def sweep() -> int:
    """Forget sessions that have run out."""
    moment = now()
    gone = delete(AuthSession).where((AuthSession.expires_at <= moment) | (AuthSession.seen_at <= moment - IDLE))
    return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


class DatabaseSessions(SessionInterface):
    """Flask's session, kept in the table `auth_session`."""

    def open_session(self, app: Flask, request: Request) -> Session:
        if request.path.startswith(("/static/", "/healthz", "/socket.io")):
            return Session()
        bearer = request.headers.get("Authorization", "")
        by_program = bearer.startswith("Bearer ")  # then the cookie does not count, for no form token is asked for
        token = bearer.removeprefix("Bearer ") if by_program else request.cookies.get(self.get_cookie_name(app), "")
        row = find(token)
        if row is None:
            return Session()
        session = Session({**row.data, "account_id": row.account_id}, row.id, token)
        session.modified = False
        session.accessed = False
        if row.seen_at + TOUCH_EVERY <= now():
            session.modified = True
        return session

    def save_session(self, app: Flask, session: Session, response: Response) -> None:  # type: ignore[override]  # ours is the only kind
        name, path = self.get_cookie_name(app), self.get_cookie_path(app)
        if session.accessed:
            response.vary.add("Cookie")
        if not session.modified:
            return
        if session.must_renew or not session.row_id:
            if session.row_id:
                end(session.row_id)
            if not any(value is not None for value in session.values()):
                response.delete_cookie(name, path=path)
                return
            session.row_id, session.token = None, secrets.token_urlsafe(32)
        store(session.row_id, session.token, dict(session))
        response.set_cookie(
            name, session.token, path=path, max_age=int(ABSOLUTE.total_seconds()), httponly=True,
            secure=self.get_cookie_secure(app), samesite=self.get_cookie_samesite(app),
        )  # fmt: skip
