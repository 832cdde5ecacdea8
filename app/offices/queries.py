"""Reads about offices and the service menu (菜单)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import get_locale
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.kernel.access import within
from models import Office, OfficeSetting, Order, RoleGrant, ServiceCategory, ServiceItem, db
from models.kinds import OfficeLevel

MOST_FOUND = 20
"""Communities a search gives back at most."""


@dataclass(frozen=True)
class Shelf:
    """One category of the menu with what an office offers in it."""

    category: ServiceCategory
    items: tuple[ServiceItem, ...]


def roots() -> list[Office]:
    """The offices that nobody stands above: each the city of a system of its own."""
    return list(db.session.scalars(select(Office).where(Office.parent_id.is_(None)).order_by(Office.path)))


# ---------- the menu ----------


def _offered(office: Office | None) -> Any:
    """SQL: the item is on the menu of this office (of every office, where none is given)."""
    everywhere = ServiceItem.office_id.is_(None)
    here = everywhere if office is None else everywhere | ServiceItem.office_id.in_(office.lineage)
    return ServiceItem.is_active & here


def menu(office: Office | None = None) -> list[Shelf]:
    """All categories in their order, each with the items on offer; empty ones are left out."""
    found = select(ServiceItem).where(_offered(office)).options(selectinload(ServiceItem.skills))
    shelves: dict[str, list[ServiceItem]] = {}
    for row in db.session.scalars(found.order_by(ServiceItem.position, ServiceItem.name)):
        shelves.setdefault(row.category_id, []).append(row)
    categories = db.session.scalars(select(ServiceCategory).order_by(ServiceCategory.position, ServiceCategory.name))
    return [Shelf(category, tuple(shelves[category.id])) for category in categories if category.id in shelves]


def item(code: str, office: Office | None = None) -> ServiceItem | None:
    """The item with this code, if the office has it on its menu now."""
    return db.session.scalar(select(ServiceItem).where(ServiceItem.code == code, _offered(office)))


def popular(office: Office | None, most: int = 4) -> list[ServiceItem]:
    """What is ordered most on this menu."""
    asked = select(Order.item_id, func.count().label("times")).group_by(Order.item_id).subquery()
    found = select(ServiceItem).join(asked, asked.c.item_id == ServiceItem.id).where(_offered(office))
    return list(db.session.scalars(found.order_by(asked.c.times.desc(), ServiceItem.position).limit(most)))


# ---------- the tree ----------


def office(office_id: str | None) -> Office | None:
    return db.session.get(Office, office_id) if office_id and office_id.isalnum() else None


def children(parent_id: str | None) -> list[Office]:
    """The offices right below one; the roots for None."""
    return list(db.session.scalars(select(Office).where(Office.parent_id == parent_id).order_by(Office.name)))


def lineage(below: Office) -> list[Office]:
    """The offices from the city down to this one."""
    found = {row.id: row for row in db.session.scalars(select(Office).where(Office.id.in_(below.lineage)))}
    return [found[key] for key in below.lineage if key in found]


def communities(paths: Iterable[str]) -> list[Office]:
    """All communities inside these subtrees."""
    found = select(Office).where(Office.level == OfficeLevel.COMMUNITY, within(Office.path, paths))
    return list(db.session.scalars(found.order_by(Office.path)))


def search(words: str) -> list[Office]:
    """Communities whose name holds these words."""
    found = select(Office).where(Office.level == OfficeLevel.COMMUNITY, Office.name.contains(words, autoescape=True))
    return list(db.session.scalars(found.order_by(Office.name).limit(MOST_FOUND)))


def own_policies(office: Office) -> set[str]:
    """The names of what this office has set for itself."""
    return set(db.session.scalars(select(OfficeSetting.name).filter_by(office_id=office.id)))


def staff(office: Office, roles: Iterable[str]) -> list[RoleGrant]:
    """Who holds one of these roles in this very office."""
    held = select(RoleGrant).where(RoleGrant.office_id == office.id, RoleGrant.role.in_(list(roles)))
    return list(db.session.scalars(held.order_by(RoleGrant.role, RoleGrant.created_at)))


def others(own: Office) -> list[Office]:
    """Offices an order of this one may be handed to: those beside it, those above it, and those beside these."""
    above = own.lineage[:-1]
    found = select(Office).where((Office.parent_id.in_(above) | Office.id.in_(above)) & (Office.id != own.id))
    return list(db.session.scalars(found.order_by(Office.path)))


def tree(top: Office | None = None) -> list[dict[str, Any]]:
    """The offices as nested plain rows, from the city or from one office down."""
    found = select(Office).order_by(Office.path)
    if top is not None:
        found = found.where(within(Office.path, [top.path]))
    nodes: dict[str, dict[str, Any]] = {}
    for row in db.session.scalars(found):
        nodes[row.id] = {"office": row, "children": []}
    roots: list[dict[str, Any]] = []
    for node in nodes.values():
        parent = nodes.get(node["office"].parent_id)
        (parent["children"] if parent else roots).append(node)
    return roots


# ---------- names in the reader's language ----------


def in_english() -> bool:
    return str(get_locale() or "zh") == "en"


def named(row: Any) -> str:
    """The name of an office, a category, an item or a skill, in English where there is one and it is wanted."""
    return row.name_en if in_english() and row.name_en else row.name


def item_title(title: str) -> str:
    """The title of an order that is an item's name, in English where that is wanted; one look at the menu a request."""
    if not in_english():
        return title
    if "item_titles" not in g:
        known = select(ServiceItem.name, ServiceItem.name_en).where(ServiceItem.name_en != "")
        g.item_titles = {row.name: row.name_en for row in db.session.execute(known)}
    return str(g.item_titles.get(title, title))


def described(row: ServiceItem) -> str:
    return row.description_en if in_english() and row.description_en else row.description


def full_name(of: Office) -> str:
    """District, street and community: what tells one 和平社区 from another."""
    rows = [row for row in lineage(of) if row.level != OfficeLevel.CITY] or [of]
    return " · ".join(named(row) for row in rows)


def place_name(of: Office) -> str:
    """Street and community in one word, as addresses begin."""
    rows = [row for row in lineage(of) if row.level in (OfficeLevel.STREET, OfficeLevel.COMMUNITY)] or [of]
    return "".join(row.name for row in rows)
