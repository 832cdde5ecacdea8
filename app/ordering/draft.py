"""An order half filled in: what was typed on each page of the wizard, kept in the session (also over a sign-in)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import marshmallow as ma

from app.kernel.access import Actor
from app.kernel.errors import Invalid
from app.offices import queries as offices
from app.ordering import queries, schemas, times
from app.ordering.photos import StoredPhoto
from app.ordering.placing import USUAL_MINUTES, Wish
from models import Office, Order, Resident, SavedAddress, ServiceItem, db

Draft = Mapping[str, Any]
STEPS = ("who", "what", "where", "when", "words")
SHAPES: dict[str, type[ma.Schema]] = {
    "who": schemas.Who, "what": schemas.What, "where": schemas.Where, "when": schemas.When, "words": schemas.Words,
}  # fmt: skip
STEP_OF = {
    "resident_id": "who", "contact_name": "who", "contact_phone": "who", "item": "what", "title": "what",
    "office_id": "where", "address_id": "where", "address": "where", "window_from": "when", "window_until": "when",
    "on": "when", "part": "when", "at": "when", "positions": "words", "languages": "words",
}  # fmt: skip
"""On which page a problem with a field of the whole is mended."""


def first_missing(draft: Draft) -> str | None:
    """The first page not yet answered; None when only the check is left."""
    return next((step for step in STEPS if step not in draft), None)


def before(step: str) -> str | None:
    """The page before this one."""
    order = (*STEPS, "check")
    place = order.index(step)
    return order[place - 1] if place else None


def answer(draft: Draft, step: str) -> dict[str, Any]:
    """What was answered on a page; raises Invalid where it no longer holds."""
    try:
        found: dict[str, Any] = SHAPES[step]().load(draft[step])
    except ma.ValidationError as error:
        raise Invalid(error.normalized_messages()) from error
    return found


def item_of(draft: Draft) -> ServiceItem | None:
    """The item chosen, if it is one of the menu."""
    code = (draft.get("what") or {}).get("item")
    return offices.item(code) if code and code != schemas.OWN_WORDS else None


def minutes_of(draft: Draft) -> int:
    item = item_of(draft)
    return item.duration_minutes if item is not None else USUAL_MINUTES


def served_id(draft: Draft, actor: Actor) -> str | None:
    """The resident served, when they are known already."""
    who = (draft.get("who") or {}).get("who")
    return actor.resident_id if who == "me" else None if who in (None, "other") else str(who)


def pictures(draft: Draft) -> list[StoredPhoto]:
    return [StoredPhoto(**photo) for photo in draft.get("photos", [])]


def wish(draft: Draft, actor: Actor) -> Wish:
    """The whole, as the service takes it; raises Invalid naming the field that no longer holds."""
    what = answer(draft, "what")
    own_words = what["item"] == schemas.OWN_WORDS
    needs = {name: value for name, value in answer(draft, "words").items() if name not in ("drop", "stay")}
    parts = {
        **_who(answer(draft, "who"), actor),
        **_where(answer(draft, "where"), actor),
        **needs,
        "item_code": None if own_words else what["item"],
        "title": what["title"] if own_words else "",
        **_when(draft),
    }
    return cast(Wish, parts)  # the pages' schemas have checked each


def _when(draft: Draft) -> dict[str, Any]:
    """As soon as possible is counted from the moment the order is placed, not from when it was said."""
    begins, ends = span(draft)
    return {"as_soon": True} if answer(draft, "when")["day"] == "now" else {"window_from": begins, "window_until": ends}


def span(draft: Draft) -> tuple[datetime, datetime]:
    """The window meant, seen from this moment."""
    when = answer(draft, "when")
    return times.window(when["day"], when.get("on"), when.get("part"), when.get("at"), minutes_of(draft))


def _who(who: dict[str, Any], actor: Actor) -> dict[str, Any]:
    if who["who"] == "other":
        return {"on_behalf": True, "contact_name": who["name"], "contact_phone": who["phone"]}
    return {} if who["who"] == "me" else {"resident_id": who["who"]}


def _where(where: dict[str, Any], actor: Actor) -> dict[str, Any]:
    place = where["place"]
    if place == "new":
        office = offices.office(where["office_id"])
        address = f"{offices.place_name(office)}{where['house']}" if office is not None else ""
        kept = {name: where[name] for name in ("office_id", "access_notes", "remember")}
        return {**kept, "address": address}
    if place.startswith("order-"):
        return place_of_order(queries.order_seen(place.removeprefix("order-"), actor, "order.see_own"))
    return {"address_id": place, "access_notes": where["access_notes"]}


def place_of_order(order: Order) -> dict[str, Any]:
    """Where an earlier order was, to go there again."""
    return {name: getattr(order, name) for name in ("office_id", "address", "lat", "lon", "access_notes")}


def office_of(draft: Draft, actor: Actor) -> Office | None:
    """The community the order would belong to, as far as it is known."""
    where = draft.get("where")
    if not where:
        return None
    place = where.get("place", "new")
    if place == "new":
        return offices.office(where.get("office_id"))
    if place.startswith("order-"):
        return queries.order_seen(place.removeprefix("order-"), actor, "order.see_own").office
    saved = db.session.get(SavedAddress, place)
    return saved.office if saved is not None and saved.resident_id == served_id(draft, actor) else None


def again(order: Order, actor: Actor) -> dict[str, Any]:
    """A draft that asks for the same as an old order; only the time is open."""
    resident: Resident = order.resident
    own_item = order.item is None
    needs: dict[str, Any] = {"words": order.words, "languages": list(order.languages)}
    needs |= {name: "1" for name in ("wants_same_volunteer", "needs_wheelchair") if getattr(order, name)}
    needs |= {"sex_wish": order.sex_wish} if order.sex_wish else {}
    return {
        "who": {"who": "me" if resident.id == actor.resident_id else resident.id},
        "what": {"item": schemas.OWN_WORDS, "title": order.title} if own_item else {"item": order.item.code},  # type: ignore[union-attr]  # it has one here
        "where": {"place": f"order-{order.id}"},
        "words": needs,
    }
