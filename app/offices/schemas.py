"""Shapes of the office tree and the menu."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from app.kernel.schema import Choice, Flag, Many, Place, Shape, Text, Whole
from models.kinds import OfficeLevel, Risk, Urgency


class NewOffice(Shape):
    """An office to be added below another."""

    name = Text(required=True, most=80)
    phone = Text(most=30, load_default="")
    lat = Place(bound=90, required=True)
    lon = Place(bound=180, required=True)


class OfficeQuery(Shape):
    under = Text(most=20)


class MenuQuery(Shape):
    office = Text(most=20)


class OfficeOut(Shape):
    """An office: its name, its level, and how to call it."""

    id = Text(most=20)
    level = Choice(OfficeLevel)
    name = Text(most=80)
    name_en = Text(most=120)
    phone = Text(most=30)


class OfficeTree(OfficeOut):
    """An office with all offices below it."""

    children: Any = fields.List(fields.Nested(lambda: OfficeTree()))

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return obj["children"] if attr == "children" else getattr(obj["office"], attr, default)


class ItemOut(Shape):
    """A service item: what it is, how long it takes, how many come, what they must be able to do."""

    code = Text(most=40)
    name = Text(most=60)
    name_en = Text(most=120)
    description = Text(most=400)
    description_en = Text(most=400)
    duration_minutes = Whole()
    positions = Whole()
    skills = fields.Function(lambda item: sorted(row.skill.code for row in item.skills))
    credentials = Many(Text(most=40))
    minimum_age = Whole(allow_none=True)
    risk = Choice(Risk)
    risk_note = Text(most=200)
    urgency = Choice(Urgency)
    approves_at_once = Flag()


class ShelfOut(Shape):
    """A category of the menu with its items."""

    code = fields.String(attribute="category.code")
    name = fields.String(attribute="category.name")
    name_en = fields.String(attribute="category.name_en")
    items = fields.List(fields.Nested(ItemOut))
