"""Mass reading is noticed: somebody who looks at far more people than on their own usual day raises an alarm."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from statistics import median

from sqlalchemy import select

from app.integrity.alarms import raise_alarm
from app.kernel.access import Actor
from app.kernel.clock import local, midnight, today
from app.kernel.settings import setting
from models import Office, Reveal, db
from models.kinds import LookWay

REMEMBERED = timedelta(days=30)
ALARM = "mass_reading"


def watch_over(actor: Actor, office: Office) -> None:
    """Raise the alarm where today is too much for this person. Call it inside the command that counts the look."""
    days = looks_per_day(str(actor.account_id))
    here = days.pop(today(), 0)
    usual = median(days.values()) if days else 0
    bound = max(setting(office, "reveal_alarm_least"), setting(office, "reveal_alarm_times") * usual)
    if here >= bound:
        raise_alarm(ALARM, account=str(actor.account_id), office=office.id, looks=here, usual=int(usual))


def looks_per_day(account_id: str) -> Counter[date]:
    """How many people somebody looked at, by local day; days without a look are not their usual ones."""
    since = midnight(today()) - REMEMBERED
    found = select(Reveal.shown_at).where(
        Reveal.actor_id == account_id, Reveal.shown_at > since, Reveal.way.in_((LookWay.ONE, LookWay.BULK))
    )
    return Counter(local(moment).date() for moment in db.session.scalars(found) if moment is not None)
