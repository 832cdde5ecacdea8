"""Guardians: a volunteer not yet of age serves only with somebody who answers for them, met by the station."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.kernel.access import Actor, require
from app.kernel.clock import now, today
from app.kernel.errors import Invalid, NotFound
from app.kernel.journal import record
from app.kernel.locks import locked_volunteers
from app.kernel.transaction import command
from models import Guardian, Volunteer, db
from models.kinds import EventKind

OF_AGE = 18
LEAST_AGE = 10
"""Younger children do not serve, whoever agrees."""


def age_at_least(birth_year: int) -> int:
    """Whole years somebody has surely lived: only the year is known, so the birthday counts as still to come."""
    return today().year - birth_year - 1


def is_minor(volunteer: Volunteer) -> bool:
    return volunteer.birth_year is not None and age_at_least(volunteer.birth_year) < OF_AGE


def guardian_of(volunteer: Volunteer) -> Guardian | None:
    """Who answers for them now."""
    return db.session.scalar(select(Guardian).filter_by(account_id=volunteer.account_id, ended_at=None))


def require_guardian(volunteer: Volunteer) -> None:
    """Raise Invalid where a minor has nobody who answers for them, or is too young to serve at all."""
    if not is_minor(volunteer):
        return
    if today().year - int(volunteer.birth_year or 0) < LEAST_AGE:
        raise Invalid({"birth_year": [_("未满 %(age)s 岁的孩子不能做志愿者。", age=LEAST_AGE)]})
    if guardian_of(volunteer) is None:
        raise Invalid({"guardian": [_("未满 18 岁，请先登记同意的监护人。")]})


@command
def record_guardian(volunteer_id: str, *, name: str, relation: str, actor: Actor) -> Guardian:
    """The station has met the guardian, seen the papers, and heard them agree."""
    [volunteer] = locked_volunteers(volunteer_id)
    require(actor, "guardian.record", volunteer)
    if not is_minor(volunteer):
        raise Invalid({"name": [_("这位志愿者已经成年，或没有填出生年份。")]})
    before = guardian_of(volunteer)
    if before is not None:
        before.ended_at = now()
        db.session.flush()
    row = Guardian(
        account_id=volunteer.account_id, name=name, relation=relation, recorded_by_id=str(actor.account_id),
        recorded_at=now(),
    )  # fmt: skip
    db.session.add(row)
    record(volunteer, EventKind.GUARDIAN_RECORD, actor=actor)
    return row


@command
def end_guardian(volunteer_id: str, *, actor: Actor) -> None:
    """They no longer answer or agree: from now on the young volunteer is asked for nothing new."""
    [volunteer] = locked_volunteers(volunteer_id)
    require(actor, "guardian.record", volunteer)
    row = guardian_of(volunteer)
    if row is None:
        raise NotFound()
    row.ended_at = now()
    if is_minor(volunteer):
        volunteer.is_verified = False
        volunteer.version += 1
    record(volunteer, EventKind.GUARDIAN_END, actor=actor)
