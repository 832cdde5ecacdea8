"""Adding offices below one's own: city > district > street > community, one level at a time."""

from __future__ import annotations

from sqlalchemy import func, select

from app.kernel.access import Actor, require
from app.kernel.errors import Conflict, NotFound
from app.kernel.journal import record
from app.kernel.locks import locked
from app.kernel.transaction import command
from models import Office, db
from models.ids import new_id
from models.kinds import EventKind, OfficeLevel

BELOW = {
    OfficeLevel.CITY: OfficeLevel.DISTRICT,
    OfficeLevel.DISTRICT: OfficeLevel.STREET,
    OfficeLevel.STREET: OfficeLevel.COMMUNITY,
}
MOST_BELOW = 500
"""Offices right below one."""


def level_below(office: Office) -> OfficeLevel | None:
    """The level of what can be added below; None for a community."""
    return BELOW.get(OfficeLevel(office.level))


@command
def add_office(parent_id: str, name: str, *, phone: str, lat: float, lon: float, actor: Actor) -> Office:
    """A new office right below one of the actor's subtree. NotFound below a community."""
    parent = locked(Office, parent_id)
    require(actor, "office.settings", parent)
    level = level_below(parent)
    if level is None:
        raise NotFound()
    beside = select(func.count()).select_from(Office).where(Office.parent_id == parent.id)
    if (db.session.scalar(beside) or 0) >= MOST_BELOW or db.session.scalar(
        select(Office.id).where(Office.parent_id == parent.id, Office.name == name)
    ):
        raise Conflict()
    key = new_id()
    office = Office(
        id=key, parent_id=parent.id, level=level, name=name, path=f"{parent.path}{key}/", phone=phone, lat=lat, lon=lon
    )
    db.session.add(office)
    db.session.flush()
    record(office, EventKind.OFFICE_ADD, actor=actor, level=level)
    return office
