"""A volunteer's tasks for their own calendar (iCalendar, RFC 5545), at an address only they know.

Calendars are copied to other people's servers: what, when and which community stand in it, never who or where.
The address is an HMAC over the volunteer and their password's hash: nothing is stored, and a new password ends it.
"""

from __future__ import annotations

import hmac
from datetime import UTC, timedelta

from icalendar import Calendar, Event
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.kernel.clock import now
from app.kernel.errors import NotFound
from app.people.sealing import keyed_digest
from models import Assignment, Order, Volunteer, db
from models.ids import ID_LENGTH
from models.states import ASSIGNMENT_HOLDING

SEAL_LENGTH = 32
LOOKS_BACK = timedelta(days=30)
MOST = 200


def token_of(volunteer: Volunteer) -> str:
    """What stands in the address of this volunteer's calendar."""
    return volunteer.id + keyed_digest("calendar", volunteer.id, volunteer.account.password_hash)[:SEAL_LENGTH]


def volunteer_of(token: str) -> Volunteer:
    """Whose calendar it is; NotFound for an address that was made up, is of an old password or a closed account."""
    plain = token if token.isascii() and token.isalnum() else ""
    found = db.session.get(Volunteer, plain[:ID_LENGTH])
    if found is None or not found.account.is_active or not hmac.compare_digest(plain, token_of(found)):
        raise NotFound()
    return found


def feed(volunteer: Volunteer, site: str) -> str:
    """The calendar's text; `site` is the address of this Linli, for the links."""
    rows = select(Assignment).where(
        Assignment.volunteer_id == volunteer.id,
        Assignment.status.in_(ASSIGNMENT_HOLDING),
        Assignment.ends_at > now() - LOOKS_BACK,
    )
    rows = (
        rows.options(joinedload(Assignment.order).joinedload(Order.office)).order_by(Assignment.starts_at).limit(MOST)
    )
    calendar = Calendar()
    for name, value in (("version", "2.0"), ("prodid", "-//Linli//Linli//ZH"), ("x-wr-calname", "邻里")):
        calendar.add(name, value)
    for row in db.session.scalars(rows):
        calendar.add_component(_event(row, site))
    return calendar.to_ical().decode()


def _event(row: Assignment, site: str) -> Event:
    event = Event()
    event.add("uid", f"{row.id}@linli")
    for name, moment in (("dtstamp", row.accepted_at), ("dtstart", row.starts_at), ("dtend", row.ends_at)):
        event.add(name, moment.astimezone(UTC))
    event.add("summary", row.order.title)
    event.add("location", row.order.office.name)
    event.add("url", f"{site.rstrip('/')}/tasks/{row.id}")
    return event
