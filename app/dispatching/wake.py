"""Waking the dispatch: what happened is collected for a moment, then one run answers all of it."""

from __future__ import annotations

import logging
import threading

from flask import Flask, current_app
from sqlalchemy import func, select

from app.dispatching.runs import run_all
from app.kernel.clock import now
from app.kernel.journal import Notice
from models import DispatchRun, Event, Order, db
from models.kinds import EventKind, RunMode
from models.states import ORDER_SEEKING

log = logging.getLogger(__name__)
EXTENSION = "linli_waker"
GATHER_SECONDS = 0.2
"""Orders opened within this time share a run."""

WAKING = frozenset(
    {
        EventKind.ORDER_APPROVE,
        EventKind.ORDER_RETRY,
        EventKind.ORDER_WAIT,
        EventKind.ORDER_UNSTAFF,
        EventKind.ORDER_AMEND,
        EventKind.ORDER_NOTE,
        EventKind.OFFER_DECLINE,
        EventKind.OFFER_EXPIRE,
        EventKind.OFFER_WITHDRAW,
        EventKind.ASSIGNMENT_HAND_BACK,
        EventKind.ASSIGNMENT_CANCEL,
        EventKind.ASSIGNMENT_MISS,
        EventKind.VOLUNTEER_VERIFY,
        EventKind.VOLUNTEER_AMEND,
        EventKind.VOLUNTEER_DUTY,
    }
)
"""After these an order may find somebody it could not find before."""


class Waker:
    """One thread that sleeps until rung, waits a moment for more, and dispatches every city."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._rung = threading.Event()
        self._over = threading.Event()
        self._cause = ""
        self._thread = threading.Thread(target=self._watch, name="dispatch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ring(self, cause: str) -> None:
        self._cause = self._cause or cause
        self._rung.set()

    def stop(self) -> None:
        self._over.set()
        self._rung.set()
        self._thread.join(timeout=10)

    def _watch(self) -> None:
        while True:
            self._rung.wait()
            self._over.wait(GATHER_SECONDS)
            if self._over.is_set():
                return
            self._rung.clear()
            cause, self._cause = self._cause, ""
            self._dispatch(cause)

    def _dispatch(self, cause: str) -> None:
        with self.app.app_context():
            try:
                run_all(cause)
            except Exception:
                log.exception("the dispatch failed; the next tick tries again")


def hear(notice: Notice) -> None:
    """The journal's listener. In a process that does not tick, the one that does finds out by `overlooked`."""
    waker = current_app.extensions.get(EXTENSION)
    if waker is not None and notice.kind in WAKING and notice.subject_type != "notification":
        waker.ring(str(notice.kind))


def overlooked() -> bool:
    """Whether something that should wake a dispatch has happened to a waiting order since the last run began."""
    begun = select(func.max(DispatchRun.started_at)).where(
        DispatchRun.mode == RunMode.INSTANT,
        DispatchRun.started_at <= now(),  # before the clock was set back a run may have begun later than now
    )
    last = db.session.scalar(begun)
    news = (
        select(Event.number)
        .join(Order, Order.id == Event.order_id)
        .where(Order.status.in_(ORDER_SEEKING), Event.kind.in_(WAKING))
    )
    if last is not None:
        news = news.where(Event.at > last)
    return db.session.scalar(news.limit(1)) is not None
