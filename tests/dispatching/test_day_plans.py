"""A day plan from the button to the offers, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatching import evening, planning, publishing, runs, service, timers
from app.kernel import clock
from app.kernel.access import SYSTEM
from app.kernel.clock import midnight, now, today
from app.kernel.errors import Invalid, NotFound, WrongState
from app.kernel.transaction import command
from app.serving import service as serving
from models import DispatchRun, Offer, Order, db
from models.kinds import RunMode
from tests.dispatching.helpers import dispatched, fresh, live, offers, set_for


def tomorrow(hour, minute=0):
    return midnight(today() + timedelta(days=1)) + timedelta(hours=hour, minutes=minute)


def planned(world, actor=None, **more):
    """A plan for tomorrow, worked out and waiting for somebody's look."""
    actor = actor or world.coordinator(world.ids["city"])
    run = service.plan_day(more.pop("office", world.ids["city"]), today() + timedelta(days=1), actor=actor, **more)
    return run, actor


def two_in_sequence(world, **more):
    """One volunteer, two orders one after the other, which an instant run would ask for in two rounds."""
    volunteer = world.volunteer(on_duty=False, **more)
    orders = [world.open_order(starts=tomorrow(hour), hours=1, item="errand") for hour in (9, 14)]
    return volunteer, orders


def test_a_plan_waits_for_a_look_and_offers_nothing_by_itself(world):
    _, orders = two_in_sequence(world)
    run, _actor = planned(world)
    assert (run.mode, run.stage, run.status) == ("day", "preview", "applied")
    assert run.day == today() + timedelta(days=1)
    assert run.plan["proposals"] and not any(live(order) for order in orders)


def test_published_it_asks_one_person_for_several_orders_and_each_can_be_accepted(world):
    volunteer, orders = two_in_sequence(world)
    run, actor = planned(world)
    service.publish(run.id, actor=actor)
    found = [live(order)[0] for order in orders]
    assert {offer.volunteer_id for offer in found} == {volunteer.volunteer_id}
    assert {offer.run_id for offer in found} == {run.id}

    serving.accept(found[0].id, actor=volunteer)
    assert db.session.get(Offer, found[1].id).status in ("sent", "seen"), "the second is not lost by the first yes"
    serving.accept(found[1].id, actor=volunteer)
    assert [fresh(order).status for order in orders] == ["staffed", "staffed"]
