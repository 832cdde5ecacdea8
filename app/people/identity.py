"""Who is asking: the actor behind a session, for requests and for sockets alike."""

from __future__ import annotations

from flask import Flask, g, request, session
from sqlalchemy import select

from app.kernel import troubles
from app.kernel.access import NOBODY, Actor, Grant
from app.kernel.errors import Unavailable
from app.people import api_keys, sessions
from app.people.session_cookie import DatabaseSessions
from models import Account, Office, Resident, RoleGrant, Volunteer, db
from models.kinds import Role


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
    return actor_of(row.account_id) if row else NOBODY


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
            g.actor = troubles.patiently(lambda: actor_of(session.get("account_id")))

    @app.context_processor
    def offer_actor() -> dict[str, object]:
        return {"actor": g.get("actor", NOBODY)}
