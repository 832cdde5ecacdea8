"""Eight processes answer for forty orders at once: exactly capacity is filled, and nobody is in two places."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.integrity.invariants import broken
from app.kernel import clock
from app.kernel.access import Actor
from app.people import sessions
from models import Order, db
from tests.conftest import build_app
from tests.factories import World
from tests.integrity import rush
from tests.integrity.rush import Attempt
from tests.serving.steps import offered

PROCESSES, ORDERS, CANCELLED, SHARED = 8, 40, 8, 3
"""Each order is put to as many people as it needs who have nothing else, and to SHARED whom other orders want too."""
REFUSALS = {"409 already_taken", "409 offer_over", "409 overlaps", "409 wrong_state", "409 not_fitting"}


@pytest.fixture
def city(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A world whose database other processes may use: this one only looks on."""
    app = build_app(database_url, tmp_path)
    with app.app_context():
        yield World().build()
        db.session.remove()
        db.engine.dispose()


def race(url: str, moment: datetime, attempts: list[Attempt]) -> Counter[str]:
    """Spread the attempts over the processes, start all at once, count the answers.

    Real processes with nothing inherited; the fork server has read the code once for all of them.
    """
    spread: list[list[Attempt]] = [attempts[n::PROCESSES] for n in range(PROCESSES)]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.integrity.rush"])
    start, answers = context.Barrier(PROCESSES), context.Queue()
    processes = [
        context.Process(target=rush.run, args=(url, moment, part, seed, start, answers))
        for seed, part in enumerate(spread)
    ]
    for process in processes:
        process.start()
    counted = sum((Counter(answers.get(timeout=120)) for _ in processes), Counter())
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
    return counted


class Rush:
    """Orders, people and everything that will be attempted at once."""

    def __init__(self, city: World) -> None:
        self.city, self.moment, self.dice = city, clock.now(), random.Random(7)
        self.attempts: list[Attempt] = []
        self.tokens: dict[str, str] = {}
        self.shared = [self.person(f"共{n}") for n in range(12)]

    def person(self, name: str) -> Actor:
        """Somebody who lives next door and can sign in."""
        who = self.city.volunteer(name, north_km=0, always=False)
        self.tokens[str(who.volunteer_id)] = sessions.issue(str(who.account_id))
        return who

    def order(self, number: int) -> Order:
        """An order that overlaps its neighbours, offered and open to claims; each yes will be said twice at once."""
        starts = self.moment + timedelta(days=1, hours=number % 4)
        order = self.city.open_order(starts=starts, positions=number % 3 + 1)
        own = [self.person(f"专{number}-{n}") for n in range(order.positions_wanted)]
        *wanted, claims = self.dice.sample(self.shared, SHARED + 1)
        said = [self.yes(order, who) for who in (*own, *wanted)]
        said.append(Attempt(f"orders/{order.id}/claim", self.tokens[str(claims.volunteer_id)]))
        self.attempts += said + said
        return order

    def yes(self, order: Order, who: Actor) -> Attempt:
        return Attempt(f"offers/{offered(order, who).id}/acceptance", self.tokens[str(who.volunteer_id)])

    def called_off(self, number: int) -> Order:
        """An order to which somebody says yes in the moment in which it is cancelled."""
        order = self.city.open_order(starts=self.moment + timedelta(days=3))
        self.attempts += [self.yes(order, self.person(f"撤{number}")), Attempt(order.id)]
        return order


def test_exactly_as_many_come_as_were_asked_for(city: World, database_url: str) -> None:
    """And of a yes and a cancellation at once exactly one stands."""
    rushed = Rush(city)
    places = {order.id: order.positions_wanted for order in map(rushed.order, range(ORDERS))}
    cancelled = [order.id for order in map(rushed.called_off, range(CANCELLED))]
    rushed.dice.shuffle(rushed.attempts)
    db.session.remove()

    answers = race(database_url, rushed.moment, rushed.attempts)

    assert set(answers) <= REFUSALS | {"201", "cancelled"}, answers  # no 5xx, nothing raised
    assert broken() == {}
    held = text("SELECT order_id, count(*) FROM assignment WHERE status = 'accepted' GROUP BY order_id")
    assert dict(db.session.execute(held).all()) == places, answers
    assert {db.session.get_one(Order, order_id).status for order_id in cancelled} == {"cancelled"}
    assert answers["cancelled"] == CANCELLED
