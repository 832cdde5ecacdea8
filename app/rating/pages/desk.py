"""What the desk decides: hours and follow-ups, and the end of a dispute."""

from __future__ import annotations

from typing import Any

from flask import flash, g
from flask_babel import gettext as _

from app.kernel.access import needs
from app.kernel.web import go, loaded, request_key
from app.people.stepup import fresh
from app.rating import schemas, service
from app.rating.pages.blueprint import pages


def _done(words: str, back: str) -> Any:
    flash(words, "good")
    return go(back)


@pages.post("/desk/hours/<entry_id>/approval")
@needs("hours.approve")
def approve_hours(entry_id: str) -> Any:
    service.approve_hours(entry_id, actor=g.actor, key=request_key())
    return _done(_("时长已入账。"), "/desk/hours")


@pages.post("/desk/hours/<entry_id>/refusal")
@needs("hours.approve")
def refuse_hours(entry_id: str) -> Any:
    service.refuse_hours(entry_id, actor=g.actor, key=request_key(), **loaded(schemas.RefusalIn()))
    return _done(_("已记为未通过。"), "/desk/hours")


@pages.post("/desk/hours/<entry_id>/correction")
@needs("hours.enter")
@fresh
def correct_hours(entry_id: str) -> Any:
    service.correct_hours(entry_id, actor=g.actor, key=request_key(), **loaded(schemas.HoursIn()))
    return _done(_("更正已录入，请另一位同事审核。"), "/desk/hours")


@pages.post("/desk/assignments/<assignment_id>/hours")
@needs("hours.enter")
def enter_hours(assignment_id: str) -> Any:
    entry = service.enter_hours(assignment_id, actor=g.actor, key=request_key(), **loaded(schemas.HoursIn()))
    return _done(_("时长已录入，请另一位同事审核。"), f"/desk/orders/{entry.assignment.order_id}")


@pages.post("/desk/follow-ups/<follow_up_id>/resolution")
@needs("follow_up.resolve")
def resolve_follow_up(follow_up_id: str) -> Any:
    service.resolve_follow_up(follow_up_id, actor=g.actor, key=request_key(), **loaded(schemas.Resolution()))
    return _done(_("已办结，谢谢。"), "/desk/follow-ups")


@pages.post("/desk/orders/<order_id>/resolution")
@needs("follow_up.resolve")
def resolve_dispute(order_id: str) -> Any:
    """The end of a dispute (申诉)."""
    service.resolve(order_id, actor=g.actor, key=request_key(), **loaded(schemas.Resolution()))
    return _done(_("申诉已了结。"), f"/desk/orders/{order_id}")
