"""The reasons of one order for the desk: who was asked and on what that rests, why places are open, what would help."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.dispatching import queries as dispatching
from app.kernel.access import Actor, may
from app.oversight.runs import language
from models import Order, Volunteer, db


@dataclass(frozen=True)
class Step:
    """Something that would fill the order. `href` leads to where it is done, `seconds` is how much later it may end;
    with neither it is for people to talk over."""

    words: list[str]
    href: str = ""
    label: str = ""
    seconds: int = 0


@dataclass(frozen=True)
class OrderReasons:
    """`asked`: (name, sentences) of the latest people asked by a run."""

    asked: list[tuple[str, list[str]]]
    open_words: list[str]
    steps: list[Step]
    fills_now: bool


def reasons(order: Order, actor: Actor) -> OrderReasons:
    """Asked of the engine now; it may take a moment in a large city."""
    found = dispatching.reasons(order, actor, language())
    names = _names([one.volunteer_id for one in found.asked], actor)
    asked = [(names.get(one.volunteer_id) or _("别的站点的志愿者"), one.words) for one in found.asked]
    return OrderReasons(asked, found.open_words, [_step(one, order, actor) for one in found.helps], found.fills_now)


def _names(ids: list[str], actor: Actor) -> dict[str, str]:
    rows = db.session.scalars(select(Volunteer).where(Volunteer.id.in_(ids)))
    return {row.id: row.name for row in rows if may(actor, "volunteer.see", row)}


def _step(one: dispatching.Help, order: Order, actor: Actor) -> Step:
    remedy = one.remedy
    if remedy.kind == "later":
        return Step(one.words, seconds=remedy.amount)
    if remedy.kind == "radius" and _names([remedy.who[0]], actor):
        return Step(one.words, f"/desk/orders/{order.id}?volunteer={remedy.who[0]}", _("问问这位志愿者"))
    if remedy.kind == "move":
        other = db.session.get(Order, remedy.who[0])
        if other is not None and may(actor, "board.see", other):
            return Step(one.words, f"/orders/{other.id}/amendment", _("改那张单的时间"))
    return Step(one.words)
