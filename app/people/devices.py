"""The browser somebody sits at: said in a few words, and remembered where they have signed in before."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app, has_request_context, request
from sqlalchemy import delete, func, select
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.transaction import command
from app.people.sealing import digest
from models import KnownDevice, db

KEPT = timedelta(days=180)
MOST_DEVICES = 20
"""Known devices of one person; the one unused for longest is forgotten."""
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def described() -> str:
    """`Chrome · Android`: enough to recognise one's own, too little to follow somebody by."""
    if not has_request_context():
        return ""
    agent = request.headers.get("User-Agent", "")[:400]
    found = [next((word for sign, word in signs if sign in agent), "") for signs in (BROWSERS, SYSTEMS)]
    return " · ".join(word for word in found if word)


def cookie_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}_device"


def token_here() -> str:
    """The token of this browser; empty where it was never signed in from."""
    return request.cookies.get(cookie_name(), "")[:100] if has_request_context() else ""


def is_known(account_id: str, token: str) -> bool:
    if not token:
        return False
    found = select(KnownDevice.id).where(
        KnownDevice.account_id == account_id,
        KnownDevice.token_hash == digest(token),
        KnownDevice.seen_at > now() - KEPT,
    )
    return db.session.scalar(found) is not None


def remember(account_id: str, token: str) -> bool:
    """Inside a command: this person has signed in here. True where the device is new to somebody who has others."""
    row = db.session.scalar(select(KnownDevice).filter_by(account_id=account_id, token_hash=digest(token)))
    if row is not None:
        row.seen_at = now()
        return False
    others = db.session.scalar(select(func.count()).select_from(KnownDevice).filter_by(account_id=account_id)) or 0
    db.session.add(KnownDevice(account_id=account_id, token_hash=digest(token), created_at=now(), seen_at=now()))
    db.session.flush()
    held = select(KnownDevice.id).filter_by(account_id=account_id).order_by(KnownDevice.seen_at.desc())
    surplus = list(db.session.scalars(held))[MOST_DEVICES:]
    db.session.execute(delete(KnownDevice).where(KnownDevice.id.in_(surplus)))
    return others > 0


def forget_all(account_id: str) -> None:
    """After a new password every device proves itself anew. Call it inside a command."""
    db.session.execute(delete(KnownDevice).where(KnownDevice.account_id == account_id))


@command
def sweep() -> int:
    gone = delete(KnownDevice).where(KnownDevice.seen_at <= now() - KEPT)
    return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hand_over(response: Response, token: str) -> Response:
    """Give the browser its token. It opens nothing: it only says that somebody has been here before."""
    response.set_cookie(
        cookie_name(), token, max_age=int(KEPT.total_seconds()), httponly=True, path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"], samesite="Lax",
    )  # fmt: skip
    return response
