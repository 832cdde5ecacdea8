"""Shapes of ratings, hours and follow-ups, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.kernel.schema import Choice, Flag, Many, Shape, Text, Whole
from app.rating.words import RESIDENT_TAGS, VOLUNTEER_TAGS
from models.kinds import Outcome

TAP = {"required": _l("请点一个：满意、一般，还是不满意。"), "null": _l("请点一个：满意、一般，还是不满意。")}


class RatingIn(Shape):
    """The word of the person served."""

    stars = Whole(required=True, least=1, most=3, error_messages=TAP)
    outcome = Choice(Outcome, load_default=Outcome.DONE)
    tags = Many(Choice(RESIDENT_TAGS), most=8, load_default=list)
    words = Text(most=500, load_default="")


class MoreIn(Shape):
    """What is added to a mark given by one tap; it must say something."""

    outcome = Choice(Outcome, load_default=Outcome.DONE)
    tags = Many(Choice(RESIDENT_TAGS), most=8, load_default=list)
    words = Text(most=500, load_default="")

    @ma.validates_schema
    def says_something(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data["outcome"] == Outcome.DONE and not data["tags"] and not data["words"]:
            raise ma.ValidationError({"words": [_l("请点一个，或写一句话。")]})


class WordIn(Shape):
    """The volunteer's word about the visit."""

    stars = Whole(required=True, least=1, most=3, error_messages=TAP)
    tags = Many(Choice(VOLUNTEER_TAGS), most=6, load_default=list)
    words = Text(most=500, load_default="")


class Because(Shape):
    """Why an order is opened again, disputed, or a record questioned."""

    reason = Text(required=True, most=400)


class Resolution(Shape):
    """What was done about it."""

    resolution = Text(required=True, most=500)


class HoursIn(Shape):
    """How many minutes a visit should count in all, and why."""

    minutes = Whole(required=True, least=0, most=1440)
    reason = Text(required=True, most=200)


class RefusalIn(Shape):
    reason = Text(most=200, load_default="")


# ---------- out ----------


class OrderStateOut(Shape):
    id = fields.String()
    number = fields.String()
    status = fields.String()
    version = fields.Integer()


class RatingOut(Shape):
    id = fields.String()
    order_id = fields.String()
    assignment_id = fields.String()
    side = fields.String()
    stars = fields.Integer()
    outcome = fields.String()
    tags = fields.List(fields.String())
    words = fields.String()
    created_at = fields.AwareDateTime()


class AverageOut(Shape):
    stars = fields.Float(allow_none=True)
    count = fields.Integer()


class HoursOut(Shape):
    id = fields.String()
    volunteer_id = fields.String()
    assignment_id = fields.String()
    kind = fields.String()
    status = fields.String()
    minutes = fields.Integer()
    evidence = fields.String()
    reason = fields.String()
    entered_by_id = fields.String(allow_none=True)
    approved_by_id = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    decided_at = fields.AwareDateTime(allow_none=True)


class VisitLineOut(Shape):
    order_id = fields.String(attribute="assignment.order_id")
    assignment_id = fields.String(attribute="assignment.id")
    title = fields.String(attribute="assignment.order.title")
    starts_at = fields.AwareDateTime(attribute="assignment.starts_at")
    status = fields.String(attribute="assignment.status")
    minutes = fields.Integer()
    is_pending = fields.Boolean()


class RecordOut(Shape):
    """A volunteer's own record: a platform record, no official certificate."""

    minutes = fields.Integer()
    pending = fields.Integer()
    visits = fields.Integer()
    people = fields.Integer()
    points = fields.Integer()
    average = fields.Nested(AverageOut)
    last_visits = fields.List(fields.Nested(VisitLineOut))
    ratings = fields.List(fields.Nested(RatingOut))


class FollowUpOut(Shape):
    id = fields.String()
    order_id = fields.String()
    cause = fields.String()
    words = fields.String()
    created_at = fields.AwareDateTime()
    resolved_at = fields.AwareDateTime(allow_none=True)
    resolution = fields.String()


class ListQuery(Shape):
    resolved = Flag(load_default=False)


class HoursQuery(Shape):
    status = Choice(("pending", "approved", "refused"), load_default="pending")
