"""How an order finds its people just now: the mode, the wave, who thinks about it, and when the next step is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from app.dispatching import answering
from app.kernel.settings import order_setting
from dispatch.offering import Mode
from models import Offer, Order, db
from models.states import OFFER_LIVE, ORDER_SEEKING


@dataclass(frozen=True)
class Asking:
    """`why` is the last step's reason (dispatch.offering.Why, or quiet, digest); empty before the first look.

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
    if order.status not in ORDER_SEEKING:
        return None
    mode = str(order_setting(order, "offering_mode"))
    if not order_setting(order, "auto_dispatch"):
        mode = str(Mode.HAND)
    asked = select(func.count()).where(Offer.order_id == order.id)
    waiting = db.session.scalar(asked.where(Offer.status.in_(OFFER_LIVE))) or 0
    known = order.asking or {}
    look_again = known.get("look_again")
    return Asking(
        mode=mode, why=known.get("why", ""), wave=int(known.get("wave", 0)), waiting=waiting,
        asked=db.session.scalar(asked) or 0, chance=float(known.get("chance", 0.0)),
        look_again=datetime.fromtimestamp(look_again, UTC) if look_again else None,
        is_boosted=bool(known.get("boost")), learnt=answering.of_city(order.office.lineage[0])[1],
    )  # fmt: skip
