"""JSON door of rights: one's consents, and a copy of one's data."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_smorest import Blueprint

from app.extensions import limiter
from app.kernel.access import needs
from app.people.stepup import fresh
from app.rights import consents, copies, schemas

api = Blueprint("rights_api", __name__, url_prefix="/api/v1", description="Rights: consents, a copy of one's data")


@api.get("/me/consents")
@needs("account.self")
@api.response(200, schemas.ConsentOut(many=True))
def own_consents() -> Any:
    """What the caller agreed to and took back, the newest first."""
    return consents.history(str(g.actor.account_id))


@api.post("/me/consents")
@needs("account.self")
@api.arguments(schemas.Agreement)
@api.response(200, schemas.ConsentOut(many=True))
def answer(data: dict[str, Any]) -> Any:
    """Agree to one purpose, or take it back."""
    (consents.give if data["agreed"] else consents.withdraw)(data["purpose"], actor=g.actor)
    return consents.history(str(g.actor.account_id))


@api.post("/me/copy")
@needs("account.self")
@fresh
@api.response(200, schemas.CopyOut)
@limiter.limit("10 per hour")
def copy() -> Any:
    """Everything held about the caller. It is written down that a copy was taken."""
    copies.note_copy(actor=g.actor)
    return copies.as_json(g.actor)
