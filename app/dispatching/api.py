"""派单 for programs: offers by hand, candidates with reasons, runs."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.dispatching import queries, service
from app.dispatching.schemas import (
    ByProgram,
    CandidatesQuery,
    ChoicesOut,
    DayAsked,
    DeskOfferOut,
    RunDetailOut,
    RunOut,
    RunsQuery,
    SeekingOut,
)
from app.kernel.access import needs, require
from app.kernel.errors import NotFound
from app.kernel.web import request_key
from app.people.identity import current_actor
from models import DispatchRun, Offer, Order, db

api = Blueprint("dispatching_api", __name__, url_prefix="/api/v1", description="Dispatch: offers, candidates, runs")


@api.route("/orders/<order_id>/offers", methods=["POST"])
@needs("dispatch.steer")
@api.arguments(ByProgram)
@api.response(201, DeskOfferOut)
def make_offer(chosen: dict[str, Any], order_id: str) -> Offer:
    """Offer an order to a chosen volunteer. 409 with the conflicts, unless `despite` sets them aside."""
    return service.offer_by_hand(order_id, actor=current_actor(), key=request_key(), **chosen)


@api.route("/orders/<order_id>/candidates")
@needs("dispatch.steer")
@api.arguments(CandidatesQuery, location="query")
@api.response(200, ChoicesOut)
def candidates(query: dict[str, Any], order_id: str) -> queries.Choices:
    """Who could be asked, best first, with reasons, flags, and how many volunteers each rule cost."""
    order = db.session.get(Order, order_id)
    if order is None:
        raise NotFound()
    require(current_actor(), "dispatch.steer", order)
    return queries.candidates(order_id, query["limit"], actor=current_actor(), lang=current_actor().language)


@api.route("/offers/<offer_id>/withdrawal", methods=["POST"])
@needs("dispatch.steer")
@api.response(200, DeskOfferOut)
def withdraw(offer_id: str) -> Offer:
    """Take an offer back that nobody has answered yet."""
    return service.withdraw_offer(offer_id, actor=current_actor(), key=request_key())


@api.route("/offers/<offer_id>/undo", methods=["POST"])
@needs("dispatch.steer")
@api.response(200, DeskOfferOut)
def undo_offer(offer_id: str) -> Offer:
    """Take an offer back before the volunteer hears of it; 409 once it has been sent."""
    return service.undo_offer(offer_id, actor=current_actor(), key=request_key())


@api.route("/orders/<order_id>/redispatch", methods=["POST"])
@needs("dispatch.steer")
@api.response(200, SeekingOut)
def redispatch(order_id: str) -> Order:
    """Have an order dispatched afresh; whoever let an offer pass may be asked once more."""
    return service.redispatch(order_id, actor=current_actor(), key=request_key())


@api.route("/orders/<order_id>/escalation", methods=["POST"])
@needs("order.escalate")
@api.response(200, SeekingOut)
def escalate(order_id: str) -> Order:
    """Press a late order on the office above."""
    return service.escalate(order_id, actor=current_actor(), key=request_key())


@api.route("/day-plans", methods=["POST"])
@needs("dispatch.steer")
@api.arguments(DayAsked)
@api.response(202, RunOut)
def plan_day(wanted: dict[str, Any]) -> DispatchRun:
    """Have a local day planned. It is worked out in the background; look at the run until its stage is `preview`."""
    return service.plan_day(actor=current_actor(), **wanted)


@api.route("/day-plans/<run_id>/publication", methods=["POST"])
@needs("dispatch.steer")
@api.response(202, RunOut)
def publish_plan(run_id: str) -> DispatchRun:
    """Send a day plan's offers; those overtaken by events are counted in `counts.stale`."""
    return service.publish(run_id, actor=current_actor())


@api.route("/day-plans/<run_id>/discarding", methods=["POST"])
@needs("dispatch.steer")
@api.response(200, RunOut)
def discard_plan(run_id: str) -> DispatchRun:
    """Put a day plan away whose offers have not gone out."""
    return service.discard(run_id, actor=current_actor())


@api.route("/day-plans/<run_id>/withdrawal", methods=["POST"])
@needs("dispatch.steer")
@api.response(200, RunOut)
def undo_plan(run_id: str) -> Any:
    """Take back all offers of a day plan that nobody has answered yet."""
    service.undo(run_id, actor=current_actor())
    return db.session.get(DispatchRun, run_id)


@api.route("/dispatch-runs")
@needs("dispatch.see")
@api.arguments(RunsQuery, location="query")
@api.response(200, RunOut(many=True))
def runs(query: dict[str, Any]) -> Any:
    """The latest runs that concern one's own offices."""
    return queries.runs(current_actor(), query["limit"])


@api.route("/dispatch-runs/<run_id>")
@needs("dispatch.see")
@api.response(200, RunDetailOut)
def run(run_id: str) -> dict[str, Any]:
    """One run, with what it decided about one's own orders."""
    return queries.run(run_id, current_actor())
