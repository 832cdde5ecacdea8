"""The board as columns by stage, over what the list was narrowed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.oversight.board.queries import REVIEWING, Waiting, Wanted, searched
from app.oversight.scope import Scope
from models import Office, Order, db
from models.states import OrderStatus

CARDS = 30
"""Cards in a column; the list on the left has them all."""
S = OrderStatus
COLUMNS: dict[str, tuple[Any, str, tuple[OrderStatus, ...]]] = {
    "review": (_l("等审核"), "wait", REVIEWING),
    "open": (_l("待派"), "bad", (S.UNFILLED, S.OPEN)),
    "offering": (_l("等答复"), "busy", (S.OFFERING,)),
    "staffed": (_l("有人接了"), "brand", (S.STAFFED,)),
    "serving": (_l("服务中"), "good", (S.SERVING,)),
}
"""Name → its word, its tone, the statuses that stand in it; the order in which an order moves along."""


@dataclass(frozen=True)
class Card:
    """An order in a column; `risk` only while it waits."""

    row: Any
    risk: Any = None
    filled: int = 0


@dataclass(frozen=True)
class Stage:
    name: str
    word: str
    tone: str
    cards: Sequence[Card]
    total: int


def stages(scope: Scope, wanted: Wanted, waiting: Sequence[Waiting]) -> list[Stage]:
    """All columns; `waiting` are the waiting orders that were asked for, by risk."""
    found = []
    for name, (word, tone, statuses) in COLUMNS.items():
        if name in ("staffed", "serving"):
            cards, total = _under_way(scope, wanted, statuses[0])
        else:
            held = [one for one in waiting if one.row.status in statuses]
            cards, total = [Card(one.row, one.risk, one.filled) for one in held[:CARDS]], len(held)
        found.append(Stage(name, str(word), tone, cards, total))
    return found


def _under_way(scope: Scope, wanted: Wanted, status: OrderStatus) -> tuple[list[Card], int]:
    """Orders somebody has accepted, the next one first; filters by what waits have nothing to say about them."""
    if wanted.status or wanted.alert:
        return [], 0
    columns = (
        Order.id, Order.number, Order.title, Order.status, Order.urgency, Order.window_from, Order.window_until,
        Order.positions_wanted, Office.name.label("office_name"), Office.path,
    )  # fmt: skip
    found = select(*columns).join(Office, Order.office_id == Office.id).where(Order.status == status, scope.holds())
    found = searched(found, wanted)
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = db.session.execute(found.order_by(Order.window_from).limit(CARDS)).all()
    return [Card(row, filled=row.positions_wanted) for row in rows], total
