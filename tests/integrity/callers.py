"""Somebody's program: HTTP calls with a bearer token over a connection that is kept, to any of several addresses."""

from __future__ import annotations

import http.client
import json
import select
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

UNKNOWN = 0
"""The status of a call whose answer never came: it may have had its effect or not."""
UNSENT = -1
"""The status of a call that never left: nobody listened."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    seconds: float
    code: str = ""

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_refusal(self) -> bool:
        """Somebody decided against it: it has had no effect."""
        return 400 <= self.status < 500

    @property
    def words(self) -> str:
        return f"{self.status} {self.code}".strip()


class Caller:
    """One connection to one address. Not to be shared between threads."""

    def __init__(self, address: str, patience: float = 30.0) -> None:
        parts = urlsplit(address)
        self.address = address
        self._line = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=patience)

    def call(self, method: str, path: str, token: str, body: Any = None, key: str = "") -> Answer:
        """Send it once. An answer that did not come is UNKNOWN; a connection refused is UNSENT."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        content = None
        if body is not None:
            content, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        if key:
            headers["Idempotency-Key"] = key
        begun = time.monotonic()
        if self._was_hung_up():
            self._line.close()
        try:
            if self._line.sock is None:
                self._line.connect()
        except OSError as error:
            return Answer(UNSENT, None, time.monotonic() - begun, type(error).__name__)
        try:
            self._line.request(method, f"/api/v1/{path}", content, headers)
            answer = self._line.getresponse()
            read = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._line.close()
            return Answer(UNKNOWN, None, time.monotonic() - begun, type(error).__name__)
        return _read(answer.status, read, time.monotonic() - begun)

    def _was_hung_up(self) -> bool:
        """Whether the server ended a line that lay idle: nothing is due on it, so all there is to read is its end."""
        line = self._line.sock
        return line is not None and bool(select.select([line], [], [], 0)[0])

    def close(self) -> None:
        self._line.close()


def _read(status: int, content: bytes, seconds: float) -> Answer:
    try:
        body = json.loads(content) if content else None
    except ValueError:
        body = None
    code = str(body.get("code", "")) if isinstance(body, dict) and status >= 400 else ""
    return Answer(status, body, seconds, code)
