"""Short words for the tests of 派单."""

from __future__ import annotations

from typing import Any

from app.dispatching import service
from models import Event, Offer, Office, OfficeSetting, Order, db
from models.states import OFFER_LIVE


def dispatched(**more: Any) -> Any:
    """One run, as the clock or a listener would have it."""
    return service.run_once(cause="test", **more)


def offers(order: Order) -> list[Offer]:
    db.session.rollback()
    return list(db.session.query(Offer).filter_by(order_id=order.id).order_by(Offer.sent_at, Offer.id))


def live(order: Order) -> list[Offer]:
    return [offer for offer in offers(order) if offer.status in OFFER_LIVE]


def fresh(order: Order) -> Order:
    db.session.rollback()
    return db.session.get(Order, order.id, populate_existing=True)


def kinds(order: Order) -> list[str]:
    """The kinds of the order's journal, in order."""
    db.session.rollback()
    return [event.kind for event in db.session.query(Event).filter_by(order_id=order.id).order_by(Event.version)]


def one_at_a_time(world: Any) -> None:
    """The city asks one person for each place and waits for the answer; as it comes, a wave asks several."""
    set_for(world.ids["city"], "offers_per_position", 1)


def set_for(office_id: str, name: str, value: Any) -> None:
    """What an office has set for itself."""
    from app.kernel.transaction import command

    @command
    def write() -> None:
        office = db.session.get(Office, office_id)
        db.session.add(OfficeSetting(office_id=office.id, name=name, value=value))

    write()
