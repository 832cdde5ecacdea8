"""Who of the desk has an order open just now. Kept for a minute at most and never written down: a courtesy, no record.

With one server process it is kept in memory; where several share a bus (Redis or Valkey), there. While the bus is down
each process knows its own people only.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from importlib import import_module
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.extensions import socketio
from app.kernel.access import Actor
from app.kernel.clock import now
from models import Account, db

KEEPS_SECONDS = 45
"""How long a look counts; an open page says so again every 20 seconds."""
MOST = 5
MOST_ORDERS = 2000
log = logging.getLogger(__name__)
Looks = dict[str, float]
"""Account id → until when (seconds since 1970). Names are looked up when they are shown."""


class Here:
    """Looks in this process."""

    def __init__(self) -> None:
        self._looks: defaultdict[str, Looks] = defaultdict(dict)
        self._lock = threading.Lock()

    def note(self, order_id: str, account_id: str, until: float) -> None:
        with self._lock:
            if len(self._looks) > MOST_ORDERS:
                self._looks.clear()
            self._looks[order_id][account_id] = until

    def looks(self, order_id: str) -> Looks:
        with self._lock:
            return dict(self._looks.get(order_id, {}))


class Shared(Here):
    """Looks of all processes, on the bus."""

    def __init__(self, address: str) -> None:
        super().__init__()
        redis = import_module("redis")
        self._failure = redis.RedisError
        self._line: Any = redis.Redis.from_url(address, socket_timeout=0.5, socket_connect_timeout=0.5)

    def note(self, order_id: str, account_id: str, until: float) -> None:
        super().note(order_id, account_id, until)
        try:
            self._line.hset(_key(order_id), account_id, until)
            self._line.expire(_key(order_id), KEEPS_SECONDS)
        except (self._failure, OSError) as error:
            log.info("nobody elsewhere hears who looks: %s", type(error).__name__)

    def looks(self, order_id: str) -> Looks:
        try:
            found = self._line.hgetall(_key(order_id))
        except (self._failure, OSError):
            return super().looks(order_id)
        return {key.decode(): float(value) for key, value in found.items()}


def _key(order_id: str) -> str:
    return f"linli:looking:{order_id}"


def _kept() -> Here:
    kept: Here | None = current_app.extensions.get("linli_presence")
    if kept is None:
        address = str(current_app.config["LINLI"].message_queue or "")
        kept = Shared(address) if address.startswith(("redis://", "rediss://", "unix://")) else Here()
        current_app.extensions["linli_presence"] = kept
    return kept


def arrive(order_id: str, actor: Actor) -> list[str]:
    """Note that somebody of the desk looks at the order, tell the others' pages, and give the others' names."""
    kept, moment, me = _kept(), now().timestamp(), str(actor.account_id)
    there = {key for key, until in kept.looks(order_id).items() if until > moment}
    kept.note(order_id, me, moment + KEEPS_SECONDS)
    if me not in there:
        socketio.emit("changed", {"topic": f"desk:{order_id}", "version": int(moment * 1000)}, to=f"desk:{order_id}")
    others = select(Account.name).where(Account.id.in_(there - {me})).order_by(Account.name).limit(MOST)
    return list(db.session.scalars(others)) if there - {me} else []
