"""Knocking at the doors as somebody: the JSON API with a bearer token, the pages with a cookie and a form token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.people import sessions
from tests.factories import csrf_of
from tests.integrity.machine.town import People


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
    """One caller for everybody. Sessions that ran out while the clock was wound are begun again."""

    def __init__(self, app: Flask, people: People) -> None:
        self.app, self.people = app, people
        self.forget()

    def forget(self) -> None:
        """The sessions of another database mean nothing here."""
        self._tokens: dict[str, str] = {}
        self._browsers: dict[str, tuple[FlaskClient, str]] = {}

    def api(self, who: str, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """One request of a program."""
        answer = self._knock(who, method, path, body, key)
        if answer.status == 401:
            self._tokens.pop(who, None)
            answer = self._knock(who, method, path, body, key)
        return answer

    def _knock(self, who: str, method: str, path: str, body: Any, key: str | None) -> Answer:
        headers = {"Authorization": f"Bearer {self._token(who)}"} | ({"Idempotency-Key": key} if key else {})
        got = self.app.test_client().open(f"/api/v1/{path}", method=method, json=body, headers=headers)
        told = got.json if got.is_json else None
        return Answer(got.status_code, str(told.get("code", "")) if isinstance(told, dict) else "", told)

    def _token(self, who: str) -> str:
        if who not in self._tokens:
            self._tokens[who] = sessions.issue(self.people.accounts[who])
        return self._tokens[who]

    def form(self, who: str, path: str, **fields: Any) -> Answer:
        """One form of a page; `code` is empty, for pages speak to people."""
        for _try in range(2):
            browser, token = self._browser(who)
            got = browser.post(path, data={"csrf_token": token, **fields})
            is_away = got.status_code in (302, 303) and "/sign-in" in got.headers["Location"]
            if got.status_code not in (400, 401) and not is_away:
                break
            self._browsers.pop(who, None)
        return Answer(got.status_code)

    def _browser(self, who: str) -> tuple[FlaskClient, str]:
        if who not in self._browsers:
            browser = self.app.test_client()
            browser.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self._token(who))
            page = browser.get("/me/notices")
            if page.status_code != 200:
                self._tokens.pop(who, None)
                browser.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self._token(who))
                page = browser.get("/me/notices")
            self._browsers[who] = browser, csrf_of(page.text)
        return self._browsers[who]
