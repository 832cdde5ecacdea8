"""How an order finds its people just now: the mode, the wave, who thinks about it, and when the next step is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from app.dispatching import answering
from app.dispatching.pace import Kept
from dispatch.offering import Mode
from models import Offer, Order, db
from models.states import OFFER_LIVE, ORDER_SEEKING


@dataclass(frozen=True)
class Asking:
    """`why` is the last step's reason (dispatch.offering.Why or Held); empty before the first look.

    `chance` that those asked fill the places within the wave's time; `look_again` may be past, by a minute at most.
    `learnt`: the version of the answer model the chance is from, 0 for the assumption made before there is data.
    """

    mode: str
    why: str = ""
    wave: int = 0
    waiting: int = 0
    asked: int = 0
    chance: float = 0.0
    look_again: datetime | None = None
    is_boosted: bool = False
    learnt: int = 0


def asking_of(order: Order) -> Asking | None:
    """Where the order's asking stands; None while it looks for nobody."""
    return askings([order]).get(order.id)


def askings_of(ids: Sequence[str]) -> dict[str, Asking]:
    """The same for the orders of a list that look for somebody, in as many queries for fifty as for one."""
    if not ids:
        return {}
    found = select(Order).where(Order.id.in_(ids), Order.status.in_(ORDER_SEEKING))
    found = found.options(joinedload(Order.office), joinedload(Order.item))
    return askings(list(db.session.scalars(found)))


def askings(orders: list[Order]) -> dict[str, Asking]:
    """Where the asking of each of these orders stands; those that look for nobody are left out."""
    seeking = [order for order in orders if order.status in ORDER_SEEKING]
    if not seeking:
        return {}
    kept, told = Kept(("offering_mode", "auto_dispatch")), _told([order.id for order in seeking])
    learnt = {city: answering.of_city(city)[1] for city in {order.office.lineage[0] for order in seeking}}
    return {
        order.id: _asking(order, kept, *told.get(order.id, (0, 0)), learnt[order.office.lineage[0]])
        for order in seeking
    }


def _told(ids: list[str]) -> dict[str, tuple[int, int]]:
    """Order id → (people asked, those of them who have not answered)."""
    waiting = func.sum(case((Offer.status.in_(OFFER_LIVE), 1), else_=0))
    rows = select(Offer.order_id, func.count(), waiting).where(Offer.order_id.in_(ids)).group_by(Offer.order_id)
    return {order_id: (asked, live) for order_id, asked, live in db.session.execute(rows)}


def _asking(order: Order, kept: Kept, asked: int, waiting: int, learnt: int) -> Asking:
    by_hand = not kept.of_order("auto_dispatch", order)
    known = order.asking or {}
    look_again = known.get("look_again")
    return Asking(
        mode=str(Mode.HAND) if by_hand else str(kept.of_order("offering_mode", order)), why=known.get("why", ""),
        wave=int(known.get("wave", 0)), waiting=waiting, asked=asked, chance=float(known.get("chance", 0.0)),
        look_again=datetime.fromtimestamp(look_again, UTC) if look_again else None,
        is_boosted=bool(known.get("boost")), learnt=learnt,
    )  # fmt: skip
