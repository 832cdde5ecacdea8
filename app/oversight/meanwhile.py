"""Two coordinators at once: what a colleague did to an order since somebody's page of it was drawn."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.kernel.access import Actor
from app.kernel.errors import ChangedMeanwhile
from app.oversight import sentences
from app.words import when
from models import Assignment, Event, Offer, Order, db
from models.kinds import EventKind

K = EventKind
NO_CHANGE = frozenset(
    {K.OFFER_SEE, K.OFFER_SEND, K.REVEAL_ASK, K.REVEAL_APPROVE, K.REVEAL_SHOW, K.RESERVE_KEEP, K.RESERVE_LEAVE}
)
"""Steps that leave what one was about to decide as it was."""
SHOWN = 8


@dataclass(frozen=True)
class Change:
    who: str
    words: str


def changes(order: Order, since: int, actor: Actor) -> list[Change]:
    """What other people did to the order after this version of it, newest first; for the desk."""
    found = (
        select(Event.version)
        .where(Event.order_id == order.id, Event.version > since, Event.actor_id.is_not(None))
        .where(Event.actor_id != actor.account_id, Event.kind.not_in(NO_CHANGE))
        .order_by(Event.version.desc())
        .limit(SHOWN)
    )
    lines = sentences.timeline(order, actor)  # one for every version, newest first
    return [_change(lines[order.version - version]) for version in db.session.scalars(found) if version is not None]


def _change(line: sentences.Line) -> Change:
    told = " · ".join(part for part in (line["text"], line["detail"]) if part)
    return Change(line["who"], f"{when(line['at'])} {line['who']} {told}")


def refuse_if_changed(order: Order, since: int, actor: Actor) -> None:
    """Raise ChangedMeanwhile, saying by whom and how, where a colleague was quicker."""
    if order.version <= since:
        return
    found = changes(order, since, actor)
    if found:
        raise ChangedMeanwhile(
            who=found[0].who,
            changes=[one.words for one in found],
            version=order.version,
            page=f"/desk/orders/{order.id}",
        )


def order_behind(ids: dict[str, str]) -> Order | None:
    """The order that a door's address is about, by whatever id it names."""
    order_id = ids.get("order_id")
    for name, table in (("offer_id", Offer), ("assignment_id", Assignment)):
        if order_id is None and name in ids:
            order_id = db.session.scalar(select(table.order_id).where(table.id == ids[name]))
    return db.session.get(Order, order_id) if order_id else None
