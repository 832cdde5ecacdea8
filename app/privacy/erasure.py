"""Being forgotten: asked for, waited for, done. The person's key is destroyed, so no copy of their words opens again.

Whoever asked may take it back until it is due. Open orders and promised visits must be settled first, staff give up
their posts first, and a legal hold stops it; each is said in plain words.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.kernel import pictures
from app.kernel.access import SYSTEM, Actor, require
from app.kernel.clock import now
from app.kernel.errors import DomainError, NotFound, WrongState
from app.kernel.journal import record
from app.kernel.locks import locked
from app.kernel.transaction import command
from app.ordering import service as ordering
from app.privacy import erased_list, persons
from app.privacy.forgetting import destroy_keys, forget
from app.privacy.persons import Person
from app.privacy.scrubbing import scrub
from app.serving import service as serving
from models import Account, Erasure, LegalHold, Order, Resident, db
from models.kinds import EventKind

log = logging.getLogger(__name__)


def grace() -> timedelta:
    """How long a request may still be taken back."""
    return timedelta(days=current_app.config["LINLI"].erasure_grace_days)


@command
def ask(*, actor: Actor) -> Erasure:
    """A person asks to be forgotten; asking twice is asking once."""
    if actor.account_id is None:
        raise NotFound()
    locked(Account, actor.account_id)
    return _asked(persons.person(actor.account_id), actor)


@command
def ask_for(resident_id: str, *, actor: Actor) -> Erasure:
    """The desk passes on the wish of somebody without an account, who asked in person or by telephone."""
    resident = locked(Resident, resident_id)
    require(actor, "erasure.ask", resident)
    if resident.account_id is not None:
        raise WrongState(_("这位居民有账号，请本人登录后申请。"))
    return _asked(persons.person(resident_id), actor)


def _asked(who: Person, actor: Actor) -> Erasure:
    if who.is_erased:
        raise WrongState(_("这份资料已经删除。"))
    if against := list(persons.obstacles(who)):
        raise WrongState(" ".join(against))
    known = persons.open_request(who)
    if known is not None:
        return known
    office = who.office
    asked = Erasure(
        subject_id=who.subject_id, office_id=office.id if office else None, asked_by_id=actor.account_id,
        asked_at=now(), due_at=now() + grace(),
    )  # fmt: skip
    db.session.add(asked)
    db.session.flush()
    record(who.profile, EventKind.ERASURE_ASK, actor=actor)
    return asked


def withdraw(subject_id: str, *, actor: Actor) -> None:
    """Take the request back: the person themselves, or the desk for somebody without an account."""
    _withdraw(subject_id, actor)
    erased_list.strike(subject_id)


@command
def _withdraw(subject_id: str, actor: Actor) -> None:
    who = persons.person(subject_id)
    if who.subject_id != actor.account_id:
        require(actor, "erasure.ask", who.profile)
    request = persons.open_request(who)
    if request is None:
        return
    request.withdrawn_at = now()
    record(who.profile, EventKind.ERASURE_WITHDRAW, actor=actor)


@command
def hold(subject_id: str, reason: str, *, actor: Actor) -> LegalHold:
    """Keep a person's data for a reason in law; a request that waits, waits on."""
    who = persons.person(subject_id)
    require(actor, "erasure.hold", who.profile)
    known = persons.hold_on(who)
    if known is not None:
        return known
    office = who.office
    row = LegalHold(
        subject_id=who.subject_id, office_id=office.id if office else None, reason=reason,
        set_by_id=actor.account_id, set_at=now(),
    )  # fmt: skip
    db.session.add(row)
    record(who.profile, EventKind.ERASURE_HOLD, actor=actor, reason=reason)
    return row


@command
def lift(subject_id: str, *, actor: Actor) -> None:
    """The reason to keep the data is gone."""
    who = persons.person(subject_id)
    require(actor, "erasure.hold", who.profile)
    row = persons.hold_on(who)
    if row is not None:
        row.lifted_at = now()
        record(who.profile, EventKind.ERASURE_LIFT, actor=actor)


# ---------- doing it ----------


def erase(subject_id: str, *, actor: Actor = SYSTEM, again: bool = False) -> bool:
    """Erase a person now; False where nobody of that id is here. Raises WrongState, saying what must be settled first.

    `again` is for a database that was put back: it was decided then, so nothing stands in the way now.
    """
    if again:
        _let_go(subject_id)
    files = _erase(subject_id, actor, again)
    if files is None:
        return False
    if not again:
        erased_list.add(subject_id)
    pictures.remove(files)
    scrub(thorough=False)
    return True


@command
def _erase(subject_id: str, actor: Actor, again: bool) -> list[str] | None:
    who = persons.find(subject_id)
    if who is None:
        if again:
            destroy_keys([subject_id])
        return None
    _lock(who)
    if not again and (against := list(persons.obstacles(who))):
        raise WrongState(" ".join(against))
    record(who.profile, EventKind.ERASURE_DO, actor=actor)
    request = persons.open_request(who)
    if request is not None:
        request.done_at = now()
    return forget(who, actor)


def _lock(who: Person) -> None:
    """In the order of app/kernel/locks.py: orders, the volunteer, then the person's own rows."""
    if who.resident is not None or who.account is not None:
        theirs = select(Order).where(persons.own_orders(who)).order_by(Order.id)
        db.session.scalars(theirs.with_for_update(of=Order)).all()
    for row in (who.volunteer, who.account, who.resident):
        if row is not None:
            locked(type(row), row.id)


def _let_go(subject_id: str) -> None:
    """End what a put-back database still holds open for somebody who had been erased."""
    who = persons.find(subject_id)
    if who is None:
        return
    why = _("当事人已注销")
    for assignment in persons.busy_assignments(who):
        try:
            serving.cancel_by_desk(assignment.id, why, actor=SYSTEM)
        except DomainError as refused:
            log.info("visit %s goes on: %s", assignment.id, refused.code)
    for order in persons.open_orders(who):
        try:
            ordering.cancel(order.id, why, actor=SYSTEM)
        except DomainError as refused:
            log.info("order %s goes on: %s", order.id, refused.code)
    db.session.rollback()


def erase_due(*, dry_run: bool = False) -> int:
    """Erase everybody whose time has come. Whoever has something open again waits until it is settled."""
    due = select(Erasure.subject_id).where(
        Erasure.due_at <= now(), Erasure.done_at.is_(None), Erasure.withdrawn_at.is_(None)
    )
    wanted = list(db.session.scalars(due.order_by(Erasure.due_at)))
    db.session.rollback()
    if dry_run:
        return len(wanted)
    erased_list.complete()
    return sum(_erased_or_waits(subject_id) for subject_id in wanted)


def _erased_or_waits(subject_id: str) -> bool:
    try:
        return erase(subject_id)
    except WrongState:
        log.info("erasure of %s waits", subject_id)
        return False


def reapply(subject_ids: Iterable[str] | None = None) -> int:
    """After a restore: erase everybody on the list again; gives how many were there. Doing it twice is harmless."""
    done = 0
    for subject_id in erased_list.read() if subject_ids is None else subject_ids:
        who = persons.find(subject_id)
        there = who is None or not who.is_erased
        db.session.rollback()
        done += there and erase(subject_id, again=True)
    return done
