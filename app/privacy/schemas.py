"""Shapes of looking at details, and of who looked."""

from __future__ import annotations

from marshmallow import fields

from app.kernel.schema import Choice, Many, Moment, Shape, Text
from models.kinds import BlockKind, LookReason

ASKED = tuple(reason for reason in LookReason if reason != LookReason.CALLER)
SEEN_OF_ORDERS = ("contact_name", "contact_phone", "address", "place", "access_notes")
WHAT = {
    "who": ("contact_name", "contact_phone"),
    "where": ("address", "access_notes"),
    "all": ("contact_name", "contact_phone", "address", "access_notes"),
}
"""The buttons of the desk's form, and the fields each asks for."""


class Why(Shape):
    """Why somebody's details are looked at; `other` needs words."""

    reason = Choice(ASKED, required=True)
    words = Text(most=200, load_default="")


class Asking(Why):
    """The form on an order's page."""

    what = Choice(WHAT, load_default="who")


class AskingMany(Asking):
    """The form on the call list: whose, by the orders' ids."""

    orders = Many(Text(most=20), most=50, required=True)


class AskingPhone(Why):
    """The form beside a volunteer: about which order, where there is one."""

    order_id = Text(most=20, load_default=None, allow_none=True)


class RevealIn(Why):
    fields_ = Many(Choice(SEEN_OF_ORDERS), most=5, required=True, data_key="fields", attribute="fields")


class RevealOut(Shape):
    """`shown` maps each field to its value; it is empty while a colleague's yes is waited for (`waiting`)."""

    id = fields.String()
    waiting = fields.Boolean()
    shown = fields.Dict(keys=fields.String(), values=fields.String())


class LookOut(Shape):
    """Somebody looked at one's details: when, from which office, in which role, at what, and why."""

    at = Moment()
    office = fields.String()
    role = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    reason = fields.String()
    words = fields.String()
    order_id = fields.String(allow_none=True)


class BlockOut(Shape):
    id = fields.String()
    kind = Choice(BlockKind)


class Hold(Shape):
    """Whose data must be kept for now, and why, in words of the law or the file."""

    subject_id = Text(most=20, required=True)
    reason = Text(most=200, required=True)
