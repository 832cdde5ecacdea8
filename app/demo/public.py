"""The simulated public: keeps a demo city moving, one small act at a time, through the same verbs as real people.

One thread takes one act every few seconds (slow) or several a second (fast). It keeps no memory of its own: what to do
next is read from the database, so it may stop and start at any moment. What it never touches: see `app.demo.crowd`.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Mapping
from random import Random

from flask import Flask

from app.demo import deeds
from app.kernel.errors import DomainError

log = logging.getLogger(__name__)

PAUSES: Mapping[str, tuple[float, float]] = {"slow": (5.0, 10.0), "fast": (0.1, 0.4)}
"""Shortest and longest rest between two acts, in seconds."""
SEED = 20261123
_STOPPING_SECONDS = 5.0


class Public:
    """All made-up people together. `act` does one thing now; `start` lets them live in the background."""

    def __init__(
        self, app: Flask, pauses: tuple[float, float], habits: Mapping[deeds.Deed, float], seed: int = SEED
    ) -> None:
        self._app, self._pauses, self._habits = app, pauses, habits
        self._random = Random(f"public {seed}")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="public", daemon=True)

    def start(self) -> None:
        self._thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Let the act under way end, and begin no other."""
        self._over.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(_STOPPING_SECONDS)

    def act(self) -> str | None:
        """One act of somebody; None where nobody has anything to do. What the domain refuses is everyday life."""
        for deed in self._in_some_order():
            try:
                with self._app.app_context():
                    if deed(self._random):
                        return deed.__name__
            except DomainError as refused:
                log.debug("public: %s was refused: %s", deed.__name__, refused)
                return deed.__name__
        return None

    def _in_some_order(self) -> list[deeds.Deed]:
        """The deeds shuffled, usual ones more often in front; a rare one is rare even where nothing else is to do."""
        thought_of = [deed for deed, how_often in self._habits.items() if self._random.random() < how_often]
        return sorted(thought_of, key=lambda deed: self._random.random() ** (1 / self._habits[deed]), reverse=True)

    def _live(self) -> None:
        while not self._over.wait(self._random.uniform(*self._pauses)):
            try:
                self.act()
            except Exception:
                log.exception("the simulated public stumbled and goes on")
                self._over.wait(self._pauses[1])


def start(app: Flask, pace: str) -> Public | None:
    """Let the public loose; None where it is switched off."""
    if pace not in PAUSES:
        return None
    public = Public(app, PAUSES[pace], deeds.habits(hurried=pace == "fast"))
    public.start()
    return public
