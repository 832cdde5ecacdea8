"""Privacy for programs: looking at details with a reason, who looked, blocks. No answer is kept on the way."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_smorest import Blueprint

from app.kernel.access import needs
from app.kernel.web import request_key
from app.privacy import looks, schemas, service
from models import Block, Reveal

api = Blueprint("privacy_api", __name__, url_prefix="/api/v1", description="Looking at details, who looked, blocks")


def _answer(row: Reveal) -> dict[str, Any]:
    shown = {field: value for field, _name, value in looks.values(row, g.actor)}
    return {"id": row.id, "waiting": row.shown_at is None, "shown": shown}


@api.post("/orders/<order_id>/reveal")
@needs("reveal.make")
@api.arguments(schemas.RevealIn)
@api.response(200, schemas.RevealOut)
def reveal(given: dict[str, Any], order_id: str) -> dict[str, Any]:
    """Look at an order's contact or address, with a reason that whoever it is about can read. 429 too_many_looks."""
    return _answer(service.reveal(order_id, actor=g.actor, key=request_key(), **given))


@api.post("/volunteers/<volunteer_id>/reveal")
@needs("reveal.make")
@api.arguments(schemas.AskingPhone)
@api.response(200, schemas.RevealOut)
def reveal_volunteer(given: dict[str, Any], volunteer_id: str) -> dict[str, Any]:
    """Look at a volunteer's telephone number, with a reason they can read."""
    return _answer(service.reveal_volunteer(volunteer_id, actor=g.actor, key=request_key(), **given))


@api.post("/reveals/<reveal_id>/approval")
@needs("reveal.approve")
@api.response(200, schemas.RevealOut)
def approve(reveal_id: str) -> dict[str, Any]:
    """Say yes to a colleague who must see a minor's details. 409 own_entry: never to oneself."""
    return _answer(service.approve(reveal_id, actor=g.actor))


@api.get("/me/reads")
@needs("account.self")
@api.response(200, schemas.LookOut(many=True))
def reads() -> list[dict[str, Any]]:
    """Who looked at the caller's own details, and why."""
    return [
        {
            "at": look.at, "office": look.office.name, "role": look.role, "fields": look.fields, "reason": look.reason,
            "words": look.words, "order_id": look.order.id if look.order else None,
        }
        for look in looks.about(g.actor)
    ]  # fmt: skip


@api.post("/assignments/<assignment_id>/block")
@needs("block.make")
@api.response(201, schemas.BlockOut)
def block(assignment_id: str) -> Block:
    """Never bring these two together again; for the resident and for the volunteer of the assignment."""
    return service.block(assignment_id, actor=g.actor)
