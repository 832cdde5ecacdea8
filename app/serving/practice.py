"""试一次派单: what an offer looks like and how it arrives, with nothing real behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kernel.access import Actor, require
from app.kernel.clock import midnight, today
from app.kernel.transaction import command
from app.notices.service import tell
from app.offices import queries as offices
from models import Office, ServiceItem, Volunteer
from models.kinds import NoticeKind

HOUR, LENGTH, METRES = 14, timedelta(hours=1), 500


@dataclass(frozen=True)
class Sample:
    """A made-up offer in the volunteer's own community, tomorrow afternoon."""

    item: ServiceItem | None
    office: Office
    starts_at: datetime
    ends_at: datetime
    distance_m: int = METRES


@command
def practise(*, actor: Actor) -> None:
    """Send the volunteer a notice that says of itself that it is a practice, by all the ways a real one goes."""
    require(actor, "volunteer.self")
    tell(actor.account_id, NoticeKind.PRACTICE)


def sample(volunteer: Volunteer) -> Sample:
    """Nothing is written; no order and no offer has to exist for it."""
    starts = midnight(today() + timedelta(days=1)) + timedelta(hours=HOUR)
    found = offices.popular(volunteer.office, 1)
    return Sample(found[0] if found else None, volunteer.office, starts, starts + LENGTH)
