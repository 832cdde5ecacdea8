"""Who belongs to the simulated public, and what it keeps its hands off.

The accounts a newcomer signs in with (`accounts.DEMO_ACCOUNTS`) are played by the newcomer alone: nothing is done in
their name, nothing is answered for them, and their orders are left to them and to whoever they were offered to.
"""

from __future__ import annotations

from random import Random
from typing import Any

from sqlalchemy import Select, or_, select

from app.demo.accounts import DEMO_ACCOUNTS, RESIDENT, VOLUNTEER
from app.demo.shapes import metres
from app.kernel.access import Actor
from app.people.identity import actor_of
from models import Account, Office, Order, Resident, RoleGrant, ServiceItem, Volunteer, VolunteerSkill, db
from models.kinds import Role

LISTED = tuple(f"+86{account.phone}" for account in DEMO_ACCOUNTS)

Ids = Select[Any]


def made_up() -> Ids:
    """The accounts of people who do not exist and whom nobody plays."""
    return select(Account.id).where(Account.is_demo, ~Account.phone.among(LISTED))


def theirs() -> Ids:
    """The orders of the listed accounts: placed by one of them, or for one of them."""
    listed = select(Account.id).where(Account.phone.among(LISTED))
    residents = select(Resident.id).where(Resident.account_id.in_(listed))
    return select(Order.id).where(or_(Order.requester_id.in_(listed), Order.resident_id.in_(residents)))


def volunteers() -> Ids:
    return select(Volunteer.id).where(Volunteer.account_id.in_(made_up()))


def home_office_id() -> str | None:
    """The station of the listed resident, whose board the newcomer opens."""
    found = select(Resident.office_id).join(Account).where(Account.phone.equals(f"+86{RESIDENT.phone}"))
    return db.session.scalar(found)


def coordinator_of(office: Office) -> Actor | None:
    """The nearest made-up coordinator above an office, or of it."""
    held = select(RoleGrant).where(
        RoleGrant.role == Role.COORDINATOR, RoleGrant.office_id.in_(office.lineage), RoleGrant.account_id.in_(made_up())
    )
    grants = sorted(db.session.scalars(held), key=lambda grant: (len(grant.office.path), grant.id))
    return actor_of(grants[-1].account_id) if grants else None


def voice_of(resident: Resident) -> Actor | None:
    """Who speaks for a resident: themselves, or the office they telephone."""
    return actor_of(resident.account_id) if resident.account_id else coordinator_of(resident.office)


def tempts_newcomer(item: ServiceItem, lat: float, lon: float) -> bool:
    """Whether the listed volunteer could be asked for this: the public must not fill the newcomer's hands."""
    newcomer = db.session.scalar(select(Volunteer).join(Account).where(Account.phone.equals(f"+86{VOLUNTEER.phone}")))
    if newcomer is None or metres((newcomer.lon, newcomer.lat), (lon, lat)) > newcomer.radius_m:
        return False
    able = set(db.session.scalars(select(VolunteerSkill.skill_id).where(VolunteerSkill.volunteer_id == newcomer.id)))
    return {row.skill_id for row in item.skills} <= able


def any_of(found: Select[Any], random: Random, most: int = 200) -> Any:
    """One of the rows that a query finds first, or None."""
    rows = list(db.session.scalars(found.limit(most)))
    return random.choice(rows) if rows else None
