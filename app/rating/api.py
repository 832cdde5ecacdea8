"""评单 for programs: ratings, the volunteer's record, hours and follow-ups. The same verbs as the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from flask_smorest import Blueprint

from app.kernel.access import needs
from app.kernel.schema import Shape
from app.kernel.web import request_key
from app.rating import queries, schemas, service
from models import FollowUp, HoursEntry, Order, Rating

api = Blueprint("rating_api", __name__, url_prefix="/api/v1", description="Ratings, hours and follow-ups")


def _plain(shape: type[Shape], rows: Sequence[Any], *words: str) -> list[dict[str, Any]]:
    """Rows as plain values; what people wrote is blank for whoever only watches, as it is on the pages."""
    shown = []
    for row in rows:
        blank = words if queries.only_watches(g.actor, row) else ()
        shown.append({name: "" if name in blank else getattr(row, name) for name in shape().fields})
    return shown


@api.post("/orders/<order_id>/rating")
@needs("order.rate")
@api.arguments(schemas.RatingIn)
@api.response(201, schemas.OrderStateOut)
def rate_order(given: dict[str, Any], order_id: str) -> Order:
    """How it was. A bad mark, or work not fully done, is followed up; otherwise the order closes."""
    return service.rate(order_id, actor=g.actor, key=request_key(), **given)


@api.post("/orders/<order_id>/rating/words")
@needs("order.rate")
@api.arguments(schemas.MoreIn)
@api.response(200, schemas.OrderStateOut)
def add_words(given: dict[str, Any], order_id: str) -> Order:
    """Say more about a mark that was given alone: its author, once, within seven days."""
    return service.add_words(order_id, actor=g.actor, key=request_key(), **given)


@api.get("/orders/<order_id>/ratings")
@needs("order.see")
@api.response(200, schemas.RatingOut(many=True))
def list_ratings(order_id: str) -> list[dict[str, Any]]:
    """What was said about an order, as far as it may be read."""
    return _plain(schemas.RatingOut, queries.ratings_on(order_id, g.actor), "words")


@api.post("/orders/<order_id>/reopening")
@needs("order.reopen")
@api.arguments(schemas.Because)
@api.response(200, schemas.OrderStateOut)
def reopen_order(given: dict[str, Any], order_id: str) -> Order:
    """It was not really done."""
    return service.reopen(order_id, actor=g.actor, key=request_key(), **given)


@api.post("/orders/<order_id>/dispute")
@needs("order.see")
@api.arguments(schemas.Because)
@api.response(200, schemas.OrderStateOut)
def dispute_order(given: dict[str, Any], order_id: str) -> Order:
    """A party objects; the desk decides."""
    return service.dispute(order_id, given["reason"], actor=g.actor, key=request_key())


@api.post("/orders/<order_id>/dispute/resolution")
@needs("follow_up.resolve")
@api.arguments(schemas.Resolution)
@api.response(200, schemas.OrderStateOut)
def resolve_dispute(given: dict[str, Any], order_id: str) -> Order:
    """The desk has decided a dispute."""
    return service.resolve(order_id, actor=g.actor, key=request_key(), **given)


@api.post("/assignments/<assignment_id>/word")
@needs("assignment.serve")
@api.arguments(schemas.WordIn)
@api.response(201, schemas.RatingOut)
def speak(given: dict[str, Any], assignment_id: str) -> Rating:
    """The volunteer's own word about the visit."""
    return service.speak(assignment_id, actor=g.actor, key=request_key(), **given)


@api.post("/assignments/<assignment_id>/question")
@needs("assignment.serve")
@api.arguments(schemas.Because)
@api.response(201, schemas.FollowUpOut)
def question_record(given: dict[str, Any], assignment_id: str) -> FollowUp:
    """Something in the volunteer's record is wrong."""
    return service.question(assignment_id, given["reason"], actor=g.actor, key=request_key())


@api.get("/me/record")
@needs("volunteer.self")
@api.response(200, schemas.RecordOut)
def my_record() -> dict[str, Any]:
    """Hours, points, visits and what may be read of the ratings: a platform record, no official certificate."""
    whose = str(g.actor.volunteer_id)
    record = queries.record_of(whose)
    fields = ("minutes", "pending", "visits", "people", "points")
    return {name: getattr(record, name) for name in fields} | {
        "average": queries.volunteer_average(whose),
        "last_visits": queries.visits_of(whose)[0],
        "ratings": queries.about_volunteer(whose),
    }


# ---------- the desk ----------


@api.get("/hours")
@needs("hours.see")
@api.arguments(schemas.HoursQuery, location="query")
@api.response(200, schemas.HoursOut(many=True))
def list_hours(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Ledger rows of the actor's subtree."""
    return _plain(schemas.HoursOut, queries.hours_for_desk(g.actor, wanted["status"]), "reason")


@api.post("/hours/<entry_id>/approval")
@needs("hours.approve")
@api.response(200, schemas.HoursOut)
def approve_hours(entry_id: str) -> HoursEntry:
    """Approve; never by who entered or vouched for them."""
    return service.approve_hours(entry_id, actor=g.actor, key=request_key())


@api.post("/hours/<entry_id>/refusal")
@needs("hours.approve")
@api.arguments(schemas.RefusalIn)
@api.response(200, schemas.HoursOut)
def refuse_hours(given: dict[str, Any], entry_id: str) -> HoursEntry:
    """Refuse: the row stays and counts nothing."""
    return service.refuse_hours(entry_id, actor=g.actor, key=request_key(), **given)


@api.post("/assignments/<assignment_id>/hours")
@needs("hours.enter")
@api.arguments(schemas.HoursIn)
@api.response(201, schemas.HoursOut)
def enter_hours(given: dict[str, Any], assignment_id: str) -> HoursEntry:
    """What a visit should count in all, to be approved by somebody else."""
    return service.enter_hours(assignment_id, actor=g.actor, key=request_key(), **given)


@api.get("/follow-ups")
@needs("follow_up.see")
@api.arguments(schemas.ListQuery, location="query")
@api.response(200, schemas.FollowUpOut(many=True))
def list_follow_ups(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """What must be looked into, the longest waiting first."""
    rows = queries.follow_ups_for_desk(g.actor, resolved=wanted["resolved"])
    return _plain(schemas.FollowUpOut, rows, "words", "resolution")


@api.post("/follow-ups/<follow_up_id>/resolution")
@needs("follow_up.resolve")
@api.arguments(schemas.Resolution)
@api.response(200, schemas.FollowUpOut)
def resolve_follow_up(given: dict[str, Any], follow_up_id: str) -> FollowUp:
    """Write down what was done about it."""
    return service.resolve_follow_up(follow_up_id, actor=g.actor, key=request_key(), **given)
