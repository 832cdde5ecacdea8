"""API keys: `lk1_<8 public>_<43 random>`. Shown once; kept is the SHA-256 of the whole.

A key is another system, not a person: an Actor without account, with one role in its office's subtree for each scope,
and only the acts of app/people/scopes.py. Whatever is wrong with a key, the answer is the same 401.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address, ip_network

from flask import current_app, request
from flask_babel import gettext as _
from limits import parse
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import TooManyRequests

from app.extensions import limiter
from app.kernel.access import Actor, Grant, require
from app.kernel.clock import now
from app.kernel.errors import DomainError, Invalid, NotAllowed, NotFound, NotSignedIn
from app.kernel.journal import record
from app.kernel.locks import locked
from app.kernel.security_log import note
from app.kernel.transaction import command
from app.people.scopes import POWERS, opens
from app.people.sealing import digest
from models import ApiKey, Office, db
from models.ids import ALPHABET
from models.kinds import EventKind, Scope

PREFIX = "lk1_"
LONGEST_DAYS = 365
LONGEST_SCREEN = 90
"""Days a screen on the wall may be let in; it hangs where many pass."""
MOST_OF_OFFICE = 20
MOST_NETWORKS = 20
TOUCH_EVERY = timedelta(minutes=10)
_FORM = re.compile(r"lk1_([0-9a-hjkmnp-tv-z]{8})_([A-Za-z0-9_-]{43})")
_NOBODY_S = digest("")
log = logging.getLogger(__name__)


# ---------- administrators ----------


@command
def issue(
    office_id: str, name: str, scopes: Sequence[str], days: int, networks: Sequence[str] = (), *, actor: Actor
) -> tuple[ApiKey, str]:
    """A new key for an office's subtree; gives its row and its text, which nobody can show again."""
    office = locked(Office, office_id)
    require(actor, "api_key.manage", office)
    wanted = sorted({str(Scope(scope)) for scope in scopes})
    if not wanted:
        raise Invalid({"scopes": [_("至少选一项。")]})
    longest = LONGEST_SCREEN if Scope.SCREEN in wanted else LONGEST_DAYS
    if not 1 <= days <= longest:
        raise Invalid({"days": [_("最多 %(most)s 天。", most=longest)]})
    if Scope.SCREEN in wanted and len(wanted) > 1:
        raise Invalid({"scopes": [_("大屏的密钥不能再做别的，请另发一把。")]})
    held = select(func.count()).select_from(ApiKey).where(
        ApiKey.office_id == office.id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now()
    )  # fmt: skip
    if (db.session.scalar(held) or 0) >= MOST_OF_OFFICE:
        raise Invalid({"name": [_("一个办公室最多 %(most)s 把密钥，请先吊销不用的。", most=MOST_OF_OFFICE)]})
    public = "".join(secrets.choice(ALPHABET) for _place in range(8))
    text = f"{PREFIX}{public}_{secrets.token_urlsafe(32)}"
    row = ApiKey(
        public_id=public, digest=digest(text), name=name, office_id=office.id, scopes=wanted,
        networks=_networks(networks), created_by_id=actor.account_id, created_at=now(),
        expires_at=now() + timedelta(days=days),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    record(row, EventKind.API_KEY_ISSUE, actor=actor, scopes=wanted, days=days, networks=row.networks)
    note("api_key.issue", key=row.id, office=office.id)
    return row, text


@command
def revoke(key_id: str, *, actor: Actor) -> None:
    """End a key at once and for good."""
    row = locked(ApiKey, key_id)
    require(actor, "api_key.manage", row)
    if row.revoked_at is not None:
        raise NotFound()
    row.revoked_at = now()
    record(row, EventKind.API_KEY_REVOKE, actor=actor)
    note("api_key.revoke", key=row.id, office=row.office_id)


def _networks(typed: Sequence[str]) -> list[str]:
    if len(typed) > MOST_NETWORKS:
        raise Invalid({"networks": [_("最多 %(most)s 个地址。", most=MOST_NETWORKS)]})
    try:
        return [str(ip_network(text.strip(), strict=False)) for text in typed if text.strip()]
    except ValueError as error:
        raise Invalid({"networks": [_("请写 IP 地址或网段，例如 192.0.2.7 或 192.0.2.0/24。")]}) from error


# ---------- requests ----------


def is_key(token: str) -> bool:
    return token.startswith(PREFIX)


def enter(token: str) -> Actor:
    """The actor behind the key of this request; NotSignedIn for a key that does not count, NotAllowed for the route."""
    row = _living(token)
    if row is None or not _is_from(row, request.remote_addr):
        note("api_key.refused", grave=True, key=row.id if row is not None else None)
        raise NotSignedIn()
    _count(row)
    if request.endpoint is not None and not opens(frozenset(row.scopes), request.endpoint):
        note("api_key.out_of_scope", grave=True, key=row.id)
        raise NotAllowed()
    _touch(row)
    return actor_of_key(row)


def actor_of_key(row: ApiKey) -> Actor:
    powers = [POWERS[Scope(scope)] for scope in row.scopes]
    return Actor(
        name=row.name,
        key_id=row.id,
        grants=tuple(Grant(role, row.office_id, row.office.path) for role in sorted({power.role for power in powers})),
        acts=frozenset().union(*(power.acts for power in powers)),
    )


def living(token: str, scope: Scope) -> ApiKey:
    """The row of a key that counts, comes from where it may and has this scope; raises NotSignedIn."""
    row = _living(token)
    if row is None or scope not in row.scopes or not _is_from(row, request.remote_addr):
        note("api_key.refused", grave=True, key=row.id if row is not None else None)
        raise NotSignedIn()
    return row


def _living(token: str) -> ApiKey | None:
    """The row of a key that is known, not revoked and not over."""
    form = _FORM.fullmatch(token)
    row = db.session.scalar(select(ApiKey).where(ApiKey.public_id == form[1])) if form else None
    same = hmac.compare_digest(digest(token), row.digest if row is not None else _NOBODY_S)
    return row if row is not None and same and row.revoked_at is None and row.expires_at > now() else None


def _is_from(row: ApiKey, address: str | None) -> bool:
    if not row.networks:
        return True
    try:
        whence = ip_address(address or "")
    except ValueError:
        return False
    whence = getattr(whence, "ipv4_mapped", None) or whence
    return any(whence in ip_network(network) for network in row.networks)


def _count(row: ApiKey) -> None:
    """So many requests a minute for each key, wherever they come from."""
    most = current_app.config["LINLI"].api_key_per_minute
    if limiter.enabled and not limiter.limiter.hit(parse(f"{most} per minute"), "api_key", row.id):
        raise TooManyRequests()


def _touch(row: ApiKey) -> None:
    """Remember roughly when it was last used; a database that cannot write now is no reason to refuse a read."""
    if row.used_at is not None and row.used_at + TOUCH_EVERY > now():
        return
    try:
        _used(row.id)
    except (DomainError, DBAPIError) as trouble:
        log.info("the use of key %s could not be noted: %s", row.id, type(trouble).__name__)


@command
def _used(key_id: str) -> None:
    db.session.execute(update(ApiKey).where(ApiKey.id == key_id).values(used_at=now()))
