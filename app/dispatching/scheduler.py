"""Who ticks: APScheduler in one process. What is due stands in the rows, so a process that stops loses nothing."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from typing import Any

import psycopg
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy.engine import URL

from app.backups import upkeep
from app.connections.courier import Courier
from app.dispatching import answering, timers, wake
from app.dispatching.solver import solver
from app.dispatching.wake import Waker
from app.integrity import doctor
from app.kernel.clock import LOCAL, now
from app.privacy import nightly
from models import db

log = logging.getLogger(__name__)
LOOKS_EVERY = 1.0
"""Seconds of real time between two looks at the clock."""
ADVISORY_LOCK = 0x11A11
"""The number of our lock in PostgreSQL: whoever holds it is the one that ticks."""

DEAD_WITHIN_SECONDS = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
"""A leader whose machine is gone must not keep the lock: the server notices within 25 s instead of hours."""


class Leader:
    """Whether this process is the one that ticks. On SQLite there is only one; on PostgreSQL a session lock decides."""

    def __init__(self, url: URL) -> None:
        self._address = None if url.get_backend_name() == "sqlite" else url.set(drivername="postgresql")
        self._connection: psycopg.Connection[Any] | None = None

    def leads(self) -> bool:
        """Ask for the lock, or see that the connection that holds it still lives."""
        if self._address is None:
            return True
        try:
            if self._connection is not None:
                self._connection.execute("SELECT 1")
                return True
            return self._apply()
        except psycopg.Error as error:
            log.warning("not leading: %s", error)
            self.resign()
            return False

    def _apply(self) -> bool:
        address = self._address.render_as_string(hide_password=False) if self._address is not None else ""
        connection = psycopg.connect(address, autocommit=True, connect_timeout=5, options=DEAD_WITHIN_SECONDS)
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (ADVISORY_LOCK,)).fetchone()
        if not (row and row[0]):
            connection.close()
            return False
        self._connection = connection
        log.info("this process ticks")
        return True

    def resign(self) -> None:
        """Let go, so that another process may take over at once."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class Round(IntervalTrigger):
    """Every so often. Rounds missed while the machine slept or was set forward by months are not counted one by one."""

    def __init__(self, **span: int) -> None:
        super().__init__(**span, timezone=LOCAL)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        following: datetime = super().get_next_fire_time(previous_fire_time, now)
        return max(following, now) if previous_fire_time is not None else following


class Rewinder:
    """Looks whether the machine's clock was set back: jobs would wait until the old time comes again.

    They are due at once instead; what is early by its row is left alone by its verb.
    """

    def __init__(self, jobs: BackgroundScheduler) -> None:
        self.jobs, self._last = jobs, now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _watch(self) -> None:
        while not self._over.wait(LOOKS_EVERY):
            self.look()

    def look(self) -> None:
        """Once: compare the time with that of the last look."""
        moment, self._last, before = now(), now(), self._last
        if moment >= before:
            return
        log.warning("the clock went back by %s", before - moment)
        for job in self.jobs.get_jobs():
            job.modify(next_run_time=moment)


class Clockwork:
    """The ticking of one process: due rows every second, an hourly sweep, the evening's plans, and the dispatch."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.leader = Leader(db.engine.url)
        self.waker = Waker(app)
        self.courier = Courier(app)
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self.jobs = BackgroundScheduler(timezone=LOCAL, daemon=True, job_defaults=defaults)
        self.jobs.add_job(self.tick, Round(seconds=1), id="tick")
        self.jobs.add_job(self.sweep, Round(hours=1), id="sweep")
        self.jobs.add_job(self.plan, Round(minutes=1), id="plan")
        self.jobs.add_job(self.learn, Round(hours=1), id="learn")
        self.jobs.add_job(self.watch, Round(minutes=1), id="watch")
        self.jobs.add_job(self.clear, Round(minutes=10), id="clear")
        self.jobs.add_job(self.keep_up, Round(minutes=5), id="upkeep")
        self.rewinder = Rewinder(self.jobs)

    def start(self) -> Clockwork:
        self.app.extensions[wake.EXTENSION] = self.waker
        self.waker.start()
        self.courier.start()
        self.jobs.start()
        self.rewinder.start()
        return self

    def stop(self) -> None:
        self.app.extensions.pop(wake.EXTENSION, None)
        self.rewinder.stop()
        if self.jobs.running:
            self.jobs.shutdown(wait=True)
        self.waker.stop()
        self.courier.stop()
        self.leader.resign()

    def tick(self) -> None:
        if not self.leader.leads():
            return
        self.courier.ring()
        with self.app.app_context():
            try:
                if timers.tick() or wake.overlooked():
                    self.waker.ring("tick")
            except Exception:
                db.session.rollback()
                log.exception("the tick failed; the next one comes in a second")

    def plan(self) -> None:
        """Tomorrow, for every office whose evening has come."""
        if self.leader.leads():
            with self.app.app_context():
                timers.plan_tomorrow()

    def learn(self) -> None:
        """Once a night: how likely answers are, from the offers there were."""
        if self.leader.leads():
            with self.app.app_context():
                answering.learn_where_due()

    def sweep(self) -> None:
        if self.leader.leads():
            with self.app.app_context():
                timers.sweep()

    def watch(self) -> None:
        """Whether the system itself is well."""
        if self.leader.leads():
            with self.app.app_context():
                try:
                    doctor.watch()
                except Exception:
                    db.session.rollback()
                    log.exception("nobody could look after the system; the next try is in a minute")

    def clear(self) -> None:
        """Once a night: whatever has been kept long enough, and people whose wish to be forgotten is due."""
        if self.leader.leads():
            with self.app.app_context():
                nightly.watch()

    def keep_up(self) -> None:
        """Anchors and backups, when they are due."""
        if self.leader.leads():
            with self.app.app_context():
                try:
                    upkeep.keep_up()
                except Exception:
                    db.session.rollback()
                    log.exception("no anchor or no backup; the next try is in five minutes")


def start(app: Flask) -> Clockwork:
    """Begin to tick and to dispatch in this process."""
    solver(app).warm()
    return Clockwork(app).start()
