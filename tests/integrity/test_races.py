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

INVARIANTS = {
    "an order has more people than places": """
        SELECT orders.id FROM orders JOIN assignment ON assignment.order_id = orders.id
        WHERE assignment.status IN ('accepted', 'on_the_way', 'checked_in', 'checked_out', 'confirmed')
        GROUP BY orders.id, orders.positions_wanted HAVING count(*) > orders.positions_wanted""",
    "somebody is in two places at once": """
        SELECT one.id FROM assignment AS one JOIN assignment AS other ON other.volunteer_id = one.volunteer_id
        AND other.id <> one.id AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at
        WHERE one.status IN ('accepted', 'on_the_way', 'checked_in')
        AND other.status IN ('accepted', 'on_the_way', 'checked_in')""",
    "somebody holds two places on one order": """
        SELECT order_id FROM assignment WHERE status IN ('accepted', 'on_the_way', 'checked_in')
        GROUP BY order_id, volunteer_id HAVING count(*) > 1""",
    "an order's events are not numbered 1, 2, 3 …": """
        SELECT orders.id FROM orders LEFT JOIN event ON event.order_id = orders.id
        GROUP BY orders.id, orders.version
        HAVING count(event.number) <> orders.version OR max(event.version) <> orders.version""",
    "a status is not the one its last event says": """
        SELECT orders.id FROM orders JOIN event ON event.order_id = orders.id AND event.subject_type = 'orders'
        WHERE event.after IS NOT NULL AND event.after <> orders.status AND NOT EXISTS (
            SELECT 1 FROM event AS later WHERE later.order_id = orders.id AND later.subject_type = 'orders'
            AND later.after IS NOT NULL AND later.version > event.version)""",
    "an accepted offer has no assignment": """
        SELECT offer.id FROM offer LEFT JOIN assignment ON assignment.offer_id = offer.id
        WHERE offer.status = 'accepted' AND assignment.id IS NULL""",
    "an assignment's offer was not accepted": """
        SELECT assignment.id FROM assignment JOIN offer ON offer.id = assignment.offer_id
        WHERE offer.status <> 'accepted'""",
    "a staffed or cancelled order still has offers out": """
        SELECT offer.id FROM offer JOIN orders ON orders.id = offer.order_id
        WHERE offer.status IN ('sent', 'seen') AND orders.status IN ('staffed', 'cancelled')""",
    "a cancelled order still has people coming": """
        SELECT assignment.id FROM assignment JOIN orders ON orders.id = assignment.order_id
        WHERE orders.status = 'cancelled' AND assignment.status IN ('accepted', 'on_the_way', 'checked_in')""",
    "a staffed order lacks people, or a full one is not staffed": """
        SELECT orders.id FROM orders LEFT JOIN assignment ON assignment.order_id = orders.id
        AND assignment.status IN ('accepted', 'on_the_way', 'checked_in')
        WHERE orders.status IN ('staffed', 'open', 'offering')
        GROUP BY orders.id, orders.status, orders.positions_wanted
        HAVING (orders.status = 'staffed') <> (count(assignment.id) = orders.positions_wanted)""",
    "a live order has no timer": """
        SELECT id FROM orders WHERE next_action_at IS NULL AND status IN ('open', 'offering', 'staffed')""",
    "a key did not keep its answer": "SELECT key FROM idempotency_key WHERE result_id = ''",
}


@pytest.fixture
def city(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A world whose database other processes may use: this one only looks on."""
    app = build_app(database_url, tmp_path)
    with app.app_context():
        yield World().build()
        db.session.remove()
        db.engine.dispose()


def broken() -> dict[str, list[str]]:
    """Every invariant that does not hold, with the rows that break it."""
    db.session.remove()
    found = {name: [row[0] for row in db.session.execute(text(sql))] for name, sql in INVARIANTS.items()}
    return {name: rows for name, rows in found.items() if rows}


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
