"""The lines sockets come by: each holds a thread from its first word on, whether or not anybody signs in on it.

So lines are counted, not sockets, and a line on which nobody signs in within seconds, or nobody is signed in any more,
is closed.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

SILENT_SECONDS = 5.0
"""Pages sign in with their first message."""
COUNTED_SECONDS = 25.0
"""So long engine.io keeps a sleeping thread for a line, though it be gone meanwhile."""
LEAST_SILENT = 10


@dataclass
class Line:
    """One of them: the connection below it, when it began (monotonic seconds), and whether anybody has signed in."""

    connection: Any
    begun: float
    is_greeted: bool = False
    is_closing: bool = False


class Lines:
    """All of this process, by engine.io's id. Safe for threads."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._lock = threading.Lock()

    def take_in(self, name: str, connection: Any, moment: float, most: int) -> bool:
        """Whether there is room: for `most` lines in all, a quarter of them with nobody signed in yet."""
        with self._lock:
            if not self._has_room(most):
                self._forget_ended(moment)
            if not self._has_room(most):
                return False
            self._lines[name] = Line(connection, moment)
            return True

    def greet(self, name: str) -> None:
        """Somebody has signed in here."""
        with self._lock:
            if name in self._lines:
                self._lines[name].is_greeted = True

    def overdue(self, signed_in: set[str], moment: float) -> list[tuple[str, Line]]:
        """The lines to be closed: nobody is signed in there, and the time to do so is over."""
        with self._lock:
            self._forget_ended(moment)
            return [
                (name, line)
                for name, line in self._lines.items()
                if name not in signed_in and not _has_ended(line) and moment - line.begun >= SILENT_SECONDS
            ]

    def _has_room(self, most: int) -> bool:
        silent = sum(not line.is_greeted for line in self._lines.values())
        return len(self._lines) < most and silent < max(LEAST_SILENT, most // 4)

    def _forget_ended(self, moment: float) -> None:
        self._lines = {
            name: line
            for name, line in self._lines.items()
            if not _has_ended(line) or (not line.is_greeted and moment - line.begun < COUNTED_SECONDS)
        }


def _has_ended(line: Line) -> bool:
    return bool(line.connection.fileno() < 0)


def cut(line: Line) -> None:
    """Whoever was asked to hang up and did not: the thread that listens hears the end at once."""
    with suppress(OSError):
        line.connection.shutdown(socket.SHUT_RDWR)
