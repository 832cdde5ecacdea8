"""Verbs about people: signing up, proving who one is, and what volunteers say of themselves."""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.kernel.access import SYSTEM, Actor, may, require
from app.kernel.clock import now
from app.kernel.errors import Invalid, NotFound, OwnEntry
from app.kernel.idempotency import repeatable
from app.kernel.journal import record
from app.kernel.locks import locked, locked_volunteers
from app.kernel.transaction import command
from app.notices.service import tell
from app.people import devices, guessing, passwords, proving, safety, sessions
from app.people.identity import actor_of
from app.people.own import own_volunteer
from app.people.phones import find_account
from app.rights.service import agree, is_minor, require_guardian
from models import (
    Account,
    Availability,
    AvailabilityException,
    Credential,
    Office,
    Resident,
    RoleGrant,
    Skill,
    Volunteer,
    VolunteerSkill,
    db,
)
from models.kinds import ConsentChannel, EventKind, NoticeKind, OfficeLevel, Purpose, Role

SEEN_IN_PERSON = ("sex", "birth_year")
"""What the station vouches for: orders that ask for a woman or an age go by it."""


def sign_up(*, role: str, name: str, phone: str, password: str, office_id: str, consent: bool) -> None:
    """A new resident or volunteer of a community; a volunteer is verified by the station before the first offer.

    A number that has an account keeps it as it is, and its owner hears of the try: the answer and the work are the
    same, so that nobody learns who is registered. Raises Invalid where the office is no community.
    """
    safety.refuse_guessable(password, name, phone)
    hashed = passwords.hash_password(password)
    try:
        _enrol(Role(role), name, phone, hashed, office_id, consent)
    except _HasAccount as known:
        _tell_owner(known.account_id)


class _HasAccount(Exception):
    """The number is somebody's; what was written for it is undone with the transaction."""

    def __init__(self, account_id: str) -> None:
        super().__init__(account_id)
        self.account_id = account_id


@command
def _enrol(role: Role, name: str, phone: str, hashed: str, office_id: str, consent: bool) -> None:
    office = db.session.get(Office, office_id)
    if office is None or office.level != OfficeLevel.COMMUNITY:
        raise Invalid({"office_id": [_("请选您所在的社区。")]})
    known = find_account(phone)
    number = phone if known is None else f"+0{secrets.randbelow(10**18):018d}"  # the same work, undone at the end
    account = Account(phone=number, password_hash=hashed, name=name, created_at=now())
    db.session.add(account)
    db.session.flush()
    db.session.add(RoleGrant(account_id=account.id, role=role, office_id=office.id, created_at=now()))
    if consent:
        agree(account, Purpose.SERVICE, ConsentChannel.WEB, None, SYSTEM)
    subject = _profile(account, office, role)
    db.session.add(subject)
    db.session.flush()
    record(subject, EventKind.ACCOUNT_SIGN_UP, actor=SYSTEM, role=role)
    if known is not None:
        raise _HasAccount(known.id)


@command
def _tell_owner(account_id: str) -> None:
    """Somebody tried to register with the number of this account."""
    record(locked(Account, account_id), EventKind.ACCOUNT_SIGN_UP_AGAIN, actor=SYSTEM)
    tell(account_id, NoticeKind.SECURITY, code="sign_up_again")


def _profile(account: Account, office: Office, role: Role) -> Resident | Volunteer:
    if role == Role.VOLUNTEER:
        return Volunteer(
            account_id=account.id,
            office_id=office.id,
            name=account.name,
            lat=office.lat,
            lon=office.lon,
            created_at=now(),
        )
    return Resident(
        account_id=account.id, office_id=office.id, name=account.name, phone=account.phone, created_at=now()
    )


def authenticate(phone: str, password: str) -> Actor:
    """The person with this phone and password; the refusals are those of proving.by_password.

    No command: hashing takes tens of milliseconds, and nobody else should wait for it.
    """
    return actor_of(proving.by_password(phone, password).account_id)


