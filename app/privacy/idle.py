"""Accounts that nobody has used for two years: told a month before, then erased in the ordinary way.

What is written down is an ordinary request to be erased that nobody asked for (`asked_by_id` is empty). Its person may
take it back, and signing in takes it back; a legal hold, a post, or something open makes it wait.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, select

from app.kernel.access import SYSTEM
from app.kernel.clock import now
from app.kernel.journal import record
from app.kernel.locks import locked
from app.kernel.transaction import command
from app.notices.service import tell
from app.privacy import persons
from models import Account, Assignment, Erasure, Order, Resident, RoleGrant, SubjectKey, Volunteer, db
from models.kinds import EventKind, NoticeKind

NOTICE = timedelta(days=30)


def ask_for_idle(days: int, *, dry_run: bool = False) -> int:
    """Announce the erasure of accounts unused for so many days less the month of notice; gives how many."""
    found = list(db.session.scalars(_idle(days)))
    awake = list(db.session.scalars(_awake()))
    db.session.rollback()
    if dry_run:
        return len(found)
    for subject_id in awake:
        _take_back(subject_id)
    return sum(_announce(account_id) for account_id in found)


def _idle(days: int) -> Any:
    """SQL: accounts without a sign-in, an order or a visit since then, whose person is here and holds no post."""
    since = now() - timedelta(days=days) + NOTICE
    served = exists().where(Resident.account_id == Account.id, Order.resident_id == Resident.id)
    helped = exists().where(Volunteer.account_id == Account.id, Assignment.volunteer_id == Volunteer.id)
    return select(Account.id).where(
        func.coalesce(Account.signed_in_at, Account.created_at) < since,
        ~Account.is_demo,
        ~served.where(Order.created_at >= since),
        ~helped.where(Assignment.accepted_at >= since),
        ~exists().where(RoleGrant.account_id == Account.id, RoleGrant.role.in_(persons.STAFF)),
        ~exists().where(SubjectKey.subject_id == Account.id, SubjectKey.destroyed_at.is_not(None)),
        ~exists().where(Erasure.subject_id == Account.id, *_open()),
    ).order_by(Account.id)  # fmt: skip


def _awake() -> Any:
    """SQL: people whose erasure was announced and who have signed in since."""
    return select(Erasure.subject_id).join(Account, Account.id == Erasure.subject_id).where(
        Erasure.asked_by_id.is_(None), Account.signed_in_at >= Erasure.asked_at, *_open(),
    )  # fmt: skip


def _open() -> tuple[Any, Any]:
    return Erasure.done_at.is_(None), Erasure.withdrawn_at.is_(None)


@command
def _announce(account_id: str) -> bool:
    locked(Account, account_id)
    who = persons.person(account_id)
    if any(persons.obstacles(who)) or persons.open_request(who) is not None:
        return False
    office = who.office
    asked = Erasure(
        subject_id=account_id, office_id=office.id if office else None, asked_at=now(), due_at=now() + NOTICE
    )
    db.session.add(asked)
    record(who.profile, EventKind.ERASURE_ASK, actor=SYSTEM, idle=True)
    tell(account_id, NoticeKind.SECURITY, code="idle")
    return True


@command
def _take_back(subject_id: str) -> None:
    who = persons.person(subject_id)
    request = persons.open_request(who)
    if request is not None:
        request.withdrawn_at = now()
        record(who.profile, EventKind.ERASURE_WITHDRAW, actor=SYSTEM, idle=True)
