"""Reads about orders: who sees what of them, one's own, and what a neighbour asked for already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.dispatching import queries as dispatching
from app.kernel import clock
from app.kernel.access import WATCH, Actor, may, require, within
from app.kernel.errors import Invalid, NotFound
from app.language import current_language
from app.offices import queries as offices
from app.privacy.queries import Level, view_of
from models import Assignment, Event, Office, Order, Resident, SavedAddress, ServiceItem, db
from models.kinds import BY_OFFICE, EventKind, Role
from models.states import ASSIGNMENT_BUSY, ASSIGNMENT_HOLDING, ORDER_FINAL, ORDER_LIVE, OrderStatus

ORDER_DONE = frozenset({OrderStatus.SERVED, OrderStatus.RATED, OrderStatus.CLOSED, OrderStatus.DISPUTED})
PAGE = 20


# ---------- one order, as far as this person may see it ----------


def order_seen(order_id: str, actor: Actor, what: str = "order.see") -> Order:
    """The order, for whoever may know of it; NotFound for everybody else."""
    order = db.session.get(Order, order_id) if order_id.isalnum() else None
    if order is None:
        raise NotFound()
    require(actor, what, order)
    return order


def is_seen(order_id: str, actor: Actor) -> bool:
    """Whether the actor may know of the order (still: it may have been handed on)."""
    order = db.session.get(Order, order_id)
    return order is not None and may(actor, "order.see", order)


def id_of(key: str, actor: Actor) -> str:
    """The id of the order with this number or id inside the coordinator's subtree; Invalid (`into`) for any other."""
    found = db.session.scalar(select(Order).where(or_(Order.number == key, Order.id == key)))
    if found is None or not may(actor, "order.review", found):
        raise Invalid({"into": [_("没有这个编号的单子。")]})
    return found.id


_COARSE = (
    "id", "number", "version", "status", "title", "office", "item", "window_from", "window_until", "duration_minutes",
    "positions_wanted", "languages", "sex_wish", "urgency", "is_now", "created_at", "opened_at", "staffed_at",
    "served_at", "closed_at",
)  # fmt: skip
_PERSONAL = {
    "words": "words", "address": "address", "access_notes": "access_notes", "contact_name": "contact_name",
    "contact_phone": "contact_phone", "needs_wheelchair": "needs", "photos": "photos", "reason": "reason",
    "start_code": "start_code",
}  # fmt: skip
"""Fields that the privacy table rules, with the row that rules each."""


def visible_order(order: Order, actor: Actor) -> dict[str, Any]:
    """The order as this person may see it, by the privacy table: plain, masked or coarse, or left out.

    `masked` names the fields that are not the value itself.
    """
    seen = view_of(order, actor)
    shown = {name: getattr(order, name) for name in _COARSE}
    shown["skills"] = sorted(row.skill.code for row in order.skills)
    shown["positions_taken"] = taken(order)
    shown |= {name: getattr(seen, name) for name, row in _PERSONAL.items() if seen.level(row) != Level.NONE}
    if seen.place is not None:
        shown["lat"], shown["lon"] = seen.place
    if seen.plain("needs"):
        shown |= {"channel": order.channel, "wants_same_volunteer": order.wants_same_volunteer}
    if seen.hidden:
        shown["masked"] = seen.hidden
    return shown


def taken(order: Order) -> int:
    """How many of its positions have somebody."""
    held = select(func.count()).where(Assignment.order_id == order.id, Assignment.status.in_(ASSIGNMENT_HOLDING))
    return db.session.scalar(held) or 0


def coming(order: Order) -> list[Assignment]:
    """Who is coming or at work; afterwards, who came."""
    wanted = ASSIGNMENT_HOLDING if order.status in ORDER_DONE else ASSIGNMENT_BUSY
    held = select(Assignment).where(Assignment.order_id == order.id, Assignment.status.in_(wanted))
    return list(db.session.scalars(held.options(selectinload(Assignment.volunteer)).order_by(Assignment.accepted_at)))


def waits_for_start(order: Order) -> bool:
    """Somebody who accepted has not begun yet: the start code is still needed."""
    due = select(Assignment.id).where(
        Assignment.order_id == order.id, Assignment.status.in_(ASSIGNMENT_BUSY), ~Assignment.visit.has()
    )
    return db.session.scalar(due.limit(1)) is not None


def events_seen(order: Order, actor: Actor) -> list[Event]:
    """What happened to the order: all of it for the desk and the supervisor, the plain steps for everybody else."""
    found = select(Event).where(Event.order_id == order.id).order_by(Event.version)
    if not actor.is_system and not actor.covers(order.office.path, *WATCH):
        inner = (EventKind.ORDER_NOTE, EventKind.ORDER_UNPLACED, EventKind.ORDER_LATE, EventKind.ORDER_ESCALATE)
        found = found.where(Event.kind.startswith("order."), Event.kind.not_in(inner))
    return list(db.session.scalars(found))


# ---------- lists ----------


def asked_by(actor: Actor) -> ColumnElement[bool]:
    """SQL: the order is one the actor asked for in person; nothing for somebody who is not signed in."""
    in_person = and_(Order.requester_id == actor.account_id, Order.channel.not_in(BY_OFFICE))
    return in_person if actor.account_id is not None else false()


def _mine(actor: Actor) -> ColumnElement[bool]:
    mine: list[ColumnElement[bool]] = [asked_by(actor)]
    if actor.resident_id is not None:
        mine.append(Order.resident_id == actor.resident_id)
    return or_(*mine)


