"""A volunteer's tasks for their own calendar (iCalendar, RFC 5545), at an address only they know.

Calendars are copied to other people's servers: what, when and which community stand in it, never who or where.
The address is an HMAC over the volunteer and their password's hash: nothing is stored, and a new password ends it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

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
LINE = 74
"""Octets of a line before it is folded."""


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
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Linli//Linli//ZH", "X-WR-CALNAME:邻里"]
    for row in db.session.scalars(rows):
        lines += _event(row, site)
    return "".join(folded + "\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line))


def _event(row: Assignment, site: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{row.id}@linli",
        f"DTSTAMP:{_moment(row.accepted_at)}",
        f"DTSTART:{_moment(row.starts_at)}",
        f"DTEND:{_moment(row.ends_at)}",
        f"SUMMARY:{_escaped(row.order.title)}",
        f"LOCATION:{_escaped(row.order.office.name)}",
        f"URL:{site.rstrip('/')}/tasks/{row.id}",
        "END:VEVENT",
    ]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most so many octets, cut between characters; all but the first begin with a blank."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > LINE:
            yield piece
            piece = " "
        piece += letter
    yield piece
