"""Verbs about offices: their own policy."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.kernel.access import Actor, require
from app.kernel.errors import Invalid, NotFound
from app.kernel.journal import record
from app.kernel.locks import locked
from app.kernel.transaction import command
from app.offices import policy
from models import Office, OfficeSetting, db
from models.kinds import EventKind


@command
def set_policy(office_id: str, name: str, typed: dict[str, str], *, actor: Actor) -> OfficeSetting:
    """Set one policy of an office; it holds there and below, until an office below sets its own."""
    office, known = _mine(office_id, name, actor)
    try:
        value = policy.read(known, typed)
    except policy.Unfit as error:
        bounds = {"least": f"{known.least:g}", "most": f"{known.most:g}"}
        number = _("请填 %(least)s 到 %(most)s 之间的数字。", **bounds)
        words = _("请填几点，例如 19:30；不要就空着。") if known.kind == "clock" else number
        raise Invalid({name: [words]}) from error
    return write_policy(office, name, value, actor=actor)


def write_policy(office: Office, name: str, value: Any, *, actor: Actor) -> OfficeSetting:
    """Write down and journal what an office has set, inside a command that holds the office and asked who may."""
    row = _row(office, name)
    before = row.value if row else None
    if row is None:
        row = OfficeSetting(office_id=office.id, name=name)
        db.session.add(row)
    row.value = value
    db.session.flush()
    record(row, EventKind.OFFICE_SETTING, actor=actor, name=name, old=before, new=value)
    return row


@command
def drop_policy(office_id: str, name: str, *, actor: Actor) -> None:
    """Go back to what the office above says."""
    office, _known = _mine(office_id, name, actor)
    row = _row(office, name)
    if row is None:
        raise NotFound()
    record(row, EventKind.OFFICE_SETTING, actor=actor, name=name, old=row.value, new=None)
    db.session.delete(row)


def _mine(office_id: str, name: str, actor: Actor) -> tuple[Office, policy.Policy]:
    office = locked(Office, office_id)
    require(actor, "office.settings", office)
    known = policy.BY_NAME.get(name)
    if known is None or not known.is_for(office):
        raise NotFound()
    return office, known


def _row(office: Office, name: str) -> Any:
    return db.session.scalar(select(OfficeSetting).filter_by(office_id=office.id, name=name))