def forget_old() -> int:
    """Forget counters, devices and codes whose time is over."""
    return guessing.sweep() + devices.sweep() + safety.sweep()


@command
def prefer(*, actor: Actor, language: str | None = None, text_size: str | None = None, name: str | None = None) -> None:
    """Keep a person's language, text size or name."""
    account = locked(Account, str(actor.account_id))
    account.language = language or account.language
    account.text_size = text_size or account.text_size
    account.name = name or account.name


@command
def grant_role(account_id: str, role: str, office_id: str, *, actor: Actor) -> RoleGrant:
    """Give somebody a role in an office of one's own subtree; nobody gives a role to oneself."""
    office = locked(Office, office_id)
    require(actor, "role.grant", office)
    if account_id == actor.account_id or db.session.get(Account, account_id) is None:
        raise NotFound()
    held = select(RoleGrant).filter_by(account_id=account_id, role=role, office_id=office_id)
    grant = db.session.scalar(held)
    if grant is None:
        grant = RoleGrant(account_id=account_id, role=Role(role), office_id=office_id, created_at=now())
        db.session.add(grant)
        db.session.flush()
        record(grant, EventKind.ROLE_GRANT, actor=actor, role=role)
        sessions.end_all(account_id)
    return grant


@command
def revoke_role(grant_id: str, *, actor: Actor) -> None:
    """Take a role away; it is gone with the next request and the next socket event. Nobody takes one's own."""
    grant = locked(RoleGrant, grant_id)
    require(actor, "role.grant", grant)
    if grant.account_id == actor.account_id:
        raise NotFound()
    record(grant, EventKind.ROLE_REVOKE, actor=actor, role=grant.role)
    sessions.end_all(grant.account_id)
    db.session.delete(grant)


@command
def appoint(phone: str, role: str, office_id: str, *, actor: Actor) -> RoleGrant:
    """Give the person with this phone a role in an office.

    Invalid where nobody of the actor's own subtree signed up with it: of people elsewhere nothing is said.
    """
    account = find_account(phone)
    known = [grant for grant in account.grants if may(actor, "role.grant", grant)] if account else []
    if account is None or not known:
        raise Invalid({"phone": [_("这里没有用这个手机号的人。请先请本人在您管的社区注册。")]})
    return grant_role(account.id, role, office_id, actor=actor)


# ---------- volunteers ----------


def _changed(volunteer: Volunteer, actor: Actor, kind: EventKind = EventKind.VOLUNTEER_AMEND, **what: Any) -> Volunteer:
    volunteer.version += 1
    db.session.flush()
    record(volunteer, kind, actor=actor, **what)
    return volunteer


@command
def amend_volunteer(*, actor: Actor, skills: list[str] | None = None, **fields: Any) -> Volunteer:
    """Set any of a volunteer's own settings. A skill added here counts once the station has verified the person, and
    so does everything, where somebody says anew of which sex or age they are.
    """
    volunteer = own_volunteer(actor)
    if any(name in fields and fields[name] != getattr(volunteer, name) for name in SEEN_IN_PERSON):
        volunteer.is_verified = False
    for name in ("quiet_from", "quiet_until"):
        if isinstance(fields.get(name), time):
            fields[name] = fields[name].hour * 60 + fields[name].minute
    for name, value in fields.items():
        setattr(volunteer, name, value)
    if is_minor(volunteer):
        volunteer.portrait = None  # the nightly sweep takes the file
    if skills is not None:
        known = {skill.code: skill.id for skill in db.session.scalars(select(Skill))}
        if unknown := sorted(set(skills) - set(known)):
            raise Invalid({"skills": [_("没有这个技能：%(code)s", code=unknown[0])]})
        held = {row.skill_id: row for row in volunteer.skills}
        wanted = {known[code] for code in skills}
        volunteer.skills = [held.get(key) or VolunteerSkill(skill_id=key) for key in sorted(wanted)]
    return _changed(volunteer, actor, fields=sorted([*fields, *(["skills"] if skills is not None else [])]))


