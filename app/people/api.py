"""JSON door of people: tokens, oneself, a volunteer's own settings, notices."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_smorest import Blueprint

from app.extensions import limiter
from app.kernel import clock, security_log
from app.kernel.access import needs, public
from app.live import sockets
from app.notices.service import read
from app.people import devices, proving, queries, schemas, service, session_cookie, sessions

api = Blueprint("people_api", __name__, url_prefix="/api/v1", description="People: sign-in, oneself, availability")


@api.post("/session")
@api.arguments(schemas.SignIn)
@api.response(201, schemas.Token)
@public
def sign_in(data: dict[str, Any]) -> dict[str, Any]:
    """Exchange phone and password (and the second factor's code, where the account has one) for a bearer token."""
    proven = proving.by_password(**data)
    security_log.note("account.sign_in", account=proven.account_id)
    token = sessions.issue(proven.account_id, second_factor=proven.second_factor, device=devices.described())
    return {"token": token, "expires_in": int(sessions.lasting_of(proven.account_id).whole.total_seconds())}


@api.post("/session/proof")
@needs("account.self")
@api.arguments(schemas.Proof)
@api.response(204)
def prove(data: dict[str, Any]) -> None:
    """Give the password again, where an act answered `step_up_required`; it holds for some minutes."""
    proving.again(data["password"], data["code"], actor=g.actor)
    sessions.prove(str(session_cookie.current().row_id))


@api.delete("/session")
@needs("account.self")
@api.response(204)
def sign_out() -> None:
    """End the token or session used for this call."""
    current = session_cookie.current()
    sockets.forget(current.token)
    sessions.end(str(current.row_id))
    current.drop()


@api.get("/me")
@needs("account.self")
@api.response(200, schemas.Me)
def me() -> Any:
    """Who the caller is, and what they may do where."""
    return g.actor


@api.post("/accounts")
@api.arguments(schemas.SignUp)
@api.response(202, schemas.SignedUp)
@public
@limiter.limit("20 per hour")
def sign_up(data: dict[str, Any]) -> Any:
    """Register as a resident or a volunteer, then sign in. The answer is the same for a number that has an account."""
    service.sign_up(**data)
    return {"then": "sign_in"}


@api.patch("/me")
@needs("account.self")
@api.arguments(schemas.Preferences)
@api.response(204)
def prefer(data: dict[str, Any]) -> None:
    """Keep language, text size or name."""
    service.prefer(actor=g.actor, **data)


@api.get("/me/volunteer")
@needs("volunteer.self")
@api.response(200, schemas.VolunteerOut)
def own_profile() -> Any:
    """One's own volunteer profile."""
    return queries.own_volunteer(g.actor)


@api.patch("/me/volunteer")
@needs("volunteer.self")
@api.arguments(schemas.VolunteerProfile)
@api.response(200, schemas.VolunteerOut)
def amend_profile(data: dict[str, Any]) -> Any:
    """Change one's own volunteer profile; fields left out stay."""
    return service.amend_volunteer(actor=g.actor, **data)


@api.put("/me/availability")
@needs("volunteer.self")
@api.arguments(schemas.Grid)
@api.response(200, schemas.VolunteerOut)
def set_grid(data: dict[str, Any]) -> Any:
    """Replace the weekly availability."""
    return service.set_grid(data["cells"], actor=g.actor)


@api.post("/me/exceptions")
@needs("volunteer.self")
@api.arguments(schemas.Span)
@api.response(204)
def add_exception(data: dict[str, Any]) -> None:
    """Time off, or extra time."""
    service.add_exception(actor=g.actor, **data)


@api.put("/me/duty")
@needs("volunteer.self")
@api.arguments(schemas.Duty)
@api.response(200, schemas.VolunteerOut)
def set_duty(data: dict[str, Any]) -> Any:
    """Go on duty for some hours, or off."""
    return service.set_duty(data["on"], data["hours"], actor=g.actor)


@api.post("/me/notices/<notice_id>/reading")
@needs("account.self")
@api.response(204)
def read_notice(notice_id: str) -> None:
    """Mark a notice as read."""
    read(notice_id, actor=g.actor)


@api.get("/me/exceptions")
@needs("volunteer.self")
@api.response(200, schemas.Span(many=True))
def exceptions() -> Any:
    """Times off and extra times that lie ahead."""
    return queries.exceptions_ahead(queries.own_volunteer(g.actor), clock.now())
