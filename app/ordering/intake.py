"""Reading what a coordinator typed during a call: names instead of keys, matched inside the coordinator's subtree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from flask_babel import gettext as _

from app.kernel.access import Actor
from app.kernel.errors import Invalid
from app.offices import queries as offices
from app.ordering import times
from app.ordering.placing import USUAL_MINUTES, Wish
from models import Office, ServiceItem
from models.kinds import Channel, Role

T = TypeVar("T")


def item_meant(words: str) -> ServiceItem | None:
    """The item with this name or code, or the only one whose name holds these words; None is a free-form order."""
    rows = [item for shelf in offices.menu() for item in shelf.items]
    return _meant(words, [(item, (item.name, item.code, item.name_en)) for item in rows], "item")


def community_meant(words: str, actor: Actor) -> Office:
    """The community of the subtree with this name; Invalid where none or several fit."""
    rows = offices.communities(actor.paths(Role.COORDINATOR))
    named = [(office, (offices.full_name(office), office.name, office.name_en)) for office in rows]
    found = _meant(words, named, "community")
    if found is None:
        raise Invalid({"community": [_("没有找到这个社区，请从列表里选。")]})
    return found


def _meant(words: str, rows: Sequence[tuple[T, tuple[str, ...]]], field: str) -> T | None:
    """Exact names first, then the only one that holds the words; Invalid where several do."""
    asked = words.strip().lower()
    exact = [row for row, names in rows if asked in (name.lower() for name in names)]
    found = exact or [row for row, names in rows if asked and any(asked in name.lower() for name in names)]
    if len(found) > 1:
        raise Invalid({field: [_("有好几个都叫这个，请从列表里选一个。")]})
    return found[0] if found else None


def wish(given: dict[str, Any], actor: Actor) -> Wish:
    """The order as the service takes it; raises Invalid naming the field on the screen."""
    item = item_meant(given["item"])
    minutes = item.duration_minutes if item is not None else USUAL_MINUTES
    begins, ends = times.window(given["day"], given.get("on"), given.get("part"), given.get("at"), minutes)
    kept = ("words", "positions", "languages", "sex_wish", "wants_same_volunteer", "needs_wheelchair", "access_notes")
    parts = {
        **{name: given[name] for name in kept if name in given},
        **_place(given, actor),
        "channel": Channel.PHONE,
        "resident_id": given["resident_id"],
        "contact_name": given["name"],
        "contact_phone": given["phone"],
        "item_code": item.code if item is not None else None,
        "title": "" if item is not None else given["item"][:60],
        "window_from": begins,
        "window_until": ends,
        "remember": True,
        "consent": given["consent"],
    }
    return cast(Wish, parts)  # the schema has checked each


def _place(given: dict[str, Any], actor: Actor) -> dict[str, Any]:
    if given["place"] != "new":
        return {"address_id": given["place"]}
    if not given["house"]:
        raise Invalid({"house": [_("请写门牌号，让志愿者找得到。")]})
    office = community_meant(given["community"], actor)
    return {"office_id": office.id, "address": f"{offices.place_name(office)}{given['house']}"}


#: fields of an order as the service names them → fields of the screen
ON_SCREEN = {
    "contact_name": "name", "contact_phone": "phone", "address_id": "place", "office_id": "community",
    "address": "house", "title": "item", "window_from": "day", "window_until": "day",
}  # fmt: skip


def on_screen(error: Invalid) -> Invalid:
    """The same problem, told of the fields the coordinator sees."""
    return Invalid({ON_SCREEN.get(name, name): sentences for name, sentences in error.fields.items()})
