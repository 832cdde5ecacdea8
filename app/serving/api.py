"""接单 for programs: offers, claims, reserves and visits. The same verbs as the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from flask_smorest import Blueprint

from app.kernel.access import needs
from app.kernel.web import request_key
from app.privacy.queries import view_of_task
from app.serving import queries, schemas, service
from models import Assignment, Offer, Reserve
from models.states import ASSIGNMENT_BUSY

api = Blueprint("serving_api", __name__, url_prefix="/api/v1", description="Offers, claims and visits")


@api.get("/offers")
@needs("offer.answer")
@api.response(200, schemas.OfferOut(many=True))
def list_offers() -> Sequence[Offer]:
    """Offers to the signed-in volunteer that wait for an answer, the soonest to run out first."""
    return queries.live_offers(queries.self_of(g.actor).id)


@api.get("/offers/<offer_id>")
@needs("offer.answer")
@api.response(200, schemas.OfferWithWords)
def get_offer(offer_id: str) -> dict[str, Any]:
    """One offer, with why this volunteer was asked and the seconds left."""
    offer = queries.offer_for(offer_id, g.actor)
    fields = ("id", "status", "origin", "order", "starts_at", "ends_at", "distance_m", "travel_minutes", "sent_at",
              "seen_at", "answered_at", "expires_at")  # fmt: skip
    shown = {name: getattr(offer, name) for name in fields}
    return shown | {"why": queries.why(offer), "seconds_left": queries.seconds_left(offer)}


@api.post("/offers/<offer_id>")
@needs("offer.answer")
@api.response(200, schemas.OfferOut)
def see_offer(offer_id: str) -> Offer:
    """The volunteer has looked at the offer."""
    return service.see_offer(offer_id, actor=g.actor)


@api.post("/offers/<offer_id>/acceptance")
@needs("offer.answer")
@api.response(201, schemas.TaskOut)
def accept_offer(offer_id: str) -> dict[str, Any]:
    """Say yes. 409 already_taken or offer_over when it came too late: the volunteer is kept as a reserve."""
    return _task(service.accept(offer_id, actor=g.actor, key=request_key()))


@api.post("/offers/<offer_id>/refusal")
@needs("offer.answer")
@api.arguments(schemas.Refusal)
@api.response(200, schemas.OfferOut)
def decline_offer(given: dict[str, Any], offer_id: str) -> Offer:
    """Not this time. Costs nothing."""
    return service.decline(offer_id, actor=g.actor, **given)


@api.get("/open-orders")
@needs("order.claim")
@api.arguments(schemas.OpenOrdersQuery, location="query")
@api.response(200, schemas.OpenOrderOut(many=True))
def list_open_orders(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Open orders nearby that the volunteer could take."""
    found = queries.open_orders(
        queries.self_of(g.actor), within_m=wanted.get("within"), skill=wanted.get("skill"), day=wanted.get("day")
    )
    return [{"order": one.order, "distance_m": one.distance_m, "is_offered": one.is_offered} for one in found]


@api.post("/orders/<order_id>/claim")
@needs("order.claim")
@api.response(201, schemas.TaskOut)
def claim_order(order_id: str) -> dict[str, Any]:
    """Take an open order. 409 already_taken: the volunteer is kept as a reserve."""
    return _task(service.claim(order_id, actor=g.actor, key=request_key()))


@api.post("/orders/<order_id>/reserve")
@needs("order.claim")
@api.response(201, schemas.ReserveOut)
def keep_reserve(order_id: str) -> Reserve:
    """Be asked first if a place frees up."""
    return service.keep_reserve(order_id, actor=g.actor)


@api.delete("/orders/<order_id>/reserve")
@needs("order.claim")
@api.response(204)
def leave_reserve(order_id: str) -> None:
    """Not to be asked any more."""
    service.leave_reserve(order_id, actor=g.actor)


@api.get("/assignments")
@needs("assignment.serve")
@api.response(200, schemas.AssignmentOut(many=True))
def list_assignments() -> list[Assignment]:
    """What the volunteer has taken on and not finished. No addresses in lists."""
    return queries.assignments_of(queries.self_of(g.actor).id, ASSIGNMENT_BUSY)


@api.get("/assignments/<assignment_id>")
@needs("assignment.serve")
@api.response(200, schemas.TaskOut)
def get_assignment(assignment_id: str) -> dict[str, Any]:
    """One task; `contact` says where and who from 24 hours before the visit until 24 hours after, else it is null."""
    return _task(queries.task_for(assignment_id, g.actor))


