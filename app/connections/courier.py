"""The courier: one thread that spreads notices and hands letters to a bounded pool. Ringing it never waits.

The pool's threads know nothing but the letter: no database, no keys but the endpoint's own.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from flask import Flask

from app.connections import letters, posting, spreading, wire
from app.connections.addresses import Guard
from app.connections.letters import Letter
from app.connections.wire import Answer
from app.kernel.clock import now
from models import db

log = logging.getLogger(__name__)
TO_ONE = 6
"""Letters under way at once to one endpoint, so that a slow one leaves threads to the others."""
LINGER_SECONDS = 0.05
"""How long answers are gathered to be written down together."""


def guard_of(app: Flask) -> Guard:
    """What this installation may write to."""
    settings = app.config["LINLI"]
    return Guard(named=settings.webhook_hosts, plain_http=not settings.in_production)


class Courier:
    """`ring()` when something may be due; `stop()` finishes what is under way."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.guard = guard_of(app)
        self._room: int = app.config["LINLI"].webhook_threads
        self._pool = ThreadPoolExecutor(max_workers=self._room, thread_name_prefix="letter")
        self._under_way: dict[Future[Answer], Letter] = {}
        self._rung = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="courier", daemon=True)

    def start(self) -> Courier:
        self._thread.start()
        return self

    def ring(self) -> None:
        self._rung.set()

    def stop(self) -> None:
        """Claim nothing more, settle what is under way; at most as long as one try lasts."""
        self._over.set()
        self._rung.set()
        if self._thread.is_alive():
            self._thread.join(timeout=wire.SECONDS + 2)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _watch(self) -> None:
        while not self._over.is_set():
            self._rung.wait()
            self._rung.clear()
            with self.app.app_context():
                try:
                    self.work()
                except Exception:
                    db.session.rollback()
                    log.exception("the courier stumbled; leases run out and the next ring tries again")

    def work(self) -> None:
        """Everything that is due now. Inside an application context."""
        if spreading.has_unspread():
            while not self._over.is_set() and spreading.spread() == spreading.MOST_AT_ONCE:
                pass
        posting.bury()
        while True:
            if not self._over.is_set():
                self._hand_out()
            if not self._under_way:
                return
            self._gather()

    def _hand_out(self) -> None:
        busy = Counter(letter.webhook_id for letter in self._under_way.values())
        free = self._room - len(self._under_way)
        endpoints = [one for one in posting.due_endpoints() if busy[one] < TO_ONE] if free else []
        db.session.rollback()  # answers are waited for outside any transaction
        if not endpoints:
            return
        share = max(1, free // len(endpoints))
        room = {one: min(share, TO_ONE - busy[one]) for one in endpoints[:free]}
        for letter in posting.claim(room):
            headers = letters.headers(letter, now())
            sent = self._pool.submit(wire.post, letter.url, headers, letter.body, self.guard)
            self._under_way[sent] = letter

    def _gather(self) -> None:
        wait(self._under_way, timeout=1, return_when=FIRST_COMPLETED)
        wait(self._under_way, timeout=LINGER_SECONDS)
        done = [sent for sent in self._under_way if sent.done()]
        posting.settle([(self._under_way[sent], _answer(sent)) for sent in done])
        for sent in done:
            del self._under_way[sent]


def _answer(sent: Future[Answer]) -> Answer:
    error = sent.exception()
    if error is not None:
        log.error("a letter could not be sent: %r", error)
        return Answer(trouble="talk")
    return sent.result()
