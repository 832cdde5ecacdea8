"""One order becomes two, linked, and the resident hears of it once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatching import service as dispatching
from app.kernel.clock import now
from app.kernel.errors import Invalid, NotFound, WrongState
from app.ordering import service
from models import Notification, OrderSplit, db
from tests.dispatching.helpers import dispatched, fresh, kinds, live
from tests.factories import csrf_of
from tests.serving.steps import taken


def told(actor):
    db.session.rollback()
    return [row.kind for row in db.session.query(Notification).filter_by(account_id=actor.account_id)]


def test_some_of_the_people_go_into_an_order_of_their_own(world):
    desk, resident, person = world.coordinator(), world.resident(), world.volunteer()
    order = world.open_order(resident, positions=3, words="三个人")
    taken(order, person)
    part = service.split(order.id, people=2, actor=desk, key="once")
    assert service.split(order.id, people=2, actor=desk, key="once").id == part.id
    assert (fresh(order).positions_wanted, fresh(order).status) == (1, "staffed"), "the one who was found is enough"
    assert (part.positions_wanted, part.status, part.words) == (2, "open", "三个人")
    assert [row.skill_id for row in part.skills] == [row.skill_id for row in fresh(order).skills]
    assert db.session.query(OrderSplit).filter_by(order_id=part.id, from_id=order.id).count() == 1
    assert told(resident).count("order_changed") == 1
    assert kinds(part)[:2] == ["order.place", "order.approve"]


def test_a_long_service_becomes_two_that_never_overlap(world):
    desk, order = world.coordinator(), world.open_order(hours=6, duration_minutes=180)
    first, last = order.window_from, order.window_until
    part = service.split(order.id, minutes=60, actor=desk)
    order = fresh(order)
    assert (order.duration_minutes, part.duration_minutes) == (60, 120)
    assert (order.window_from, part.window_until) == (first, last)
    assert order.window_until == part.window_from == first + timedelta(minutes=60 + 90)


def test_offers_that_are_out_are_taken_back_and_people_are_looked_for_anew(world):
    world.volunteer()
    desk, order = world.coordinator(), world.open_order(positions=2)
    dispatched()
    assert live(order)
    part = service.split(order.id, people=1, actor=desk)
    assert live(order) == [] and fresh(order).status == "open"
    dispatched()
    assert len(live(order)) + len(live(part)) == 1


def test_what_cannot_be_divided_is_refused_in_words(world):
    desk, order = world.coordinator(), world.open_order(positions=2)
    for how in ({"people": 2}, {"people": 0}, {"minutes": 5}, {"minutes": 119}):
        with pytest.raises(Invalid):
            service.split(order.id, actor=desk, **how)
    taken(order, world.volunteer())
    with pytest.raises(WrongState):
        service.split(order.id, minutes=60, actor=desk)
    small = world.open_order(duration_minutes=20)
    with pytest.raises(WrongState):
        service.split(small.id, minutes=10, actor=desk)
    bathing = world.open_order(item="bathing", positions=2, starts=now() + timedelta(days=1))
    with pytest.raises(Invalid):
        service.split(bathing.id, people=1, actor=desk)


def test_only_the_orders_own_desk_splits_it(world):
    order = world.open_order(positions=2)
    with pytest.raises(NotFound):
        service.split(order.id, people=1, actor=world.coordinator(world.ids["east"]))


def test_an_order_that_waits_for_review_is_split_before_it(world):
    desk, order = world.coordinator(), world.open_order(positions=2, approve=False)
    assert service.split(order.id, people=1, actor=desk).status == "submitted"
    dispatching.run_once(cause="test")


def test_the_page_has_the_form_says_what_is_wrong_and_shows_the_other_half(site, town):
    desk, order = town.browser(site, town.coordinator()), town.open_order(positions=3)
    page = desk.get(f"/desk/orders/{order.id}").text
    form = {"csrf_token": csrf_of(page), "by": "people", "number": "3"}
    wrong = desk.post(f"/desk/orders/{order.id}/split", data=form)
    assert wrong.status_code == 422 and "最多能分出" in wrong.text
    assert desk.post(f"/desk/orders/{order.id}/split", data=form | {"number": "1"}).status_code == 303
    shown = desk.get(f"/desk/orders/{order.id}").text
    assert "分开来的另一张" in shown and "分出" in shown
    program = town.program(site, town.coordinator())
    made = program.post(f"/api/v1/orders/{order.id}/split", json={"by": "minutes", "number": 60})
    assert made.status_code == 200 and made.get_json()["duration_minutes"] == 60
