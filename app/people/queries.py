"""Reads about people."""

from __future__ import annotations

from sqlalchemy import func, select

from app.kernel.access import Actor, require
from app.kernel.errors import NotFound
from app.offices.queries import named
from models import Account, AvailabilityException, Notification, Office, Portrait, Resident, Volunteer, db
from models.kinds import OfficeLevel

INBOX_LENGTH = 50


def own_volunteer(actor: Actor) -> Volunteer:
    """The actor's volunteer profile; NotFound for whoever has none."""
    volunteer = db.session.get(Volunteer, actor.volunteer_id) if actor.volunteer_id else None
    if volunteer is None:
        raise NotFound()
    return volunteer


def portrait(portrait_id: str, actor: Actor) -> Portrait:
    """A volunteer's picture, for themselves and their desk; NotFound for everybody else."""
    row = db.session.get(Portrait, portrait_id)
    if row is None:
        raise NotFound()
    require(actor, "portrait.see", row)
    return row


def own_account(actor: Actor) -> Account:
    account = db.session.get(Account, actor.account_id) if actor.account_id else None
    if account is None:
        raise NotFound()
    return account


def grid_cells(volunteer: Volunteer) -> list[str]:
    """The weekly slots as the boxes of the page's grid: whole hours, `hour-weekday`."""
    return [
        f"{hour}-{slot.weekday}"
        for slot in volunteer.availability
        for hour in range(24)
        if slot.from_minute <= hour * 60 and hour * 60 + 60 <= slot.until_minute
    ]


def exceptions_ahead(volunteer: Volunteer, moment: object) -> list[AvailabilityException]:
    found = (
        select(AvailabilityException)
        .where(AvailabilityException.volunteer_id == volunteer.id, AvailabilityException.ends_at > moment)
        .order_by(AvailabilityException.starts_at)
        .limit(100)
    )
    return list(db.session.scalars(found))


def communities() -> list[tuple[str, str]]:
    """Every community as (id, "district street community") in the reader's language, for a plain select."""
    names: dict[str, str] = {}
    choices = []
    for office in db.session.scalars(select(Office).order_by(Office.path)):
        above = names.get(office.parent_id or "", "")
        names[office.id] = f"{above} {named(office)}".strip() if office.level != OfficeLevel.CITY else ""
        if office.level == OfficeLevel.COMMUNITY:
            choices.append((office.id, names[office.id]))
    return sorted(choices, key=lambda choice: choice[1])


def home_office(actor: Actor) -> Office | None:
    """The office whose phone stands on this person's pages: their community, else the office they work for."""
    resident = db.session.get(Resident, actor.resident_id) if actor.resident_id else None
    volunteer = db.session.get(Volunteer, actor.volunteer_id) if actor.volunteer_id else None
    if profile := resident or volunteer:
        return profile.office
    if actor.grants:
        return db.session.get(Office, actor.grants[0].office_id)
    return db.session.scalar(select(Office).where(Office.level == OfficeLevel.CITY).limit(1))


def inbox(actor: Actor) -> list[Notification]:
    found = (
        select(Notification)
        .where(Notification.account_id == actor.account_id)
        .order_by(Notification.created_at.desc())
        .limit(INBOX_LENGTH)
    )
    return list(db.session.scalars(found))


def has_demo_accounts() -> bool:
    return db.session.scalar(select(Account.id).filter_by(is_demo=True).limit(1)) is not None


def unread(actor: Actor) -> int:
    if not actor.is_signed_in:
        return 0
    found = select(func.count()).where(Notification.account_id == actor.account_id, Notification.read_at.is_(None))
    return db.session.scalar(found) or 0