@command
def set_grid(cells: list[str], *, actor: Actor) -> Volunteer:
    """Replace the weekly availability by ticked hours (`hour-weekday`); neighbouring hours become one slot."""
    volunteer = own_volunteer(actor)
    hours = sorted({(int(day), int(hour)) for hour, day in (cell.split("-") for cell in cells)})
    slots: list[list[int]] = []
    for day, hour in hours:
        if slots and slots[-1][0] == day and slots[-1][2] == hour * 60:
            slots[-1][2] = hour * 60 + 60
        else:
            slots.append([day, hour * 60, hour * 60 + 60])
    volunteer.availability = [Availability(weekday=d, from_minute=a, until_minute=b) for d, a, b in slots]
    return _changed(volunteer, actor, fields=["availability"])


@command
def add_exception(
    *, actor: Actor, starts_at: datetime, ends_at: datetime, is_available: bool = False, reason: str = ""
) -> AvailabilityException:
    """Time off although the grid says free, or free although it does not."""
    volunteer = own_volunteer(actor)
    if ends_at <= now():
        raise Invalid({"ends_at": [_("这段时间已经过去了。")]})
    row = AvailabilityException(
        volunteer_id=volunteer.id, starts_at=starts_at, ends_at=ends_at, is_available=is_available, reason=reason
    )
    db.session.add(row)
    _changed(volunteer, actor, fields=["exceptions"])
    return row


@command
def drop_exception(exception_id: str, *, actor: Actor) -> None:
    volunteer = own_volunteer(actor)
    gone = delete(AvailabilityException).filter_by(id=exception_id, volunteer_id=volunteer.id)
    if not db.session.execute(gone).rowcount:  # type: ignore[attr-defined]  # a DELETE gives a CursorResult
        raise NotFound()
    _changed(volunteer, actor, fields=["exceptions"])


@command
def set_duty(on: bool, hours: int = 4, *, actor: Actor) -> Volunteer:
    """Go on duty for some hours, or off. On-duty time is never service time."""
    volunteer = own_volunteer(actor)
    volunteer.on_duty_until = now() + timedelta(hours=hours) if on else None
    return _changed(volunteer, actor, EventKind.VOLUNTEER_DUTY, on=on)


@command
def add_credential(*, actor: Actor, kind: str, number: str = "", expires_on: Any = None) -> Credential:
    """Tell of a qualification; it counts once the station has seen it."""
    volunteer = own_volunteer(actor)
    row = Credential(volunteer_id=volunteer.id, kind=kind, number=number, expires_on=expires_on)
    db.session.add(row)
    _changed(volunteer, actor, fields=["credentials"])
    return row


@command
@repeatable(Volunteer)
def verify_volunteer(
    volunteer_id: str, portrait_id: str | None = None, *, actor: Actor, key: str | None = None
) -> Volunteer:
    """The station has met this person and seen their papers: profile, skills and credentials count from now on, and so
    does the picture that was looked at; one that was sent meanwhile waits."""
    [volunteer] = locked_volunteers(volunteer_id)
    require(actor, "volunteer.verify", volunteer)
    if volunteer.account_id == actor.account_id:
        raise OwnEntry(_("自己的资料要请另一位同事核实。"))
    require_guardian(volunteer)
    volunteer.is_verified = True
    rows: list[VolunteerSkill | Credential] = [*volunteer.skills, *volunteer.credentials]
    for row in rows:
        row.verified_at = row.verified_at or now()
    picture = volunteer.portrait
    if picture is not None and picture.id == portrait_id:
        picture.seen_at = picture.seen_at or now()
    return _changed(volunteer, actor, EventKind.VOLUNTEER_VERIFY)
