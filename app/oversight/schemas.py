"""Shapes of the board, its alerts, volunteers and figures. Lists never hold a phone, an address or a full name."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l
from marshmallow import fields, validate

from app.kernel.schema import Choice, Shape, Text, Whole
from models.kinds import Urgency

PERIODS = (7, 30, 90)


class ScopeQuery(Shape):
    """Which office to look at; all that one watches, where left out."""

    office = Text(most=20, load_default=None)


class BoardQuery(ScopeQuery):
    q = Text(most=60, load_default="")
    status = Choice(("", "review", "open", "offering", "unfilled"), load_default="")
    urgency = Choice(("", *Urgency), load_default="")
    page = Whole(least=1, most=1000, load_default=1)


class ViewNamed(Shape):
    name = Text(most=20, least=1, required=True, error_messages={"required": _l("请起个名字。")})


class ViewKept(ViewNamed):
    """A name, and the filters as the query string has them; the board overlooks what it does not know."""

    q = Text(most=60, load_default="")
    status = Text(most=20, load_default="")
    urgency = Text(most=20, load_default="")
    alert = Text(most=20, load_default="")


class VolunteersQuery(ScopeQuery):
    q = Text(most=60, load_default="")
    skill = Text(most=40, load_default="")
    show = Choice(("", "on_duty", "unverified", "portrait", "paused"), load_default="")
    page = Whole(least=1, most=1000, load_default=1)


class FiguresQuery(ScopeQuery):
    days = fields.Integer(validate=validate.OneOf(PERIODS), load_default=30)


class RiskOut(ma.Schema):
    """How near an order is to coming too late; minutes."""

    level = fields.String()
    left_minutes = fields.Integer(attribute="left")
    usual_wait_minutes = fields.Integer(attribute="usual")


class WaitingOut(ma.Schema):
    id = fields.String(attribute="row.id")
    number = fields.String(attribute="row.number")
    title = fields.String(attribute="row.title")
    status = fields.String(attribute="row.status")
    urgency = fields.String(attribute="row.urgency")
    office = fields.String(attribute="row.office_name")
    window_from = fields.AwareDateTime(attribute="row.window_from")
    window_until = fields.AwareDateTime(attribute="row.window_until")
    positions = fields.Integer(attribute="row.positions_wanted")
    filled = fields.Integer()
    offers = fields.Integer()
    since = fields.AwareDateTime()
    rank = fields.Integer()
    risk = fields.Nested(RiskOut)


class BoardOut(ma.Schema):
    """The figures on top of the board and one page of the waiting list, the most endangered order first."""

    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    waiting = fields.List(fields.Nested(WaitingOut))
    total = fields.Integer()
    page = fields.Integer()
    pages = fields.Integer()


class AlertOut(ma.Schema):
    code = fields.String()
    label = fields.String()
    count = fields.Integer()
    tone = fields.String()
    href = fields.String()


class VolunteerRow(ma.Schema):
    """Somebody on a list of the subtree, with this month's work; the name is masked."""

    id = fields.String()
    name = fields.String()
    office = fields.String()
    skills = fields.List(fields.String())
    is_verified = fields.Boolean()
    is_paused = fields.Boolean()
    on_duty_until = fields.AwareDateTime(allow_none=True)
    month_minutes = fields.Integer()
    month_asked = fields.Integer()
    month_accepted = fields.Integer()


class VolunteersOut(ma.Schema):
    volunteers = fields.List(fields.Nested(VolunteerRow))
    page = fields.Integer()
    pages = fields.Integer()


class ReasonOut(ma.Schema):
    code = fields.String()
    words = fields.String()
    orders = fields.Integer()


class FiguresOut(ma.Schema):
    """One office's figures. Shares lie between 0 and 1; null where nothing, or too few people, stand behind them."""

    office_id = fields.String(allow_none=True)
    office = fields.String(allow_none=True)
    orders = fields.Integer()
    met = fields.Integer()
    unmet = fields.Integer()
    met_share = fields.Float(allow_none=True)
    accept_median_minutes = fields.Integer(allow_none=True, attribute="accept_median")
    accept_p90_minutes = fields.Integer(allow_none=True, attribute="accept_p90")
    on_time_share = fields.Float(allow_none=True)
    offers_accepted = fields.Integer(attribute="yes")
    offers_declined = fields.Integer(attribute="no")
    offers_expired = fields.Integer(attribute="lapsed")
    refusal_share = fields.Float(allow_none=True)
    unfilled = fields.Integer()
    unfilled_share = fields.Float(allow_none=True)
    served = fields.Integer()
    rated = fields.Integer()
    rated_share = fields.Float(allow_none=True)
    raters = fields.Integer()
    satisfied_share = fields.Float(allow_none=True)
    filled_share = fields.Float(allow_none=True)
    active_volunteers = fields.Integer()
    offers_per_volunteer = fields.Float(allow_none=True, attribute="offers_each")
    offers_gini = fields.Float(allow_none=True, attribute="gini_of_offers")
    accepts_per_volunteer = fields.Float(allow_none=True, attribute="accepts_each")
    accepts_gini = fields.Float(allow_none=True, attribute="gini_of_accepts")
    unfilled_reasons = fields.List(fields.Nested(ReasonOut))


class OfficeFiguresOut(ma.Schema):
    days = fields.Integer()
    whole = fields.Nested(FiguresOut)
    offices = fields.List(fields.Nested(FiguresOut))


class WhatIfAsked(Shape):
    """A question about an office's last weeks: so many more people, or offers that stand so many minutes.

    What belongs to the other kind of question is overlooked: without scripts a page shows and sends both.
    """

    office = Text(most=20, required=True, error_messages={"required": _l("请选一个站点。")})
    kind = Choice(("people", "answer"), required=True)
    people = Whole(least=1, most=50)
    mode = Choice(("walk", "bike", "ebike", "car"), load_default="ebike")
    skill = Text(most=60, load_default="")
    minutes = Whole(least=2, most=10_000)
    urgency = Choice(Urgency, load_default="normal")
    weeks = Whole(least=1, most=12, load_default=4)

    @ma.pre_load
    def _only_its_own(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        of_others = ("minutes", "urgency") if data.get("kind") == "people" else ("people", "mode", "skill")
        return {name: value for name, value in data.items() if name not in of_others}

    @ma.validates_schema(skip_on_field_errors=True)
    def _number(self, data: dict[str, Any], **_more: Any) -> None:
        wanted = "people" if data["kind"] == "people" else "minutes"
        if wanted not in data:
            raise ma.ValidationError({wanted: [_l("请填数字。")]})
