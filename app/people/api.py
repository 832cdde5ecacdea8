"""JSON door of people: tokens, oneself, a volunteer's own settings, notices."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_smorest import Blueprint

from app.extensions import limiter
from app.kernel import clock
from app.kernel.access import needs, public
from app.live import sockets
from app.notices.service import read
from app.people import guessing, queries, schemas, service, session_cookie, sessions

api = Blueprint("people_api", __name__, url_prefix="/api/v1", description="People: sign-in, oneself, availability")


@api.post("/session")
@api.arguments(schemas.SignIn)
@api.response(201, schemas.Token)
@public
@guessing.limited
def sign_in(data: dict[str, Any]) -> dict[str, Any]:
    """Exchange phone and password for a bearer token."""
    actor = service.authenticate(data["phone"], data["password"])
    lasting = sessions.lasting_of(actor.account_id)
    return {"token": sessions.issue(str(actor.account_id)), "expires_in": int(lasting.whole.total_seconds())}


@api.delete("/session")
@api.response(204)
@needs("account.self")
def sign_out() -> None:
    """End the token or session used for this call."""
    current = session_cookie.current()
    sockets.forget(current.token)
    sessions.end(str(current.row_id))
    current.drop()


@api.get("/me")
@api.response(200, schemas.Me)
@needs("account.self")
def me() -> Any:
    """Who the caller is, and what they may do where."""
    return g.actor


@api.post("/accounts")
@api.arguments(schemas.SignUp)
@api.response(201, schemas.Me)
@public
@limiter.limit("20 per hour")
def sign_up(data: dict[str, Any]) -> Any:
    """Register as a resident or a volunteer."""
    return service.sign_up(**data)


@api.patch("/me")
@api.arguments(schemas.Preferences)
@api.response(204)
@needs("account.self")
def prefer(data: dict[str, Any]) -> None:
    """Keep language, text size or name."""
    service.prefer(actor=g.actor, **data)


@api.get("/me/volunteer")
@api.response(200, schemas.VolunteerOut)
@needs("volunteer.self")
def own_profile() -> Any:
    """One's own volunteer profile."""
    return queries.own_volunteer(g.actor)


@api.patch("/me/volunteer")
@api.arguments(schemas.VolunteerProfile)
@api.response(200, schemas.VolunteerOut)
@needs("volunteer.self")
def amend_profile(data: dict[str, Any]) -> Any:
    """Change one's own volunteer profile; fields left out stay."""
    return service.amend_volunteer(actor=g.actor, **data)


@api.put("/me/availability")
@api.arguments(schemas.Grid)
@api.response(200, schemas.VolunteerOut)
@needs("volunteer.self")
def set_grid(data: dict[str, Any]) -> Any:
    """Replace the weekly availability."""
    return service.set_grid(data["cells"], actor=g.actor)


@api.post("/me/exceptions")
@api.arguments(schemas.Span)
@api.response(204)
@needs("volunteer.self")
def add_exception(data: dict[str, Any]) -> None:
    """Time off, or extra time."""
    service.add_exception(actor=g.actor, **data)


@api.put("/me/duty")
@api.arguments(schemas.Duty)
@api.response(200, schemas.VolunteerOut)
@needs("volunteer.self")
def set_duty(data: dict[str, Any]) -> Any:
    """Go on duty for some hours, or off."""
    return service.set_duty(data["on"], data["hours"], actor=g.actor)


@api.post("/me/notices/<notice_id>/reading")
@api.response(204)
@needs("account.self")
def read_notice(notice_id: str) -> None:
    """Mark a notice as read."""
    read(notice_id, actor=g.actor)


@api.get("/me/exceptions")
@api.response(200, schemas.Span(many=True))
@needs("volunteer.self")
def exceptions() -> Any:
    """Times off and extra times that lie ahead."""
    return queries.exceptions_ahead(queries.own_volunteer(g.actor), clock.now())
