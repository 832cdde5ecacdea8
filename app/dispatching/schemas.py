"""Shapes of offers, candidates and runs."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.kernel.schema import Day, Flag, Many, Moment, Shape, Text, Whole


class ByHand(Shape):
    """Whom to ask, at which time if it matters; `despite` sets aside what may be set aside."""

    volunteer_id = Text(most=20, required=True, error_messages={"required": _l("请选一位志愿者。")})
    despite = Flag(load_default=False)
    starts_at = Moment(load_default=None, allow_none=True)


class ByProgram(ByHand):
    """The same; an `undoable` offer is sent only after the office's time for undoing it."""

    undoable = Flag(load_default=False)


class Moving(Shape):
    """Whom to ask instead, or for which time; `agreed` takes away what somebody has said yes to."""

    volunteer_id = Text(most=20, load_default=None, allow_none=True)
    starts_at = Moment(load_default=None, allow_none=True)
    despite = Flag(load_default=False)
    agreed = Flag(load_default=False)


class Switch(Shape):
    """On or off, and nothing else."""

    on = Flag(required=True)


class Picks(Shape):
    """The suggestions that were ticked, each as its page named it."""

    pick = Many(Text(most=80), most=200, load_default=list)


class DayAsked(Shape):
    """Whose orders of which local day to plan."""

    office_id = Text(most=20, required=True, error_messages={"required": _l("请选一个站点。")})
    day = Day(required=True)


class CandidatesQuery(Shape):
    limit = Whole(least=1, most=50, load_default=10)


class RunsQuery(Shape):
    limit = Whole(least=1, most=200, load_default=50)


def _undo_url(offer: Any) -> str | None:
    return f"/api/v1/offers/{offer.id}/undo" if offer.held_until is not None else None


class DeskOfferOut(ma.Schema):
    """An offer as the desk sees it; until `held_until` the volunteer knows nothing and `undo_url` takes it back."""

    id = fields.String()
    order_id = fields.String()
    volunteer_id = fields.String()
    status = fields.String()
    origin = fields.String()
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    distance_m = fields.Integer()
    travel_minutes = fields.Integer()
    sent_at = fields.AwareDateTime()
    held_until = fields.AwareDateTime(allow_none=True)
    undo_url = fields.Function(_undo_url)
    seen_at = fields.AwareDateTime(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)
    expires_at = fields.AwareDateTime()
    run_id = fields.String(allow_none=True)


class ChoiceOut(ma.Schema):
    """Somebody who could be asked; `name` is null for people of other offices."""

    volunteer_id = fields.String()
    name = fields.String(allow_none=True)
    office_name = fields.String()
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    distance_m = fields.Integer()
    travel_minutes = fields.Integer()
    reasons = fields.List(fields.String())
    flags = fields.List(fields.String())


class ChoicesOut(ma.Schema):
    """The best choices, how many fit in all, and how many volunteers each rule cost."""

    candidates = fields.List(fields.Nested(ChoiceOut), attribute="rows")
    eligible = fields.Integer()
    lost = fields.Dict(keys=fields.String(), values=fields.Integer())
    words = fields.List(fields.String())


class SeekingOut(ma.Schema):
    """How an order's search stands."""

    id = fields.String()
    number = fields.String()
    status = fields.String()
    version = fields.Integer()
    escalated_to_id = fields.String(allow_none=True)
    next_action_at = fields.AwareDateTime(allow_none=True)


class RunOut(ma.Schema):
    """A dispatch run without its frozen question."""

    id = fields.String()
    office_id = fields.String()
    status = fields.String()
    mode = fields.String()
    day = fields.Date(allow_none=True)
    stage = fields.String(allow_none=True)
    cause = fields.String()
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    solver = fields.String()
    degraded = fields.String()
    seed = fields.Integer()
    weights = fields.Dict(allow_none=True)
    versions = fields.Dict()
    plan_digest = fields.String()
    counts = fields.Dict()
    error = fields.String()


class RunDetailOut(ma.Schema):
    """A run with what it decided about the reader's own orders."""

    run = fields.Nested(RunOut)
    proposals = fields.List(fields.Dict())
    unplaced = fields.List(fields.Dict())
