"""An order opened again is a new round: who served in the first holds their place, but is not expected any more."""

from __future__ import annotations

from datetime import timedelta

from app.dispatching import timers
from app.integrity.invariants import broken
from app.kernel import clock
from app.ordering import service as ordering
from app.rating import service as rating
from app.serving import service as serving
from models import Order
from tests.factories import World
from tests.serving.steps import fresh, served, taken


def _opened_again(world: World) -> Order:
    resident = world.resident()
    order = world.open_order(
        resident, item="errand", starts=clock.now() + timedelta(hours=2), hours=6, duration_minutes=60
    )
    order_id = served(order, world.volunteer("甲"), minutes=10).order_id
    rating.reopen(order_id, "没做完", actor=resident)
    return fresh(order)


def test_one_that_finds_nobody_is_given_up_and_not_called_staffed(world: World) -> None:
    order = _opened_again(world)
    assert order.status == "open"
    clock.advance(timedelta(hours=13))
    timers.tick()
    assert fresh(order).status == "unfilled"
    assert broken(ticking=False) == {}


def test_one_to_which_nobody_comes_is_a_no_show(world: World) -> None:
    resident = world.resident()
    order = world.open_order(resident, starts=clock.now() + timedelta(hours=2))
    order_id = served(order, world.volunteer("甲"), minutes=10).order_id
    desk = world.coordinator()
    rating.reopen(order_id, "没做完", actor=resident)
    if fresh(order).status == "reopened":
        ordering.approve(order_id, actor=desk)
    assignment = taken(fresh(order), world.volunteer("乙"))
    clock.advance(assignment.ends_at - clock.now() + timedelta(hours=2))
    serving.mark_no_show(assignment.id, actor=desk)
    assert fresh(order).status == "no_show"
    assert broken(ticking=False) == {}


def test_one_of_two_who_claims_an_order_given_up_sets_it_going_again(world: World) -> None:
    desk = world.coordinator()
    order = world.open_order(item="errand", starts=clock.now() + timedelta(hours=2), positions=2, hours=1)
    clock.advance(timedelta(hours=2, minutes=2))
    timers.tick()
    assert fresh(order).status == "unfilled"
    ordering.let_end_later(order.id, actor=desk, minutes=600)
    serving.claim(order.id, actor=world.volunteer("甲"))
    assert fresh(order).status == "open"
    assert fresh(order).next_action_at is not None
    assert broken(ticking=False) == {}
