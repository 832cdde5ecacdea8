"""Knocking at the doors as somebody: the JSON API with a bearer token, the pages with a cookie and a form token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.kernel.clock import now
from app.people import sessions
from tests.factories import csrf_of
from tests.integrity.machine.town import People

SIGNED_IN = timedelta(minutes=4)
"""Shorter than any session, and than what is proven by a password."""


@dataclass(frozen=True)
class Answer:
    status: int
    code: str = ""
    body: Any = None

    @property
    def is_yes(self) -> bool:
        return self.status < 400

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip()


class Doors:
    """One caller for everybody. When the clock was wound everybody signs in again."""

    def __init__(self, app: Flask, people: People) -> None:
        self.app, self.people = app, people
        self.forget()

    def forget(self) -> None:
        """The sessions of another database mean nothing here."""
        self._tokens: dict[str, str] = {}
        self._browsers: dict[str, tuple[FlaskClient, str]] = {}
        self._since = now()

    def api(self, who: str, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """One request of a program."""
        headers = {"Authorization": f"Bearer {self._token(who)}"} | ({"Idempotency-Key": key} if key else {})
        got = self.app.test_client().open(f"/api/v1/{path}", method=method, json=body, headers=headers)
        told = got.json if got.is_json else None
        return Answer(got.status_code, str(told.get("code", "")) if isinstance(told, dict) else "", told)

    def form(self, who: str, path: str, **fields: Any) -> Answer:
        """One form of a page; `code` is empty, for pages speak to people."""
        browser, token = self._browser(who)
        return Answer(browser.post(path, data={"csrf_token": token, **fields}).status_code)

    def _token(self, who: str) -> str:
        if self._since + SIGNED_IN < now():
            self.forget()
        if who not in self._tokens:
            self._tokens[who] = sessions.issue(self.people.accounts[who])
        return self._tokens[who]

    def _browser(self, who: str) -> tuple[FlaskClient, str]:
        token = self._token(who)
        if who not in self._browsers:
            browser = self.app.test_client()
            browser.set_cookie(self.app.config["SESSION_COOKIE_NAME"], token)
            self._browsers[who] = browser, csrf_of(browser.get("/me/notices").text)
        return self._browsers[who]
