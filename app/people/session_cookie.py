"""Flask's session, kept in the table `auth_session`: opened with each request, written back when something changed."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, Request, Response, request
from flask import session as flask_session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import CallbackDict

from app.kernel import troubles
from app.kernel.clock import now
from app.kernel.errors import DomainError, Unavailable
from app.people import sessions
from app.people.devices import described
from models import AuthSession
from models.kinds import SessionKind

MOST_OFTEN = timedelta(minutes=10)
SHARE_OF_IDLE = 15
"""A visit is written down at most every ten minutes, and at least every fifteenth of the time it may lie idle."""
WITHOUT_SESSION = ("/static/", "/healthz", "/socket.io")
BY_ITSELF = "X-Fragment"
"""The header of what an open page fetches without anybody's doing: it keeps no session alive."""


class Session(CallbackDict[str, Any], SessionMixin):
    """The request's session; `account_id` is who is signed in."""

    def __init__(self, data: dict[str, Any] | None = None, row: AuthSession | None = None, token: str = "") -> None:
        def changed(session: CallbackDict[str, Any]) -> None:
            self.modified = True

        super().__init__(data or {}, changed)
        self.row_id = row.id if row else None
        self.kind: str = row.kind if row else SessionKind.BROWSER
        self.proved_at: datetime | None = row.proved_at if row else None
        self.second_factor = bool(row and row.second_factor)
        self.token = token
        self.modified = False
        self.must_renew = False
        self.unreachable = False  # there may be a session, but the database cannot be asked
        self.ends_row: str | None = None

    @property
    def account_id(self) -> str | None:
        return self.get("account_id")

    def sign_in(self, account_id: str, *, second_factor: bool = False) -> None:
        """Take on a new identity in a new row under a new token.

        What was typed before signing in (drafts) is kept; what another person left in this browser is not.
        """
        if self.account_id not in (None, account_id):
            self.clear()
        self["account_id"] = account_id
        self.kind, self.second_factor = SessionKind.BROWSER, False
        self.ends_row, self.row_id = self.row_id, None
        self.prove(second_factor=second_factor)

    def prove(self, *, second_factor: bool = False) -> None:
        """Whoever sits there has just given the password: the same row; a browser gets a new token for it."""
        self.proved_at, self.second_factor = now(), second_factor or self.second_factor
        self.must_renew, self.modified = self.kind == SessionKind.BROWSER, True

    def lose_factor(self) -> None:
        """The second factor was turned off: what it opened is closed at once."""
        self.second_factor, self.modified = False, True

    def drop(self) -> None:
        """Forget it: nothing is written back."""
        self.clear()
        self.row_id, self.modified = None, False


def current() -> Session:
    """The session of this request, as what it is."""
    return cast(Session, flask_session)


class DatabaseSessions(SessionInterface):
    """Opens and saves; the cookie carries the token and nothing else."""

    def open_session(self, app: Flask, request: Request) -> Session:
        if request.path.startswith(WITHOUT_SESSION):
            return Session()
        bearer = request.headers.get("Authorization", "")
        by_program = bearer.startswith("Bearer ")  # then the cookie does not count, for no form token is asked for
        token = bearer.removeprefix("Bearer ") if by_program else request.cookies.get(self.get_cookie_name(app), "")
        try:
            row = troubles.patiently(lambda: sessions.find(token))
        except Unavailable:
            session = Session()
            session.unreachable = True
            return session
        data = sessions.words(row, token) if row is not None else None
        if row is None or data is None:
            return Session()
        session = Session({**data, "account_id": row.account_id}, row, token)
        session.accessed = False
        often = min(MOST_OFTEN, timedelta(seconds=row.idle_seconds / SHARE_OF_IDLE))
        session.modified = row.seen_at + often <= now() and BY_ITSELF not in request.headers
        return session

    def save_session(self, app: Flask, session: Session, response: Response) -> None:  # type: ignore[override]  # ours is the only kind
        if session.accessed:
            response.vary.add("Cookie")
        if not session.modified or session.unreachable:
            return
        try:
            self._save(app, session, response)
        except (DomainError, DBAPIError) as trouble:
            if request.method not in {"GET", "HEAD", "OPTIONS"}:  # what was typed would be lost without a word
                told = app.make_response(app.handle_user_exception(trouble))
                response.status_code, response.data = told.status_code, told.data
                response.headers.pop("Location", None)
                response.mimetype = told.mimetype or "text/html"

    def _save(self, app: Flask, session: Session, response: Response) -> None:
        name, path = self.get_cookie_name(app), self.get_cookie_path(app)
        if session.ends_row:
            sessions.end(session.ends_row)
        if session.must_renew or not session.row_id:
            if not any(value is not None for value in session.values()):
                response.delete_cookie(name, path=path, secure=self.get_cookie_secure(app))
                return
            session.token = secrets.token_urlsafe(32)
        kept = sessions.Kept(
            session.row_id, session.token, session.account_id, session.kind, described(), session.proved_at,
            session.second_factor,
        )  # fmt: skip
        sessions.store(kept, {key: value for key, value in session.items() if key != "account_id"})
        if session.kind == SessionKind.BROWSER:
            self._hand_over(app, session, response)

    def _hand_over(self, app: Flask, session: Session, response: Response) -> None:
        lasting = sessions.lasting_of(session.account_id)
        response.set_cookie(
            self.get_cookie_name(app), session.token, path=self.get_cookie_path(app),
            max_age=int(lasting.whole.total_seconds()), httponly=True, secure=self.get_cookie_secure(app),
            samesite=self.get_cookie_samesite(app),
        )  # fmt: skip
