"""The answer model of a city: learnt from its own offers, used for how many and when, never for whom."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from app.dispatching import answering, snapshot
from app.kernel import clock
from app.kernel.transaction import command
from app.serving import service as serving
from dispatch.offering import Fitted, Prior
from models import AnswerModel, Offer, db
from tests.dispatching.helpers import dispatched, live


@command
def past_offers(world, order, person, number, yes=0.4):
    """Offers of the last weeks that kept what was known of them: near ones are answered with a yes more often."""
    dice = Random(5)
    for n in range(number):
        km = dice.choice((0.3, 4.0))
        said = dice.random() < (yes + 0.3 if km < 1 else yes - 0.3)
        sent = clock.now() - timedelta(days=1 + n % 30, minutes=n)
        db.session.add(
            Offer(
                order_id=order.id, volunteer_id=person.volunteer_id, status="accepted" if said else "declined",
                origin="dispatch", starts_at=sent, ends_at=sent + timedelta(hours=1), distance_m=int(km * 1000),
                travel_minutes=5, terms={}, sent_at=sent, answered_at=sent + timedelta(minutes=3),
                expires_at=sent + timedelta(hours=4),
                features={
                    "km": km, "hour": 10.0, "weekday": n % 7, "kind": "relief", "notice": 20.0, "alerts_week": 1,
                    "alerts_day": 0, "yes": 0, "offers": 0, "urgency": "normal",
                },
            )
        )  # fmt: skip


def test_with_too_little_to_learn_from_the_prior_serves(world):
    pytest.importorskip("sklearn")
    order, person = world.open_order(), world.volunteer()
    past_offers(world, order, person, 20)
    assert isinstance(answering.learn(world.ids["city"]), str)
    assert answering.of_city(world.ids["city"]) == (Prior(), 0)


def test_a_city_learns_at_night_once_and_uses_what_it_learnt(world):
    pytest.importorskip("sklearn")
    order, person = world.open_order(), world.volunteer()
    past_offers(world, order, person, 400)
    with clock.fixed(clock.now() + timedelta(hours=16)):  # four in the morning
        answering.learn_where_due()
        answering.learn_where_due()
    (row,) = db.session.query(AnswerModel)
    assert (row.version, row.in_use, row.rows) == (1, True, 400)
    assert row.brier < row.constant
    model, version = answering.of_city(world.ids["city"])
    assert isinstance(model, Fitted) and version == 1
    dispatched()
    assert fresh_asking(order)["chance"] != pytest.approx(0.114, abs=0.01)


def fresh_asking(order):
    from tests.dispatching.helpers import fresh

    return fresh(order).asking


def test_neither_a_no_nor_silence_reaches_the_engine(world):
    no, silent = world.volunteer("说不"), world.volunteer("不回")
    for day in (2, 3, 4):
        order = world.open_order(starts=clock.now() + timedelta(days=day))
        dispatched()
        for offer in live(order):
            if offer.volunteer_id == no.volunteer_id:
                serving.decline(offer.id, actor=no)
    world.open_order(starts=clock.now() + timedelta(days=9))
    db.session.rollback()
    from models import Office

    taken = snapshot.take(db.session.get(Office, world.ids["city"])).problem
    assert {one.answer_chance for one in taken.volunteers} == {1.0}
    assert silent.volunteer_id in {one.id for one in taken.volunteers}
