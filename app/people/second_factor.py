"""The second factor: codes of an authenticator app (TOTP, RFC 6238) and ten recovery codes for the day it is lost."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

import pyotp
import segno
from flask import current_app
from markupsafe import Markup
from sqlalchemy import delete, func, select

from app.kernel.access import Actor, require
from app.kernel.clock import now
from app.kernel.errors import NotFound, WrongSecret
from app.kernel.journal import record
from app.kernel.transaction import command
from app.notices.service import tell
from app.people import sessions
from app.people.sealing import digest
from models import Account, RecoveryCode, RoleGrant, SecondFactor, db
from models.ids import ALPHABET
from models.kinds import EventKind, NoticeKind, Role

STEP = timedelta(seconds=30)
DRIFT = 1
"""Steps that the clock of somebody's phone may be early or late."""
RECOVERY_CODES = 10
STAFF = (Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)


def is_on(account_id: str) -> bool:
    return db.session.get(SecondFactor, account_id) is not None


def is_wanted(account_id: str) -> bool:
    """Whether this person must have one: staff in production, but for the accounts of a demo city."""
    if not current_app.config["LINLI"].second_factor_for_staff:
        return False
    account = db.session.get(Account, account_id)
    held = select(RoleGrant.id).where(RoleGrant.account_id == account_id, RoleGrant.role.in_(STAFF)).limit(1)
    return account is not None and not account.is_demo and db.session.scalar(held) is not None


def new_secret() -> str:
    return pyotp.random_base32()


def address_of(secret: str, label: str) -> str:
    """What the app reads from the picture; `label` tells one's accounts apart there."""
    return pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name="Linli")


def picture_of(address: str) -> Markup:
    """The address as a QR code: an SVG of one path, drawn by us from letters and digits."""
    drawn = segno.make(address, error="m").svg_inline(scale=5, border=2, light="#fff", omitsize=False)
    return Markup(drawn)  # noqa: S704 - segno's own drawing holds no text of ours


def step_of(secret: str, code: str) -> int | None:
    """The half minute whose code this is, among those near now; None for no such code."""
    here = int(now().timestamp() // STEP.total_seconds())
    totp = pyotp.TOTP(secret)
    near = range(here - DRIFT, here + DRIFT + 1)
    typed = code.replace(" ", "").encode("utf-8", "surrogatepass")
    found = [step for step in near if hmac.compare_digest(totp.generate_otp(step).encode(), typed)]
    return found[0] if found else None


def passes(account_id: str, code: str) -> bool:
    """Whether this code of the app, or this recovery code, is right; it is used up with that."""
    return _use_step(account_id, code) if code.replace(" ", "").isdecimal() else _use_recovery(account_id, code)


@command
def _use_step(account_id: str, code: str) -> bool:
    row = db.session.scalar(select(SecondFactor).filter_by(account_id=account_id).with_for_update())
    step = step_of(row.secret, code) if row is not None and row.secret else None
    if row is None or step is None or step <= row.last_step:
        return False
    row.last_step = step
    return True


@command
def _use_recovery(account_id: str, code: str) -> bool:
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    known = select(RecoveryCode).filter_by(account_id=account_id, code_hash=digest(plain), used_at=None)
    row = db.session.scalar(known.with_for_update())
    if row is None:
        return False
    row.used_at = now()
    tell(account_id, NoticeKind.SECURITY, code="recovery_code_used")
    return True


def turn_on(secret: str, code: str, *, actor: Actor, session_id: str | None) -> list[str]:
    """Keep the secret once its owner has shown a code of it; gives back the recovery codes, shown this once.

    Every other session of the person ends. Raises WrongSecret.
    """
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    _keep(secret, code, codes, actor, session_id)
    return codes


@command
def _keep(secret: str, code: str, codes: list[str], actor: Actor, session_id: str | None) -> None:
    account = _account(str(actor.account_id))
    step = step_of(secret, code)
    if step is None:
        raise WrongSecret()
    _forget(account.id)
    db.session.add(SecondFactor(account_id=account.id, secret=secret, last_step=step, created_at=now()))
    for one in codes:
        db.session.add(RecoveryCode(account_id=account.id, code_hash=digest(one.replace("-", ""))))
    db.session.flush()
    sessions.end_all(account.id, but=session_id)
    record(account, EventKind.ACCOUNT_FACTOR_ON, actor=actor)
    tell(account.id, NoticeKind.SECURITY, code="factor_on")


@command
def turn_off(account_id: str, *, actor: Actor, session_id: str | None = None) -> None:
    """Take the second factor away: one's own, or that of somebody below whose phone is lost. Every session but the
    one it was done in ends."""
    account = _account(account_id)
    if account_id != actor.account_id:
        for grant in account.grants:
            require(actor, "role.grant", grant)
    if not is_on(account_id) or not account.grants:
        raise NotFound()
    _forget(account_id)
    sessions.end_all(account_id, but=session_id if account_id == actor.account_id else None)
    record(account, EventKind.ACCOUNT_FACTOR_OFF, actor=actor)
    tell(account_id, NoticeKind.SECURITY, code="factor_off")


def codes_left(account_id: str) -> int:
    unused = select(func.count()).select_from(RecoveryCode).filter_by(account_id=account_id, used_at=None)
    return db.session.scalar(unused) or 0


def _forget(account_id: str) -> None:
    for table in (SecondFactor, RecoveryCode):
        db.session.execute(delete(table).where(table.account_id == account_id))
    db.session.expire_all()


def _account(account_id: str) -> Account:
    account = db.session.scalar(select(Account).filter_by(id=account_id).with_for_update())
    if account is None:
        raise NotFound()
    return account


def _recovery_code() -> str:
    """Fifty random bits, in letters and digits that are not mistaken for one another."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"
