"""The sockets this process holds: whose session each rides on, what it watches, how much it has said lately."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

MOST_MESSAGES, PER_SECONDS = 100, 60.0
"""What one person may say over all their sockets in this process."""


@dataclass
class Socket:
    """One open socket."""

    token: str
    account_id: str
    session_id: str
    line: str = ""
    """The line it came by (app/live/lines.py)."""
    watching: set[str] = field(default_factory=set)
    checked: float = 0.0
    """When its topics were last asked for again (monotonic seconds)."""


class Held:
    """All of them, by socket id. Safe for threads."""

    def __init__(self) -> None:
        self._sockets: dict[str, Socket] = {}
        self._said: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def add(self, sid: str, socket: Socket, most: int, most_of_account: int) -> bool:
        """Whether there was room, for this socket and for one more of its person: counted and added in one step."""
        with self._lock:
            own = sum(one.account_id == socket.account_id for one in self._sockets.values())
            if len(self._sockets) >= most or own >= most_of_account:
                return False
            self._sockets[sid] = socket
            return True

    def drop(self, sid: str) -> None:
        with self._lock:
            gone = self._sockets.pop(sid, None)
            if gone is not None and not any(one.account_id == gone.account_id for one in self._sockets.values()):
                self._said.pop(gone.account_id, None)

    def get(self, sid: str) -> Socket | None:
        return self._sockets.get(sid)

    def all(self) -> list[tuple[str, Socket]]:
        with self._lock:
            return list(self._sockets.items())

    def may_speak(self, account_id: str, moment: float) -> bool:
        """Count one message; False where the person has said too much within the minute."""
        with self._lock:
            begun, count = self._said.get(account_id, (moment, 0))
            if moment - begun >= PER_SECONDS:
                begun, count = moment, 0
            self._said[account_id] = (begun, count + 1)
            return count < MOST_MESSAGES
