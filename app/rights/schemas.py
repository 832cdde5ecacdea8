"""Shapes of consents, guardians and copies."""

from __future__ import annotations

from marshmallow import fields

from app.kernel.schema import Choice, Flag, Moment, Shape, Text
from models.kinds import Purpose


class Agreement(Shape):
    """One purpose, yes or no."""

    purpose = Choice(Purpose, required=True)
    agreed = Flag(required=True)


class NewGuardian(Shape):
    name = Text(required=True, most=40)
    relation = Text(required=True, most=20)


class ConsentOut(Shape):
    purpose = Choice(Purpose)
    channel = Text(most=10)
    wording_version = Text(most=20)
    given_at = Moment()
    withdrawn_at = Moment(allow_none=True)


class CopyOut(Shape):
    """Everything held about the caller: lists of plain rows by the name of their table."""

    made_at = Text(most=40)
    parts = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()))