def own_orders(actor: Actor, *, live: bool | None = None) -> Select[Any]:
    """A person's orders (asked by them or for them), newest first; only the unfinished or the finished ones."""
    found = select(Order).where(_mine(actor)).order_by(Order.id.desc())
    if live is None:
        return found
    return found.where(Order.status.in_(ORDER_LIVE if live else ORDER_FINAL))


def current_orders(actor: Actor, most: int = 5) -> list[Order]:
    """What is still going on, what comes first on top."""
    found = own_orders(actor, live=True).order_by(None).order_by(Order.window_from, Order.id)
    return list(db.session.scalars(found.limit(most)))


def visible_orders(actor: Actor, *, mine: bool, status: str | None) -> Select[Any]:
    """The orders a list may show this person: their own, and those of the subtrees they watch over."""
    found = select(Order).join(Office, Office.id == Order.office_id).order_by(Order.id.desc())
    found = found.options(joinedload(Order.office), selectinload(Order.item), selectinload(Order.skills))
    seen = _mine(actor) if mine else _mine(actor) | within(Office.path, actor.paths(*WATCH))
    return found.where(seen, Order.status == status if status else Order.id.is_not(None))


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    rows: list[Order]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def page_of(found: Select[Any], number: int, size: int = PAGE) -> Page:
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    rows = db.session.scalars(found.limit(size).offset((number - 1) * size))
    return Page(list(rows), number, size, total)


# ---------- for those who order ----------


def addresses(resident_id: str | None) -> list[SavedAddress]:
    """The places somebody saved and did not remove."""
    kept = select(SavedAddress).where(SavedAddress.resident_id == resident_id, SavedAddress.removed_at.is_(None))
    return list(db.session.scalars(kept.order_by(SavedAddress.created_at.desc()))) if resident_id else []


def own_address(address_id: str | None, actor: Actor) -> SavedAddress | None:
    saved = db.session.get(SavedAddress, address_id) if address_id else None
    return saved if saved is not None and saved.resident_id == actor.resident_id else None


def office_of_address(address_id: str | None) -> Office | None:
    saved = db.session.get(SavedAddress, address_id) if address_id else None
    return saved.office if saved is not None else None


def served_before(actor: Actor, most: int = 4) -> list[Resident]:
    """Other people this person has ordered for."""
    theirs = exists().where(Order.resident_id == Resident.id, asked_by(actor))
    others = Resident.id != (actor.resident_id or ""), Resident.phone_index.is_not(None)
    found = select(Resident).where(theirs, *others)
    return list(db.session.scalars(found.order_by(Resident.name).limit(most)))


def has_been_served(resident_id: str | None) -> bool:
    """Somebody has come before, so that "the same person again" means something."""
    done = select(Order.id).where(Order.resident_id == resident_id, Order.served_at.is_not(None))
    return resident_id is not None and db.session.scalar(done.limit(1)) is not None


def last_place(actor: Actor, resident_id: str) -> Order | None:
    """The last order this person placed for somebody else: where it was is offered again."""
    found = select(Order).where(asked_by(actor), Order.resident_id == resident_id)
    return db.session.scalar(found.order_by(Order.id.desc()).limit(1))


def residents_by_phone(phone: str, actor: Actor) -> list[Resident]:
    """Residents with this telephone inside the coordinator's subtree."""
    found = select(Resident).join(Office).where(
        Resident.phone.equals(phone), within(Office.path, actor.paths(Role.COORDINATOR))
    )  # fmt: skip
    return list(db.session.scalars(found.options(selectinload(Resident.addresses)).order_by(Resident.created_at)))


@dataclass(frozen=True)
class Similar:
    """Unfinished orders for the same thing, community and day: one's own in full, the neighbours' as a number."""

    own: tuple[Order, ...]
    neighbours: int


def similar(
    actor: Actor,
    *,
    item: ServiceItem | None,
    office_id: str,
    window_from: datetime,
    window_until: datetime,
    resident_id: str | None = None,
) -> Similar:
    """Who asked for the same already. Free-form orders have no kind that could be compared."""
    if item is None:
        return Similar((), 0)
    first, last = clock.local(window_from).date(), clock.local(window_until - timedelta(seconds=1)).date()
    found = select(Order).where(
        Order.item_id == item.id,
        Order.office_id == office_id,
        Order.status.in_(ORDER_LIVE),
        Order.window_from < clock.midnight(last + timedelta(days=1)),
        Order.window_until > clock.midnight(first),
    )
    rows = list(db.session.scalars(found.order_by(Order.window_from)))
    own = [row for row in rows if (row.resident_id == resident_id if resident_id else may(actor, "order.see_own", row))]
    told = tuple(row for row in own if may(actor, "order.see", row))
    return Similar(told, len(rows) - len(own))


def expected_wait(office: Office, item: ServiceItem | None) -> int | None:
    """Minutes it usually takes until somebody accepts, from what really happened; None while there is too little."""
    return dispatching.expected_wait(office, item)


def why_waiting(order: Order) -> list[str]:
    """In one honest sentence why nobody comes yet, for whoever asked; empty while nobody was looked for in vain."""
    if order.status != OrderStatus.OPEN:
        return []
    return dispatching.unplaced_words(order, current_language(), reader="resident")


def what_would_help(order: Order) -> list[str]:
    """What whoever asked could change so that somebody can come."""
    return dispatching.helps_for_resident(order, current_language())


def title_of(order: Order) -> str:
    """What was ordered, in the reader's language where the menu has it."""
    return offices.named(order.item) if order.item is not None and order.title == order.item.name else order.title
