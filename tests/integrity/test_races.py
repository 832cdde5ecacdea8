"""Eight processes answer for forty orders at once: exactly as many come as were asked for, and nobody is in two places."""

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
from app.people import sessions
from models import Order, db
from tests.conftest import build_app
from tests.factories import World
from tests.integrity import rush
from tests.integrity.rush import Attempt
from tests.serving.steps import offered

PROCESSES, ORDERS, SHARED = 8, 40, 3
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


def race(url: str, moment: datetime, attempts: list[Attempt], *, twice: bool = True) -> Counter[str]:
    """Spread the attempts over the processes (each to two of them), start all at once, count the answers."""
    spread: list[list[Attempt]] = [[] for _ in range(PROCESSES)]
    for number, attempt in enumerate(attempts):
        for turn in range(2 if twice else 1):
            spread[(number + turn * 3) % PROCESSES].append(attempt)
    context = multiprocessing.get_context("spawn")
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


def test_exactly_as_many_come_as_were_asked_for(city: World, database_url: str) -> None:
    moment, dice = clock.now(), random.Random(7)
    shared = [city.volunteer(f"共{n}", north_km=0) for n in range(12)]
    orders, attempts = [], []
    tokens = {who.volunteer_id: sessions.issue(str(who.account_id)) for who in shared}
    for number in range(ORDERS):
        starts = moment + timedelta(days=1, hours=number % 4)  # two hours each: neighbours overlap
        order = city.open_order(starts=starts, positions=number % 3 + 1)
        orders.append((order.id, order.positions_wanted))
        own = [city.volunteer(f"专{number}-{n}", north_km=0) for n in range(order.positions_wanted)]
        for who in own:
            tokens[who.volunteer_id] = sessions.issue(str(who.account_id))
        wanted = dice.sample(shared, SHARED + 1)
        for who in own + wanted[:SHARED]:
            attempts.append(Attempt(f"offers/{offered(order, who).id}/acceptance", tokens[who.volunteer_id]))
        attempts.append(Attempt(f"orders/{order.id}/claim", tokens[wanted[SHARED].volunteer_id]))
    db.session.remove()

    answers = race(database_url, moment, attempts)

    unexpected = {answer: count for answer, count in answers.items() if answer != "201" and answer not in REFUSALS}
    assert not unexpected, answers
    assert broken() == {}
    held = {order_id: count for order_id, count in db.session.execute(text(
        "SELECT order_id, count(*) FROM assignment WHERE status = 'accepted' GROUP BY order_id"))}  # fmt: skip
    assert held == dict(orders), answers
    assert answers["201"] >= sum(held.values())


def test_of_a_yes_and_a_cancellation_at_once_the_order_keeps_one(city: World, database_url: str) -> None:
    moment = clock.now()
    attempts, ids = [], []
    for number in range(16):
        who = city.volunteer(f"志{number}", north_km=0)
        order = city.open_order()
        ids.append(order.id)
        token = sessions.issue(str(who.account_id))
        attempts += [Attempt(f"offers/{offered(order, who).id}/acceptance", token), Attempt(order.id)]
    db.session.remove()

    answers = race(database_url, moment, attempts, twice=False)

    assert set(answers) <= {"201", "409 offer_over", "cancelled"}, answers
    assert broken() == {}
    assert {db.session.get(Order, order_id).status for order_id in ids} == {"cancelled"}
    assert answers["cancelled"] == 16
