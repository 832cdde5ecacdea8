"""Somebody at a program of their own: HTTP with a bearer token, and a socket that listens."""

from __future__ import annotations

import queue
import time
import uuid
from dataclasses import dataclass
from typing import Any

import requests
import socketio

from app.smoke.failing import Failed

ANSWER_SECONDS = 20
API = "/api/v1"


@dataclass(frozen=True)
class Heard:
    """A `changed` that came over the socket, and when (monotonic seconds)."""

    topic: str
    at: float


class Person:
    """One signed-in user of the JSON API."""

    def __init__(self, url: str, who: str, phone: str, password: str) -> None:
        self._url, self.who = url.rstrip("/"), who
        self._http = requests.Session()
        self.token: str = self.post("/session", phone=phone, password=password)["token"]
        self._http.headers["Authorization"] = f"Bearer {self.token}"
        self.me: dict[str, Any] = self.get("/me")

    def get(self, path: str, **query: Any) -> Any:
        return self._ask("GET", path, params=query)

    def post(self, path: str, **body: Any) -> Any:
        """A POST with a fresh idempotency key."""
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})

    def put(self, path: str, **body: Any) -> Any:
        return self._ask("PUT", path, json=body)

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        step = f"{self.who}: {method} {path}"
        try:
            answer = self._http.request(method, self._url + API + path, timeout=ANSWER_SECONDS, **more)
        except requests.RequestException as error:
            raise Failed(step, type(error).__name__) from error
        if answer.status_code >= 400:
            raise Failed(step, f"{answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None


class Ear:
    """A socket of this person that watches some topics."""

    def __init__(self, url: str, person: Person, *topics: str) -> None:
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._socket = socketio.Client(reconnection=False)
        self._socket.on("changed", self._hear)
        step = f"{person.who}: socket"
        try:
            self._socket.connect(url, auth={"token": person.token}, transports=["websocket"], wait_timeout=10)
            granted = self._socket.call("watch", {"topics": list(topics)}, timeout=10)
        except (socketio.exceptions.SocketIOError, OSError) as error:
            raise Failed(step, error) from error
        if set(granted["watching"]) != set(topics):
            raise Failed(step, f"refused {granted['refused']}")

    def _hear(self, message: dict[str, Any]) -> None:
        self._heard.put(Heard(message["topic"], time.monotonic()))

    def next(self, seconds: float) -> Heard | None:
        """The next thing heard, waiting up to so long; None where it stays silent."""
        try:
            return self._heard.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def close(self) -> None:
        self._socket.disconnect()
