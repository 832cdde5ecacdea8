"""What made-up people order: who, what, where, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import exists, select

from app.demo import crowd, phrases
from app.kernel.access import Actor
from app.kernel.clock import midnight, now, today
from app.offices import queries as offices
from app.people.identity import actor_of
from models import Account, Resident, SavedAddress, ServiceItem
from models.kinds import Channel, Urgency

AT_HOME = 0.25
"""Share of orders placed at the newcomer's own station, so that its board has something to show."""
FOR_NOW, FOR_LATER_TODAY = 0.65, 0.85
"""Below the first an order is for now, below the second for later today, else for tomorrow."""
BY_PROXY = 0.25
"""Of those who have no account, how many let a neighbour order for them; the others telephone."""
MOST_PEOPLE_NOW = 2
_TRIES = 6


def draw(random: Random) -> tuple[Actor, dict[str, Any]] | None:
    """Somebody with a wish: the actor, and what `ordering.place` is to be told. None where nobody can be found."""
    resident = _resident(random)
    who = crowd.voice_of(resident) if resident is not None else None
    if resident is None or who is None or not resident.addresses:
        return None
    spot = random.choice(resident.addresses)
    item = _item(random, spot)
    if item is None:
        return None
    window_from, window_until = _window(item, random)
    wish = {
        "item_code": item.code, "title": item.name, "words": random.choice(phrases.ORDER_WORDS.get(item.code, ("",))),
        "window_from": window_from, "window_until": window_until,
    }  # fmt: skip
    return _told_by(who, resident, spot, wish, random)


def _resident(random: Random) -> Resident | None:
    account = Account.id == Resident.account_id
    ours = Resident.account_id.is_(None) | exists().where(account, Account.id.in_(crowd.made_up()))
    found = select(Resident).where(ours).order_by(Resident.id)
    if random.random() < AT_HOME:
        found = found.where(Resident.office_id == crowd.home_office_id())
    resident: Resident | None = crowd.any_of(found, random, most=5000)
    return resident


def _told_by(
    who: Actor, resident: Resident, spot: SavedAddress, wish: dict[str, Any], random: Random
) -> tuple[Actor, dict[str, Any]] | None:
    """By oneself; by a neighbour, for somebody without an account; else by telephone to the office."""
    if resident.account_id is not None:
        return who, {**wish, "address_id": spot.id}
    if random.random() > BY_PROXY:
        told = {"channel": Channel.PHONE, "resident_id": resident.id, "address_id": spot.id, "consent": True}
        return who, {**wish, **told}
    near = select(Resident.account_id).where(
        Resident.office_id == resident.office_id, Resident.account_id.in_(crowd.made_up())
    )
    neighbour = crowd.any_of(near.order_by(Resident.id), random)
    if neighbour is None:
        return None
    return actor_of(neighbour), {
        **wish, "on_behalf": True, "contact_name": resident.name, "contact_phone": resident.phone,
        "office_id": spot.office_id, "address": spot.address, "lat": spot.lat, "lon": spot.lon,
    }  # fmt: skip


def _item(random: Random, spot: SavedAddress) -> ServiceItem | None:
    """Something of the station's menu; what people often say something about is ordered more often."""
    menu = [item for shelf in offices.menu(spot.office) for item in shelf.items]
    weights = [4 if item.code in phrases.ORDER_WORDS else 1 for item in menu]
    for item in random.choices(menu, weights, k=_TRIES) if menu else ():
        if not crowd.tempts_newcomer(item, spot.lat, spot.lon):
            return item
    return None


def _window(item: ServiceItem, random: Random) -> tuple[datetime, datetime]:
    chance = random.random()
    length = timedelta(minutes=item.duration_minutes)
    if item.urgency != Urgency.PLANNED and item.positions <= MOST_PEOPLE_NOW and chance < FOR_NOW:
        return now(), now() + length + timedelta(hours=1)
    start = _half_hour(now() + timedelta(minutes=random.randint(90, 300)))
    if chance >= FOR_LATER_TODAY or start + length > midnight(today()) + timedelta(hours=20):
        start = midnight(today() + timedelta(days=1)) + timedelta(minutes=30 * random.randint(17, 33))
    return start, start + length + timedelta(minutes=random.choice((0, 30, 60, 120)))


def _half_hour(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)
