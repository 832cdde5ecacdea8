"""Letters to endpoints outside: none is lost, whatever dies, and every repeat can be known; and how fast they go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from app.connections.letters import new_secret
from app.connections.posting import LEASE
from app.kernel.clock import now
from app.kernel.transaction import command
from app.notices.service import tell
from models import Delivery, Notification, Order, Outbox, Webhook, db
from models.kinds import DeliveryState, NoticeKind
from tests.connections.receiver import Receiver, failing, receiving
from tests.factories import World
from tests.integrity import places, servers
from tests.integrity.bars import Bar, Part, Size

REFUSED = 0.3
PATIENCE = 420.0
"""Seconds until what has not arrived counts as lost; a lease lasts 20 s, a pause grows from 5 s."""


def run(size: Size) -> Iterator[Bar]:
    for name in places.available():
        yield _killed(name, size)
        yield _fast(name, size)


def _killed(name: str, size: Size) -> Bar:
    """A receiver that refuses every third letter, and a server that is killed again and again meanwhile."""
    count, kills = size.pick(100, 1000), size.pick(1, 6)
    with receiving() as receiver, places.database(name) as url:
        receiver.answer = failing(REFUSED, size.seed)
        with servers.site(name, webs=1, url=url, WEBHOOK_HOSTS=receiver.host) as site:
            told = _prepared(receiver, count)
            begun = time.monotonic()
            for number in range(1, kills + 1):
                _until(lambda share=number / (kills + 1): len(receiver.accepted()) >= share * len(told))
                site.children["web"].kill()
                site.children["web"].start()
            _until(lambda: set(told) <= set(receiver.accepted()) and not _waiting())
            seconds = time.monotonic() - begun
            states, without = _states(), _without_outbox()
    accepted = receiver.accepted()
    parts = [
        Part("lost", len(set(told) - set(accepted)), "==", 0),
        Part("unknown ids", len(set(accepted) - set(told)), "==", 0),
        Part("bad signatures", receiver.forged, "==", 0),
        Part("not delivered in the table", len(told) - states.get(DeliveryState.DELIVERED, 0), "==", 0),
        Part("notices without one outbox row", without, "==", 0),
    ]
    more = {
        "notices": len(told), "kills": kills, "refused": REFUSED, "repeats": accepted.total() - len(accepted),
        "seconds": round(seconds, 1), "lease_seconds": LEASE.total_seconds(),
    }  # fmt: skip
    return Bar(f"letters through kill -9 and a failing receiver, {name}", parts, more)


def _fast(name: str, size: Size) -> Bar:
    """How many letters a second one process carries to one willing receiver, and that the tick is not held up."""
    count = size.pick(200, 2000)
    with (
        receiving() as receiver,
        places.database(name) as url,
        servers.site(name, webs=1, url=url, WEBHOOK_HOSTS=receiver.host) as site,
    ):
        site.children["web"].wait_until_up()
        told = _prepared(receiver, count)
        _until(lambda: len(receiver.letters) > 0)
        begun, before = time.monotonic(), len(receiver.letters)
        _until(lambda: set(told) <= set(receiver.accepted()))
        seconds = time.monotonic() - begun
    rate = (len(told) - before) / max(seconds, 0.001)
    return Bar(f"letters a second, {name}", [Part("letters/s", round(rate), ">=", 10)], {"notices": len(told)})


@command
def _endpoint(world: World, receiver: Receiver, account_id: str) -> None:
    row = Webhook(
        office_id=world.ids["city"], name="receiver", url=receiver.url, kinds=[], created_by_id=account_id,
        created_at=now(), failures=0,
    )  # fmt: skip
    row.secret = new_secret()
    receiver.secrets.append(row.secret)
    db.session.add(row)


def _prepared(receiver: Receiver, count: int) -> list[str]:
    """An endpoint, and so many notices of one order; their ids."""
    world = World().build()
    resident, administrator = world.resident(), world.administrator()
    _endpoint(world, receiver, str(administrator.account_id))
    order_id = world.open_order(resident, approve=False).id
    for _batch in range(count // 50):
        _tell(order_id, str(resident.account_id))
    told = list(db.session.scalars(select(Notification.id)))
    db.session.rollback()  # what comes now takes minutes
    return told


@command
def _tell(order_id: str, account_id: str) -> None:
    order = db.session.get_one(Order, order_id)
    for _number in range(50):
        tell(account_id, NoticeKind.ORDER_APPROVED, order=order)


def _until(condition: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


def _waiting() -> int:
    unspread = select(func.count()).select_from(Outbox).where(Outbox.spread_at.is_(None))
    waiting = select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.WAITING)
    count = (db.session.scalar(unspread) or 0) + (db.session.scalar(waiting) or 0)
    db.session.rollback()
    return count


def _states() -> dict[str, int]:
    return dict(db.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())  # type: ignore[arg-type]  # rows of two


def _without_outbox() -> int:
    """Notices that have no outbox row, or one that nobody has looked at."""
    found = select(func.count()).select_from(Notification).outerjoin(Outbox).where(Outbox.spread_at.is_(None))
    return db.session.scalar(found) or 0
