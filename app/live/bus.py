"""The line between server processes (Redis): while it is down no page may rely on being told, so all of them poll.

A socket still open would hear only of what happened in its own process and believe the rest unchanged. Sockets are
therefore closed and not let in again until the line is back; pages show their banner and refetch by themselves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

from app.kernel import troubles

LOOK_SECONDS = 5.0
MOST_SECONDS = 1.0
"""For which the line may be silent before it counts as down."""


class Watch:
    """Looks after the line now and then; `went_down` is called once each time it breaks."""

    def __init__(self, address: str, went_down: Callable[[], None]) -> None:
        self._address, self._went_down = address, went_down
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="bus", daemon=True)

    def start(self) -> Watch:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._over.set()

    def _look_after(self) -> None:
        redis = import_module("redis")
        line = redis.Redis.from_url(
            self._address, socket_timeout=MOST_SECONDS, socket_connect_timeout=MOST_SECONDS, retry=None
        )
        while not self._over.wait(LOOK_SECONDS):
            self.look(line, redis.RedisError)

    def look(self, line: Any, failure: type[Exception]) -> None:
        """One look: what was well and is not begins a trouble; what is well again ends it."""
        try:
            line.ping()
        except (failure, OSError):
            if troubles.BUS not in troubles.lasting():
                troubles.begin(troubles.BUS)
                self._went_down()
        else:
            troubles.over(troubles.BUS)


def watch(address: str, went_down: Callable[[], None]) -> Watch | None:
    """Begin to look after the line at this address; None where there is none, or none that we know how to ask."""
    if not address.startswith(("redis://", "rediss://", "unix://")):
        return None
    return Watch(address, went_down).start()
