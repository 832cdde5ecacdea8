"""Taking an open order with one's own hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.kernel import clock, errors
from app.kernel.access import SYSTEM
from app.ordering import service as ordering
from app.people import service as people
from app.people.identity import actor_of
from app.serving import queries
from app.serving import service as serving
from models import Offer, db
from models.kinds import Role
from models.states import OfferStatus, OrderStatus
from tests.dispatching.helpers import set_for
from tests.factories import World
from tests.serving.steps import fresh, offered, profile, reserves


def test_an_open_order_can_be_claimed_by_who_fits(world: World) -> None:
    volunteer = world.volunteer(on_duty=False)
    order = world.open_order(window_until=clock.now() + timedelta(days=1, hours=6))

    assignment = serving.claim(order.id, actor=volunteer, key="c1")

    assert serving.claim(order.id, actor=volunteer, key="c1").id == assignment.id
    assert assignment.starts_at == order.window_from
    assert assignment.ends_at == order.window_from + order.duration
    assert fresh(order).status == OrderStatus.STAFFED


def test_claiming_an_order_one_was_offered_accepts_the_offer(world: World) -> None:
    volunteer = world.volunteer()
    order = world.open_order()
    offer = offered(order, volunteer)
    assert serving.claim(order.id, actor=volunteer).offer_id == offer.id
    assert fresh(offer).status == OfferStatus.ACCEPTED


def test_a_claim_needs_the_skill_an_open_window_and_the_offices_leave(world: World) -> None:
    unskilled, skilled = world.volunteer(skills=()), world.volunteer("张三")
    order = world.open_order()
    with pytest.raises(errors.NotFitting):
        serving.claim(order.id, actor=unskilled)
    with pytest.raises(errors.NotAllowed):
        serving.claim(order.id, actor=world.resident())
    with pytest.raises(errors.NotFound):
        serving.claim("nothing", actor=skilled)
    ordering.cancel(order.id, "不用了", actor=SYSTEM)
    with pytest.raises(errors.OfferOver):
        serving.claim(order.id, actor=skilled)
    over = world.open_order(starts=clock.now() - timedelta(hours=1))
    with pytest.raises(errors.WrongState):
        serving.claim(over.id, actor=skilled)


def test_a_claim_that_comes_too_late_is_kept_as_a_reserve_and_can_be_left(world: World) -> None:
    order = world.open_order()
    serving.claim(order.id, actor=world.volunteer())
    late = world.volunteer("王慢")

    with pytest.raises(errors.AlreadyTaken):
        serving.claim(order.id, actor=late)
    serving.keep_reserve(order.id, actor=late)
    assert reserves(order) == [late.volunteer_id]

    serving.leave_reserve(order.id, actor=late)
    serving.leave_reserve(order.id, actor=late)
    assert reserves(order) == []


def test_whose_late_yes_was_kept_and_who_then_takes_the_order_waits_no_longer(world: World) -> None:
    volunteer = world.volunteer()
    order = world.open_order()
    offer = offered(order, volunteer)
    clock.advance(offer.expires_at - clock.now())
    with pytest.raises(errors.OfferOver):
        serving.accept(offer.id, actor=volunteer)
    assert reserves(order) == [volunteer.volunteer_id]

    serving.claim(order.id, actor=volunteer)

    assert reserves(order) == []
    assert fresh(order).status == OrderStatus.STAFFED


def test_who_comes_already_does_not_stand_by_for_another_place(world: World) -> None:
    volunteer = world.volunteer()
    order = world.open_order(positions=2)
    serving.claim(order.id, actor=volunteer)
    with pytest.raises(errors.WrongState) as refusal:
        serving.keep_reserve(order.id, actor=volunteer)
    assert "已经接过了" in str(refusal.value.detail)
    assert reserves(order) == []


def test_where_the_desk_gives_out_the_tasks_nobody_helps_themselves(world: World) -> None:
    set_for(world.ids["west"], "claims_allowed", False)
    volunteer = world.volunteer()
    order = world.open_order()
    with pytest.raises(errors.NotAllowed) as refusal:
        serving.claim(order.id, actor=volunteer)
    assert "由调度员安排" in str(refusal.value.detail)
    assert fresh(order).status == OrderStatus.OPEN and reserves(order) == []
    offer = offered(order, volunteer)
    assert serving.claim(order.id, actor=volunteer).offer_id == offer.id  # who was asked may say yes anywhere


def test_the_role_without_a_volunteers_profile_takes_nothing(site: Flask, town: World) -> None:
    account_id = town.account("张三")
    people.grant_role(account_id, Role.VOLUNTEER, town.ids["station"], actor=town.administrator())
    order = town.open_order()
    program = town.program(site, actor_of(account_id))
    assert program.post(f"/api/v1/orders/{order.id}/claim").status_code == 403
    assert program.post(f"/api/v1/orders/{order.id}/reserve").status_code == 404
    assert fresh(order).status == OrderStatus.OPEN and reserves(order) == []


def test_open_orders_list_only_what_fits_nearest_first(world: World) -> None:
    volunteer = world.volunteer(north_km=0, radius_m=3000)
    near, far = world.open_order(), world.open_order(lat=30.28)
    world.open_order(item="bathing", positions=2)  # a credential the volunteer has not
    world.open_order(lat=30.35)  # too far
    mine = world.open_order(starts=clock.now() + timedelta(days=3))
    serving.claim(mine.id, actor=volunteer)
    found = queries.open_orders(profile(volunteer))
    assert [one.order.id for one in found] == [near.id, far.id]
    assert found[0].distance_m < 100 < 1000 < found[1].distance_m < 1200
    assert queries.open_orders(profile(volunteer), skill="haircut") == []
    assert queries.open_orders(profile(volunteer), day="today") == []
    assert len(queries.open_orders(profile(volunteer), day="tomorrow")) == 2
    assert len(queries.open_orders(profile(volunteer), within_m=500)) == 1


def test_offers_answered_in_between_count_by_their_state(world: World) -> None:
    """A withdrawn offer for an order that still looks for people is over, and the yes is kept."""
    volunteer = world.volunteer()
    order = world.open_order()
    offer = offered(order, volunteer)
    ordering.amend(order.id, actor=world.coordinator(), window_until=order.window_until + timedelta(hours=1))
    with pytest.raises(errors.OfferOver):
        serving.accept(offer.id, actor=volunteer)
    assert reserves(order) == [volunteer.volunteer_id]
    assert db.session.scalar(select(func.count(Offer.id))) == 1
