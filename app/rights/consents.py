"""Consents: given, taken back as easily, and asked about by whatever uses the data."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.errors import Invalid
from app.kernel.journal import record
from app.kernel.locks import locked
from app.kernel.transaction import command
from app.rights.wording import VERSION, digest
from models import Account, Consent, Order, Resident, Volunteer, db
from models.kinds import ConsentChannel, EventKind, Purpose

ASKED = {"resident": (Purpose.HEALTH, Purpose.PHOTOS), "volunteer": (Purpose.LOCATION, Purpose.PORTRAIT)}
"""Beside the service itself, what each side may be asked for."""


def live(person: Account | Resident, purpose: Purpose) -> Consent | None:
    """The consent that stands, if one does."""
    found: Consent | None = db.session.scalar(
        _of(person).where(Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
    )
    return found


def unasked(resident: Resident) -> bool:
    """Whether nobody has told this person yet what is kept of them; an account is not made without agreeing."""
    return resident.account_id is None and live(resident, Purpose.SERVICE) is None


def withdrawn(account_id: str | None, purpose: Purpose) -> bool:
    """Whether somebody was asked and has taken it back; whoever was never asked has not."""
    if account_id is None:
        return False
    rows = db.session.scalars(select(Consent).filter_by(account_id=account_id, purpose=purpose)).all()
    return bool(rows) and all(row.withdrawn_at is not None for row in rows)


def history(account_id: str) -> list[Consent]:
    """All that somebody ever gave or took back, the newest first."""
    found = select(Consent).filter_by(account_id=account_id).order_by(Consent.given_at.desc(), Consent.id.desc())
    return list(db.session.scalars(found))


@command
def give(purpose: Purpose, *, actor: Actor, channel: ConsentChannel = ConsentChannel.WEB) -> Consent:
    """Agree for oneself; agreeing twice is one consent."""
    return agree(locked(Account, str(actor.account_id)), purpose, channel, None, actor)


@command
def give_for(resident: Resident, purpose: Purpose, channel: ConsentChannel, *, actor: Actor) -> Consent:
    """Write down what a resident without an account agreed to by telephone or at the counter; the caller has checked
    that the actor may act for them."""
    return agree(resident, purpose, channel, actor.account_id, actor)


@command
def withdraw(purpose: Purpose, *, actor: Actor) -> None:
    """Take it back; what was used until now stays lawful. The service itself ends by closing the account."""
    if purpose == Purpose.SERVICE:
        raise Invalid({"purpose": [_("没有这一项就不能点单或接单；想完全退出，请注销账号。")]})
    account = locked(Account, str(actor.account_id))
    row = live(account, purpose)
    if row is None:
        row = agree(account, purpose, ConsentChannel.WEB, None, actor)  # saying no beforehand counts as well
        db.session.flush()
    row.withdrawn_at = now()
    _stop_using(account, purpose)
    record(account, EventKind.CONSENT_WITHDRAW, actor=actor, purpose=purpose)


def _stop_using(account: Account, purpose: Purpose) -> None:
    """What must go at once. Files of pictures without a row are swept by the retention job."""
    mine = select(Order).join(Resident).where(Resident.account_id == account.id)
    if purpose == Purpose.PHOTOS:
        for order in db.session.scalars(mine.where(Order.photos.any())):
            order.photos = []
    if purpose == Purpose.PORTRAIT:
        for volunteer in db.session.scalars(select(Volunteer).filter_by(account_id=account.id)):
            volunteer.portrait = None
    if purpose == Purpose.HEALTH:
        for order in db.session.scalars(mine.where(Order.needs_wheelchair)):
            order.needs_wheelchair = False
        for resident in db.session.scalars(select(Resident).filter_by(account_id=account.id)):
            resident.priority_group = ""


def _of(person: Account | Resident) -> Select[Consent]:
    whose = {"account_id": person.id} if isinstance(person, Account) else {"resident_id": person.id}
    return select(Consent).filter_by(**whose)


def agree(
    person: Account | Resident, purpose: Purpose, channel: ConsentChannel, given_by_id: str | None, actor: Actor
) -> Consent:
    """Write a consent down inside the caller's command; the one that stands already is enough."""
    row = live(person, purpose)
    if row is not None:
        return row
    row = Consent(
        purpose=purpose, channel=channel, wording_version=VERSION, wording_sha256=digest(purpose),
        given_by_id=given_by_id, given_at=now(),
    )  # fmt: skip
    if isinstance(person, Account):
        row.account_id = person.id
    else:
        row.resident_id = person.id
    db.session.add(row)
    record(person, EventKind.CONSENT_GIVE, actor=actor, purpose=purpose, channel=channel)
    return row
