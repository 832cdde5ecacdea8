"""The simulated public lives by the same rules as everybody, and keeps its hands off what belongs to the newcomer."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from app.demo import accounts, crowd, deeds
from app.demo.public import Public, start
from app.demo.seed import seed
from app.dispatching import runs
from app.kernel import clock
from app.kernel.errors import DomainError, WrongState
from models import Account, Event, Offer, Order, Rating, Volunteer, db
from models.states import OfferStatus, OrderStatus
from tests import databases
from tests.conftest import NOON, build_app

ACTS = 340
REST = (0.0, 0.01)


def _versions(which: Any) -> dict[str, int]:
    return {
        row.id: row.version for row in db.session.execute(select(Order.id, Order.version).where(Order.id.in_(which)))
    }


def _newcomers_offers() -> dict[str, str]:
    phone = f"+86{accounts.VOLUNTEER.phone}"
    rows = select(Offer.id, Offer.status).join(Volunteer).join(Account).where(Account.phone.equals(phone))
    return {row.id: row.status for row in db.session.execute(rows)}


@pytest.fixture(scope="module")
def lived(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory):
    """The tiny city after an afternoon: `before` and `after` hold what belongs to the newcomer."""
    url = databases.sqlite_url()
    shutil.copy(sqlite_template, url.removeprefix("sqlite:///"))
    app = build_app(url, tmp_path_factory.mktemp("lived"))
    with clock.fixed(NOON), app.app_context():
        seed("tiny")
        placed = set(db.session.scalars(select(Order.id)))
        before = _versions(crowd.theirs()), _newcomers_offers()
        _live(app)
        yield {
            "app": app,
            "placed": placed,
            "before": before,
            "after": (_versions(crowd.theirs()), _newcomers_offers()),
        }
        db.session.remove()
        db.engine.dispose()


def _live(app: Any) -> None:
    public = Public(app, REST, deeds.habits(hurried=False))
    for number in range(ACTS):
        public.act()
        clock.advance(timedelta(seconds=20))
        if number % 5 == 0:
            runs.run_all("sweep")


def test_orders_of_the_public_go_all_the_way_to_closed(lived):
    new = Order.id.not_in(lived["placed"])
    closed = list(db.session.scalars(select(Order).where(new, Order.status == OrderStatus.CLOSED)))
    assert closed
    assert all(order.requester.is_demo for order in closed)
    assert db.session.scalar(select(func.count(Rating.id)).where(Rating.words != "")) > 0


class Drawn(Random):
    """Draws the same number each time."""

    def __init__(self, number: float) -> None:
        super().__init__()
        self.number = number

    def random(self) -> float:
        return self.number


def test_volunteers_lean_to_a_yes():
    assert 0.5 < deeds.YES < 1


@pytest.mark.parametrize(
    ("number", "status"), [(deeds.YES - 0.01, OfferStatus.ACCEPTED), (deeds.YES, OfferStatus.DECLINED)]
)
def test_what_is_drawn_decides_between_yes_and_no(site, number, status):
    said = select(func.count(Offer.id)).where(Offer.status == status)
    with clock.fixed(NOON):
        seed("tiny")
        public = Public(site, REST, {deeds.place: 2.0, deeds.approve: 2.0, deeds.go_on_duty: 1.0})
        before = db.session.scalar(said)
        for _wait in range(60):
            with suppress(DomainError):
                deeds.answer(Drawn(number))
            if db.session.scalar(said) > before:
                return
            public.act()
            clock.advance(timedelta(seconds=20))
            runs.run_all("sweep")
    pytest.fail(f"nobody said {status}")


def test_what_belongs_to_the_newcomer_is_left_alone(lived):
    (orders_before, offers_before), (orders_after, offers_after) = lived["before"], lived["after"]
    listed = select(Account.id).where(Account.phone.among(crowd.LISTED))
    acted = select(func.count(Event.number)).where(Event.actor_id.in_(listed), Event.at > NOON)
    assert db.session.scalar(acted) == 0, "nobody acts in the name of a listed account"
    assert set(orders_after) == set(orders_before)
    answered = {OfferStatus.ACCEPTED, OfferStatus.DECLINED}
    assert not [key for key, status in offers_after.items() if status in answered and offers_before.get(key) != status]


def test_nothing_near_the_newcomer_is_ordered_that_would_fill_their_hands(lived):
    new = list(db.session.scalars(select(Order).where(Order.id.not_in(lived["placed"]))))
    assert new
    assert not [order.title for order in new if crowd.tempts_newcomer(order.item, order.lat, order.lon)]


def test_a_refusal_of_the_domain_is_everyday_life(site):
    def refused(_random):
        raise WrongState()

    assert Public(site, REST, {refused: 1.0}).act() == "refused"


def test_with_nothing_to_do_nobody_does_anything(site):
    assert Public(site, REST, deeds.habits(hurried=True)).act() is None


def test_it_goes_on_after_a_fault_and_stops_when_told(site):
    tries = []

    def stumble(_random):
        tries.append(1)
        raise RuntimeError("a fault of our own")

    public = Public(site, REST, {stumble: 1.0})
    public.start()
    while len(tries) < 3:
        time.sleep(0.01)
    public.stop()
    tried = len(tries)
    time.sleep(0.1)
    assert len(tries) == tried


def test_switched_off_there_is_no_public(site):
    assert start(site, "off") is None


def test_every_deed_comes_to_mind():
    assert all(weight > 0 for weight in deeds.habits(hurried=True).values())