@api.post("/assignments/<assignment_id>/departure")
@needs("assignment.serve")
@api.arguments(schemas.Late)
@api.response(200, schemas.TaskOut)
def depart(given: dict[str, Any], assignment_id: str) -> dict[str, Any]:
    """On the way."""
    return _task(service.depart(assignment_id, actor=g.actor, **given))


@api.post("/assignments/<assignment_id>/check-in")
@needs("assignment.serve")
@api.arguments(schemas.CheckIn)
@api.response(200, schemas.TaskOut)
def check_in(given: dict[str, Any], assignment_id: str) -> dict[str, Any]:
    """Arrived: by the resident's code, else by place, else by one's own word, which the desk looks at later."""
    return _task(service.check_in(assignment_id, actor=g.actor, key=request_key(), **given))


@api.post("/assignments/<assignment_id>/check-out")
@needs("assignment.serve")
@api.arguments(schemas.CheckOut)
@api.response(200, schemas.TaskOut)
def check_out(given: dict[str, Any], assignment_id: str) -> dict[str, Any]:
    """Done."""
    return _task(service.check_out(assignment_id, actor=g.actor, key=request_key(), **given))


@api.post("/assignments/<assignment_id>/help")
@needs("assignment.serve")
@api.arguments(schemas.CallForHelp)
@api.response(200, schemas.TaskOut)
def call_for_help(given: dict[str, Any], assignment_id: str) -> dict[str, Any]:
    """The volunteer is not safe: every coordinator from the order's office up is told at once."""
    service.call_for_help(assignment_id, actor=g.actor, key=request_key(), **given)
    return _task(queries.task_for(assignment_id, g.actor))


@api.post("/assignments/<assignment_id>/handback")
@needs("assignment.serve")
@api.arguments(schemas.Reason)
@api.response(200, schemas.AssignmentOut)
def hand_back(given: dict[str, Any], assignment_id: str) -> Assignment:
    """Cannot come after all: reserves are asked first."""
    return service.hand_back(assignment_id, actor=g.actor, key=request_key(), **given)


# ---------- the desk ----------


@api.post("/assignments/<assignment_id>/vouched-check-in")
@needs("assignment.vouch")
@api.arguments(schemas.Vouch)
@api.response(200, schemas.AssignmentOut)
def vouch_check_in(given: dict[str, Any], assignment_id: str) -> Assignment:
    """The coordinator's word that the volunteer arrived."""
    return service.vouch_check_in(assignment_id, given["at"], actor=g.actor, key=request_key())


@api.post("/assignments/<assignment_id>/vouched-check-out")
@needs("assignment.vouch")
@api.arguments(schemas.Vouch)
@api.response(200, schemas.AssignmentOut)
def vouch_check_out(given: dict[str, Any], assignment_id: str) -> Assignment:
    """The coordinator's word that the volunteer finished."""
    return service.vouch_check_out(assignment_id, given["at"], actor=g.actor, key=request_key())


@api.post("/assignments/<assignment_id>/no-show")
@needs("assignment.vouch")
@api.response(200, schemas.AssignmentOut)
def mark_no_show(assignment_id: str) -> Assignment:
    """The volunteer did not come."""
    return service.mark_no_show(assignment_id, actor=g.actor, key=request_key())


@api.post("/assignments/<assignment_id>/cancellation")
@needs("assignment.vouch")
@api.arguments(schemas.Reason)
@api.response(200, schemas.AssignmentOut)
def cancel_assignment(given: dict[str, Any], assignment_id: str) -> Assignment:
    """Take one volunteer off an order that goes on."""
    return service.cancel_by_desk(assignment_id, actor=g.actor, key=request_key(), **given)


def _task(assignment: Assignment) -> dict[str, Any]:
    fields = ("id", "status", "order", "starts_at", "ends_at", "accepted_at", "ended_at", "visit")
    return {name: getattr(assignment, name) for name in fields} | {"contact": _contact(assignment)}


def _contact(assignment: Assignment) -> dict[str, Any] | None:
    """Where and who, by the privacy table; nothing before the day of the visit and after the day behind it."""
    seen = view_of_task(assignment)
    if not seen.plain("address") or seen.place is None:
        return None
    shown = {name: getattr(seen, name) for name in schemas.ContactOut().fields if name not in ("lat", "lon")}
    return {**shown, "lat": seen.place[0], "lon": seen.place[1]}
