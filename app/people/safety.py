"""Verbs about the safety of an account: a new password, a code from the desk, closing and opening it."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import Select, delete, select

from app.kernel.access import Actor, office_path, require
from app.kernel.clock import now
from app.kernel.errors import Invalid, NotFound, WrongSecret
from app.kernel.journal import record
from app.kernel.locks import locked
from app.kernel.transaction import command
from app.notices.service import tell
from app.people import devices, guessing, passwords, sessions
from app.people.phones import find_account, national, normalise
from app.people.sealing import keyed_digest
from models import Account, ResetCode, RoleGrant, db
from models.kinds import EventKind, NoticeKind, Role

CODE_DIGITS = 10
CODE_LASTS = timedelta(minutes=30)
CODE_TRIES = 5
"""Wrong ones from one place, before it has to wait (app/people/guessing.py)."""
CODE_GUESSES = 3_000
"""Wrong ones from all places; then the code is dead. The chance of a guesser is 3,000 in 10^10, one in three million.
The waits leave one place fewer than 30 in the half hour, so to take the code from its owner takes over 100 networks.
"""
BY_THE_DESK = frozenset({Role.RESIDENT, Role.VOLUNTEER})
"""Who may be helped by a coordinator; staff are helped by their administrator."""


def change_password(new: str, *, actor: Actor, session_id: str | None) -> None:
    """Set one's own new password; every other session and every known device is forgotten. Raises Invalid."""
    account = db.session.get(Account, str(actor.account_id))
    if account is None:
        raise NotFound()
    _refuse_guessable(new, account)
    _set_password(account.id, passwords.hash_password(new), actor, session_id)


def refuse_guessable(password: str, name: str, phone: str) -> None:
    """Raises Invalid for a password among the first that anybody would try."""
    if passwords.is_guessable(password, (name, national(phone))):
        raise Invalid({"password": [_("这个密码太容易猜到了，请换一个，例如一句只有您知道的话。")]})


def _refuse_guessable(password: str, account: Account) -> None:
    refuse_guessable(password, account.name, account.phone)


@command
def _set_password(account_id: str, hashed: str, actor: Actor, but: str | None) -> None:
    account = locked(Account, account_id)
    account.password_hash = hashed
    sessions.end_all(account_id, but=but)
    devices.forget_all(account_id)
    db.session.execute(delete(ResetCode).where(ResetCode.account_id == account_id))
    record(account, EventKind.ACCOUNT_PASSWORD, actor=actor)
    tell(account_id, NoticeKind.SECURITY, code="password")


# ---------- help at the desk ----------


def person_to_help(phone: str, *, actor: Actor) -> Account:
    """The person with this number, if this actor may help them to a new password.

    Raises the same NotFound for a number nobody has, for people of other offices and for staff above the actor.
    """
    account = find_account(normalise(phone))
    if account is None or not may_help(account, actor):
        raise NotFound(_("这里没有用这个手机号的人。请核对号码；工作人员请找平台管理员。"))
    return account


def may_help(account: Account, actor: Actor) -> bool:
    """A coordinator helps residents and volunteers of the own subtree, an administrator everybody of theirs; nobody
    themselves, so that a code always takes two people.
    """
    if account.id == actor.account_id or not account.grants:
        return False
    by_desk = {grant.role for grant in account.grants} <= BY_THE_DESK
    roles = (Role.COORDINATOR, Role.ADMINISTRATOR) if by_desk else (Role.ADMINISTRATOR,)
    return all(actor.covers(office_path(grant), *roles) for grant in account.grants)


def give_reset_code(account_id: str, *, actor: Actor) -> str:
    """A code for whoever stands at the desk; it is shown once, works once, and for thirty minutes."""
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    _keep_code(account_id, keyed_digest("reset code", account_id, code), actor)
    return code


@command
def _keep_code(account_id: str, code_hash: str, actor: Actor) -> None:
    account = locked(Account, account_id)
    require(actor, "account.recover", account.grants[0] if account.grants else None)
    if not may_help(account, actor):
        raise NotFound()
    db.session.execute(delete(ResetCode).where(ResetCode.account_id == account_id))
    row = ResetCode(
        account_id=account_id, code_hash=code_hash, given_by=str(actor.account_id), created_at=now(),
        expires_at=now() + CODE_LASTS,
    )  # fmt: skip
    db.session.add(row)
    record(account, EventKind.ACCOUNT_RESET_CODE, actor=actor)
    tell(account_id, NoticeKind.SECURITY, code="reset_code")


def reset_password(phone: str, code: str, password: str) -> None:
    """A new password with a code from the desk. Raises WrongSecret, in the same words and time for an unknown number,
    a wrong, used or old code; TooManyTries; Invalid.
    """
    number = normalise(phone) or phone
    account = find_account(number)
    refuse_guessable(password, "", number)  # the name is looked at once the code has proven who asks
    held = db.session.scalar(_held_code(account.id)) if account else None
    tried = guessing.attempt_here(held.id if held else number, "reset", CODE_TRIES)
    hashed = passwords.hash_password(password)
    plain = "".join(code.split())
    if account is None or not _use_code(account, keyed_digest("reset code", account.id, plain), password):
        tried.wrong(account.id if account else None)
        raise WrongSecret(_("手机号或一次性码不对，或者码已经过期。请到社区再要一个。"))
    tried.right()
    _set_password(account.id, hashed, Actor(account_id=account.id, name=account.name), None)


def _held_code(account_id: str) -> Select[ResetCode]:
    return select(ResetCode).filter_by(account_id=account_id, used_at=None).where(ResetCode.expires_at > now())


@command
def _use_code(account: Account, code_hash: str, password: str) -> bool:
    """Whether the code is right, and used from now on; Invalid for a password like their name, and the code stays."""
    row = db.session.scalar(_held_code(account.id).with_for_update())
    if row is None or row.tries >= CODE_GUESSES:
        return False
    row.tries += 1
    if row.code_hash != code_hash:
        return False
    _refuse_guessable(password, account)
    row.used_at = now()
    return True


@command
def set_active(account_id: str, is_active: bool, *, actor: Actor) -> None:
    """Close an account of one's own subtree, or open it again; its sessions and sockets end with it."""
    account = locked(Account, account_id)
    grants = db.session.scalars(select(RoleGrant).filter_by(account_id=account_id)).all()
    if account_id == actor.account_id or not grants:
        raise NotFound()
    for grant in grants:
        require(actor, "role.grant", grant)
    account.is_active = is_active
    if not is_active:
        sessions.end_all(account_id)
    record(account, EventKind.ACCOUNT_ACTIVITY, actor=actor, is_active=is_active)


@command
def sweep() -> int:
    """Forget codes that have run out."""
    gone = delete(ResetCode).where(ResetCode.expires_at <= now() - timedelta(days=1))
    return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult
