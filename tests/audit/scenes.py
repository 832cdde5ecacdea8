"""A journal worth tampering with: several offices, several kinds of rows, some of them blanked."""

from __future__ import annotations

from typing import Any

from app.audit import service
from app.kernel.access import SYSTEM
from app.kernel.journal import record
from app.kernel.lifecycle import move
from app.kernel.locks import locked_order
from app.kernel.redaction import redact
from app.kernel.transaction import command
from models import Account, Event, Office, Order, db
from models.kinds import EventKind
from models.states import OrderMove

STEPS = (OrderMove.OFFER, OrderMove.WAIT)


@command
def walk(order_id: str, rounds: int = 1) -> None:
    """Look for somebody and find nobody, so many times: two journal rows each."""
    for _ in range(rounds):
        for step in STEPS:
            move(locked_order(order_id), step, actor=SYSTEM, tries=3, of="青年社区")


@command
def note(order_id: str, words: str, actor: Any) -> int:
    """A coordinator's words about an order; gives the row's number."""
    row = record(locked_order(order_id), EventKind.ORDER_NOTE, actor=actor, words=words)
    db.session.flush()
    return row.number


@command
def sign_in(account_id: str) -> None:
    """A row that belongs to no office."""
    record(db.session.get(Account, account_id), EventKind.ACCOUNT_SIGN_IN, actor=SYSTEM)


@command
def blank(order_id: str, numbers: list[int]) -> None:
    rows = db.session.scalars(db.select(Event).where(Event.number.in_(numbers))).all()
    redact(db.session.get(Order, order_id), rows, actor=SYSTEM, names=True, keep=lambda words: {})


def journal(world: Any) -> list[str]:
    """Three offices' orders with some past, a row without office, two blanked rows, everything anchored but the end."""
    offices = [world.ids[name] for name in ("station", "neighbour", "far")]
    orders = [world.open_order(office=office).id for office in offices]
    desk = world.coordinator()
    for order_id in orders:
        walk(order_id)
    sign_in(str(desk.account_id))
    numbers = [note(orders[0], words, desk) for words in ("王奶奶住三楼", "没有电梯", "下午来")]
    blank(orders[0], numbers[:2])
    service.anchor()
    for order_id in orders:
        walk(order_id)
    service.anchor()
    walk(orders[1])
    return orders


def office_of(order_id: str) -> Office:
    return db.session.get(Order, order_id).office
