"""Shapes of what volunteers and the desk send about offers and visits, and of what they are told."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import fields, post_load, validate, validates_schema
from marshmallow.exceptions import ValidationError

from app.kernel.schema import Choice, Moment, Place, Shape, Text, Whole

DAYS = ("today", "tomorrow", "week")
MOST_METRES = 20_000


class Refusal(Shape):
    """Why not this time: nobody has to say."""

    reason = Text(most=100, load_default="")


class Reason(Shape):
    """Why a task is given back or taken away: whoever comes next should know."""

    reason = Text(required=True, most=200)


class Late(Shape):
    """When it really happened, from a phone that could not tell then; left out, it is now."""

    at = Moment()


class CheckIn(Late):
    """The resident's code, or a position fix, or neither. `by` says which way was chosen."""

    by = Choice(("code", "place"))
    code = Text(most=8, validate=validate.Regexp(r"^\d{4}$", error=_l("服务码是四位数字，请再看一遍。")))
    lat = Place(bound=90)
    lon = Place(bound=180)
    accuracy = fields.Float(
        allow_nan=False, validate=validate.Range(0, 1_000_000, error=_l("位置不对，请重新定位。")),
        error_messages={"invalid": _l("位置不对，请重新定位。"), "special": _l("位置不对，请重新定位。")},
    )  # fmt: skip

    @validates_schema
    def is_whole(self, data: dict[str, object], **_more: object) -> None:
        if data.get("by") == "code" and not data.get("code"):
            raise ValidationError(_l("请填居民告诉您的四位服务码。"), "code")
        if ("lat" in data) != ("lon" in data):
            raise ValidationError(_l("位置不完整，请重新定位。"), "lat")

    @post_load
    def without_way(self, data: dict[str, object], **_more: object) -> dict[str, object]:
        """The way was only asked for to check the rest."""
        return {name: value for name, value in data.items() if name != "by"}


class CheckOut(Late):
    note = Text(most=400, load_default="")


class CallForHelp(Late):
    """Nobody in danger has to write anything."""

    words = Text(most=300, load_default="")


class Vouch(Shape):
    """The desk's word for a time already past; left out, it is now."""

    at = Moment(load_default=None)


class OpenOrdersQuery(Shape):
    """What a volunteer would like to see of the open orders nearby."""

    within = Whole(least=100, most=MOST_METRES)
    skill = Text(most=40)
    day = Choice(DAYS)


# ---------- out ----------


class OfficeName(Shape):
    id = fields.String()
    name = fields.String()


class CoarseOrder(Shape):
    """An order before the yes: what, when, for how long, in which community. Never the address or the contact."""

    id = fields.String()
    number = fields.String()
    title = fields.String()
    status = fields.String()
    office = fields.Nested(OfficeName)
    window_from = fields.AwareDateTime()
    window_until = fields.AwareDateTime()
    duration_minutes = fields.Integer()
    positions_wanted = fields.Integer()
    urgency = fields.String()


class Rounded(fields.Integer):
    """Metres as told before the yes: exact enough to decide by, too coarse to find a door."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else max(50, round(value / 50) * 50)


class OfferOut(Shape):
    id = fields.String()
    status = fields.String()
    origin = fields.String()
    order = fields.Nested(CoarseOrder)
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    distance_m = Rounded(metadata={"description": "rounded to 50 m"})
    travel_minutes = fields.Integer()
    sent_at = fields.AwareDateTime()
    seen_at = fields.AwareDateTime(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)
    expires_at = fields.AwareDateTime()


class OfferWithWords(OfferOut):
    why = fields.List(fields.String(), metadata={"description": "why this volunteer, in plain sentences"})
    seconds_left = fields.Integer()


class OpenOrderOut(Shape):
    order = fields.Nested(CoarseOrder)
    distance_m = Rounded(metadata={"description": "rounded to 50 m"})
    is_offered = fields.Boolean()


class ReserveOut(Shape):
    id = fields.String()
    order = fields.Nested(CoarseOrder)
    kept_at = fields.AwareDateTime()


class ContactOut(Shape):
    """Where and who: only for the accepted volunteer, from 24 hours before the visit until 24 hours after."""

    address = fields.String()
    lat = fields.Float()
    lon = fields.Float()
    contact_name = fields.String()
    contact_phone = fields.String()
    access_notes = fields.String()
    words = fields.String()
    needs_wheelchair = fields.Boolean()


class VisitOut(Shape):
    checked_in_at = fields.AwareDateTime()
    check_in_evidence = fields.String()
    checked_out_at = fields.AwareDateTime(allow_none=True)
    note = fields.String()


class AssignmentOut(Shape):
    id = fields.String()
    status = fields.String()
    order = fields.Nested(CoarseOrder)
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    accepted_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    visit = fields.Nested(VisitOut, allow_none=True)


class TaskOut(AssignmentOut):
    contact = fields.Nested(ContactOut, allow_none=True)
