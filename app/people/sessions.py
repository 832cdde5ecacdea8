"""Server-side sessions: the browser holds a random token, the database its SHA-256 and everything else, sealed.

A bearer token (for programs) is the same row without a cookie. Signing out deletes the row, so a stolen cookie dies;
so do a new password, another role and a closed account, with all sessions of the person.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, select, update

from app.kernel.clock import now
from app.kernel.transaction import command
from app.people.sealing import digest, open_with_token, seal_with_token
from models import Account, AuthSession, RoleGrant, db
from models.kinds import Role, SessionKind

NAMELESS = timedelta(days=1)
"""How long the session of somebody who is not signed in is kept (drafts, the form token)."""
DEMO_SESSIONS = 200
"""Visitors of a demo city share its accounts."""


@dataclass(frozen=True)
class Lasting:
    """How long a session lasts without a visit, and at most."""

    idle: timedelta
    whole: timedelta


SHORTEST_FIRST: tuple[tuple[Role, Lasting], ...] = (
    (Role.ADMINISTRATOR, Lasting(timedelta(minutes=15), timedelta(hours=8))),
    (Role.COORDINATOR, Lasting(timedelta(minutes=30), timedelta(hours=12))),
    (Role.SUPERVISOR, Lasting(timedelta(minutes=30), timedelta(hours=12))),
)
EVERYBODY_ELSE = Lasting(timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True)
class Kept:
    """What a request's session leaves behind, apart from its words."""

    row_id: str | None
    token: str
    account_id: str | None
    kind: str = SessionKind.BROWSER
    device: str = ""
    proved_at: datetime | None = None
    second_factor: bool = False


def lasting_of(account_id: str | None) -> Lasting:
    """The limits of this person's sessions: those of their most powerful role."""
    if account_id is None:
        return Lasting(NAMELESS, NAMELESS)
    held = set(db.session.scalars(select(RoleGrant.role).where(RoleGrant.account_id == account_id)))
    return next((lasting for role, lasting in SHORTEST_FIRST if role in held), EVERYBODY_ELSE)


def find(token: str) -> AuthSession | None:
    """The living session behind a token."""
    if not token or len(token) > 100:
        return None
    row = db.session.scalar(select(AuthSession).where(AuthSession.token_hash == digest(token)))
    return row if row is not None and is_alive(row) else None


def is_alive(row: AuthSession) -> bool:
    moment = now()
    return row.expires_at > moment and row.seen_at + timedelta(seconds=row.idle_seconds) > moment


def words(row: AuthSession, token: str) -> dict[str, Any] | None:
    """What the session holds; None where the row was tampered with."""
    return open_with_token(token, row.sealed)


@command
def store(kept: Kept, data: dict[str, Any]) -> None:
    """Write a session down: a new row, or the row there is under the token it has now."""
    row = db.session.get(AuthSession, kept.row_id) if kept.row_id else None
    if row is None:
        if kept.row_id:
            return  # ended by somebody else while this request ran: it stays ended
        row = _new_row(kept)
    row.token_hash = digest(kept.token)
    row.sealed = seal_with_token(kept.token, data)
    row.proved_at, row.second_factor = kept.proved_at, kept.second_factor
    row.seen_at = now()


def _new_row(kept: Kept) -> AuthSession:
    lasting = lasting_of(kept.account_id)
    if kept.account_id:
        _make_room(kept.account_id, kept.kind)
        db.session.execute(update(Account).where(Account.id == kept.account_id).values(signed_in_at=now()))
    row = AuthSession(
        account_id=kept.account_id, kind=kept.kind, device=kept.device, created_at=now(),
        idle_seconds=int(lasting.idle.total_seconds()), expires_at=now() + lasting.whole,
    )  # fmt: skip
    db.session.add(row)
    return row


def _make_room(account_id: str, kind: str) -> None:
    """So many at once of each kind; the one unused for longest gives way."""
    account = db.session.get(Account, account_id)
    most = current_app.config["LINLI"].sessions_per_person
    most = max(most, DEMO_SESSIONS) if account is not None and account.is_demo else most
    held = select(AuthSession.id).where(AuthSession.account_id == account_id, AuthSession.kind == kind)
    rows = list(db.session.scalars(held.order_by(AuthSession.seen_at.desc(), AuthSession.created_at.desc())))
    db.session.execute(delete(AuthSession).where(AuthSession.id.in_(rows[most - 1 :])))


@command
def issue(account_id: str, *, second_factor: bool = False, device: str = "") -> str:
    """A bearer token for a program whose person has just given the password; shown once."""
    token = secrets.token_urlsafe(32)
    store(Kept(None, token, account_id, SessionKind.PROGRAM, device, now(), second_factor), {})
    return token


@command
def prove(row_id: str) -> None:
    """Remember that the password was given again just now, in a program's session."""
    row = db.session.get(AuthSession, row_id)
    if row is not None:
        row.proved_at = now()


@command
def end(row_id: str) -> None:
    db.session.execute(delete(AuthSession).where(AuthSession.id == row_id))


@command
def end_own(account_id: str, row_id: str) -> bool:
    """End one of a person's sessions; False where it is none of theirs."""
    gone = delete(AuthSession).where(AuthSession.id == row_id, AuthSession.account_id == account_id)
    return bool(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


@command
def end_all(account_id: str, *, but: str | None = None) -> None:
    """End every session of a person, but for the one with this id. Their sockets close within two seconds."""
    gone = delete(AuthSession).where(AuthSession.account_id == account_id)
    db.session.execute(gone.where(AuthSession.id != but) if but else gone)


def of_account(account_id: str) -> list[AuthSession]:
    """A person's living sessions, the latest first."""
    rows = db.session.scalars(
        select(AuthSession).where(AuthSession.account_id == account_id).order_by(AuthSession.seen_at.desc())
    )
    return [row for row in rows if is_alive(row)]


@command
def sweep() -> int:
    """Forget sessions that have run out."""
    over = delete(AuthSession).where(AuthSession.expires_at <= now())
    count = int(db.session.execute(over).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult
    for seconds in db.session.scalars(select(AuthSession.idle_seconds).distinct()).all():
        left = now() - timedelta(seconds=seconds)
        idle = delete(AuthSession).where(AuthSession.idle_seconds == seconds, AuthSession.seen_at <= left)
        count += int(db.session.execute(idle).rowcount)  # type: ignore[attr-defined]  # the same
    return count
