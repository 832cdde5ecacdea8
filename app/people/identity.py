"""Who is asking: the actor behind a session, for requests and for sockets alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask, g, redirect, request, session, url_for
from sqlalchemy import select

from app.kernel import troubles
from app.kernel.access import NOBODY, Actor, Grant
from app.kernel.errors import FactorRequired, Unavailable
from app.people import api_keys, sessions
from app.people.second_factor import STAFF, is_wanted
from app.people.session_cookie import DatabaseSessions, current
from app.people.wall_pass import actor_of_wall
from models import Account, Office, Resident, RoleGrant, Volunteer, db
from models.kinds import Role

WITHOUT_FACTOR = (
    "/me", "/confirm", "/sign-", "/static/", "/language", "/text-size", "/about", "/healthz", "/readyz",
    "/api/v1/session", "/api/v1/me",
)  # fmt: skip
"""What staff may open who have not shown their second factor yet."""


def actor_of(account_id: str | None) -> Actor:
    """The actor for an account as its rights stand now; NOBODY for none or a closed one."""
    account = db.session.get(Account, account_id) if account_id else None
    if account is None or not account.is_active:
        return NOBODY
    held = (
        select(RoleGrant.role, RoleGrant.office_id, Office.path).join(Office).filter(RoleGrant.account_id == account.id)
    )
    return Actor(
        account_id=account.id,
        name=account.name,
        grants=tuple(Grant(Role(role), office_id, path) for role, office_id, path in db.session.execute(held)),
        resident_id=db.session.scalar(select(Resident.id).where(Resident.account_id == account.id)),
        volunteer_id=db.session.scalar(select(Volunteer.id).where(Volunteer.account_id == account.id)),
        language=account.language,
        text_size=account.text_size,
    )


def actor_of_token(token: str) -> Actor:
    """The actor behind a cookie or bearer token, looked up afresh (sockets ask on every event)."""
    row = sessions.find(token)
    return actor_of_session(row.account_id, row.second_factor) if row else NOBODY


def actor_of_session(account_id: str | None, with_second_factor: bool) -> Actor:
    """The same, in this session: staff who must have a second factor hold no office's role without having shown it."""
    actor = actor_of(account_id)
    if with_second_factor or not actor.has(*STAFF) or not is_wanted(str(account_id)):
        return actor
    return replace(actor, grants=tuple(grant for grant in actor.grants if grant.role not in STAFF))


def lacks_second_factor(actor: Actor) -> bool:
    """Whether this actor's office roles wait for a second factor."""
    if actor.account_id is None or current().second_factor:
        return False
    return is_wanted(actor.account_id)


def current_actor() -> Actor:
    actor: Actor = g.actor
    return actor


def init_app(app: Flask) -> None:
    app.session_interface = DatabaseSessions()

    @app.before_request
    def identify() -> None:
        g.actor = NOBODY
        if getattr(session, "unreachable", False):
            raise Unavailable()
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if api_keys.is_key(token) and request.path.startswith("/api/"):
            g.actor = troubles.patiently(lambda: api_keys.enter(token))
        else:
            g.actor = troubles.patiently(lambda: actor_of_session(session.get("account_id"), current().second_factor))
        if g.actor is NOBODY:
            g.actor = troubles.patiently(actor_of_wall)

    @app.before_request
    def ask_for_second_factor() -> Any:
        """Until then staff see the pages of their own account, and programs are told."""
        if request.path.startswith(WITHOUT_FACTOR) or not lacks_second_factor(g.actor):
            return None
        if request.path.startswith("/api/"):
            raise FactorRequired()
        return redirect(url_for("people.own_safety"), 303)

    @app.context_processor
    def offer_actor() -> dict[str, object]:
        return {"actor": g.get("actor", NOBODY)}
