"""Orders for programs: the same shapes, verbs and limits of sight as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g
from flask_smorest import Blueprint

from app.kernel.access import needs
from app.kernel.web import request_key
from app.ordering import queries, schemas, service
from app.privacy.queries import View, view_at_desk
from models import Event
from models.kinds import Channel

api = Blueprint("ordering_api", __name__, url_prefix="/api/v1", description="Orders: placing, review, cancelling")


def _shown(order_id: str) -> dict[str, Any]:
    return queries.visible_order(queries.order_seen(order_id, g.actor), g.actor)


@api.route("/orders", methods=["POST"])
@needs("order.place")
@api.arguments(schemas.OrderIn)
@api.response(201, schemas.OrderOut)
def place(wish: dict[str, Any]) -> dict[str, Any]:
    """Place an order; the same `Idempotency-Key` places it once."""
    order = service.place(actor=g.actor, key=request_key(), **{"channel": str(Channel.API), **wish})
    return queries.visible_order(order, g.actor)


@api.route("/orders")
@needs("order.place")
@api.arguments(schemas.PageQuery, location="query")
@api.response(200, schemas.OrderPage)
def orders(query: dict[str, Any]) -> dict[str, Any]:
    """One's own orders and those of the offices one watches over, newest first."""
    found = queries.visible_orders(g.actor, mine=query["mine"], status=query["status"])
    page = queries.page_of(found, query["page"], query["size"])
    rows = [queries.visible_order(order, g.actor) for order in page.rows]
    return {"orders": rows, "page": page.number, "pages": page.pages, "total": page.total}


@api.route("/orders/<order_id>")
@needs("order.see")
@api.response(200, schemas.OrderOut)
def order(order_id: str) -> dict[str, Any]:
    """One order, as far as the caller may see it."""
    return _shown(order_id)


@api.route("/orders/<order_id>/events")
@needs("order.see")
@api.response(200, schemas.EventOut(many=True))
def events(order_id: str) -> list[dict[str, Any]]:
    """What happened to the order, in its order."""
    order = queries.order_seen(order_id, g.actor)
    seen = view_at_desk(order, g.actor)
    return [_event(event, seen if "desk" in seen.columns else None) for event in queries.events_seen(order, g.actor)]


def _event(event: Event, seen: View | None) -> dict[str, Any]:
    """Names and particulars, which hold what people wrote, are for who works there; others see the steps."""
    shown = {name: getattr(event, name) for name in ("version", "at", "kind", "before", "after")}
    if seen is None:
        return shown
    who = seen.account_name(event.actor_id, event.actor_name)
    return {**shown, "actor_name": who, "particulars": event.particulars}


@api.route("/orders/<order_id>/cancellation", methods=["POST"])
@needs("order.cancel")
@api.arguments(schemas.Cancellation)
@api.response(200, schemas.OrderOut)
def cancel(given: dict[str, Any], order_id: str) -> dict[str, Any]:
    """Call the order off, with a reason; the same `Idempotency-Key` has the same answer."""
    reason = f"{given['reason']}：{given['words']}" if given["words"] else given["reason"]
    service.cancel(order_id, reason, actor=g.actor, key=request_key())
    return _shown(order_id)


# ---------- the desk ----------


def _desk(noun: str, shape: Any, verb: Callable[..., Any], summary: str, act: str = "order.review") -> None:
    """One step of the review as a route of its own; the same `Idempotency-Key` takes it once."""

    def view(given: dict[str, Any], order_id: str) -> dict[str, Any]:
        verb(order_id, actor=g.actor, key=request_key(), **given)
        return _still_shown(order_id)

    view.__name__, view.__doc__ = f"desk_{noun}", f"{summary} The same `Idempotency-Key` takes the step once."
    answered = api.response(200, schemas.OrderOut)(view)
    api.route(f"/orders/<order_id>/{noun}", methods=["POST"])(needs(act)(api.arguments(shape)(answered)))


def _still_shown(order_id: str) -> dict[str, Any]:
    """The order; only its id where the step has moved it out of the caller's sight."""
    return _shown(order_id) if queries.is_seen(order_id, g.actor) else {"id": order_id}


def _merge(order_id: str, into: str, **how: Any) -> None:
    queries.order_seen(order_id, g.actor, "order.review")  # only then is anything said of the other
    service.merge(order_id, queries.id_of(into, g.actor), **how)


_desk("approval", schemas.Nothing, service.approve, "The need is verified: look for volunteers.")
_desk("return", schemas.ReviewReason, service.send_back, "Send it back to be completed.")
_desk("rejection", schemas.ReviewReason, service.reject, "Say no, with the reason.")
_desk("merge", schemas.Merging, _merge, "Merge it into another live order, named by number or id.")
_desk("transfer", schemas.Transferring, service.transfer, "Hand it on to another office.")
_desk("reception", schemas.Nothing, service.receive, "Take in an order that was handed on.")
_desk(
    "classification", schemas.Classifying,
    lambda order_id, item, **how: service.classify(order_id, item, **how), "Say which service item it is.",
)  # fmt: skip
_desk(
    "split", schemas.Splitting,
    lambda order_id, by, number, **how: service.split(order_id, **{by: number}, **how),
    "Take some of its people, or all after the first minutes, into an order of their own.",
)  # fmt: skip
_desk("notes", schemas.Note, service.note, "Add a remark for the desk.", "order.note")
