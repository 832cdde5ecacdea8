"""The first administrator: made with a printed token, once, within thirty minutes. There is no default account."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.kernel.access import SYSTEM
from app.kernel.clock import now
from app.kernel.errors import NotFound, WrongSecret
from app.kernel.journal import record
from app.kernel.transaction import command
from app.people import passwords, safety
from app.people.sealing import digest
from models import Account, FirstRunToken, Office, RoleGrant, db
from models.ids import new_id
from models.kinds import EventKind, OfficeLevel, Role

LASTS = timedelta(minutes=30)


def is_open() -> bool:
    """Whether this site still waits for its first office."""
    return db.session.scalar(select(Office.id).limit(1)) is None


@command
def new_token() -> str | None:
    """A fresh token, and no other is good any more; None where the site has an office already."""
    if not is_open():
        return None
    token = secrets.token_urlsafe(24)
    db.session.execute(delete(FirstRunToken))
    db.session.add(FirstRunToken(token_hash=digest(token), created_at=now(), expires_at=now() + LASTS))
    return token


def begin(
    token: str, *, office: str, office_phone: str, lat: float, lon: float, name: str, phone: str, password: str
) -> None:
    """Make the city's office and its administrator.

    Raises WrongSecret for a token that is wrong, used or old, NotFound where the site has begun, and Invalid.
    """
    if not is_open():
        raise NotFound()
    safety.refuse_guessable(password, name, phone)
    hashed = passwords.hash_password(password)
    _begin(token, {"name": office, "phone": office_phone, "lat": lat, "lon": lon}, name, phone, hashed)


@command
def _begin(token: str, office: dict[str, Any], name: str, phone: str, hashed: str) -> None:
    held = select(FirstRunToken).filter_by(token_hash=digest(token), used_at=None)
    row = db.session.scalar(held.where(FirstRunToken.expires_at > now()).with_for_update())
    if row is None:
        raise WrongSecret(_("这串开通码不对、用过了，或者过了 30 分钟。请在服务器上再运行一次安装命令。"))
    if not is_open():
        raise NotFound()
    row.used_at = now()
    key = new_id()
    city = Office(id=key, level=OfficeLevel.CITY, path=f"/{key}/", **office)
    account = Account(phone=phone, password_hash=hashed, name=name, created_at=now())
    db.session.add_all([city, account])
    db.session.flush()
    grant = RoleGrant(account_id=account.id, role=Role.ADMINISTRATOR, office_id=city.id, created_at=now())
    db.session.add(grant)
    db.session.flush()
    record(city, EventKind.OFFICE_ADD, actor=SYSTEM, level=city.level)
    record(grant, EventKind.ROLE_GRANT, actor=SYSTEM, role=grant.role)
