"""Blocks for life: the two never meet again, at once and also on what was agreed already; nobody is told why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.dispatching import queries as dispatching
from app.kernel import errors
from app.kernel.clock import now
from app.people.identity import actor_of
from app.privacy import service
from app.serving import queries as serving
from app.serving import service as serves
from models import Block, Volunteer, db
from models.kinds import BlockKind
from models.states import AssignmentStatus, OfferStatus
from tests.serving.steps import fresh, offered, post, served, taken


@pytest.fixture
def pair(world):
    """A resident, a volunteer, and a service behind them."""
    resident, volunteer = world.resident("王桂兰"), world.volunteer("李晓梅")
    met = served(world.open_order(resident), volunteer)
    return resident, volunteer, met


def later(world, resident, days=3):
    return world.open_order(resident, starts=now() + timedelta(days=days))


def test_a_resident_blocks_a_volunteer_and_matching_knows_at_once(world, pair):
    resident, volunteer, met = pair
    order = later(world, resident)
    row = db.session.get(Volunteer, volunteer.volunteer_id)
    assert not dispatching.conflicts(order, row)
    assert service.block(met.id, actor=resident).kind == BlockKind.BY_RESIDENT
    assert {one.rule for one in dispatching.conflicts(fresh(order), row)} == {"blocked"}
    assert order.id not in {one.order.id for one in serving.open_orders(row)}
    with pytest.raises(errors.OfferOver):
        serves.claim(order.id, actor=volunteer)


def test_a_volunteer_blocks_a_resident_the_same_way(world, pair):
    resident, volunteer, met = pair
    assert service.block(met.id, actor=volunteer).kind == BlockKind.BY_VOLUNTEER
    row = db.session.get(Volunteer, volunteer.volunteer_id)
    assert {one.rule for one in dispatching.conflicts(later(world, resident), row)} == {"blocked"}


def test_what_they_had_ahead_ends_and_somebody_else_is_looked_for(world, pair):
    resident, volunteer, met = pair
    agreed, asked, kept = (later(world, resident, days) for days in (3, 4, 5))
    assignment, offer = taken(agreed, volunteer), offered(asked, volunteer)
    serves.keep_reserve(kept.id, actor=volunteer)
    service.block(met.id, actor=resident)
    assert fresh(assignment).status == AssignmentStatus.CANCELLED
    assert fresh(agreed).status == "open"
    assert fresh(offer).status == OfferStatus.WITHDRAWN
    assert serving.standing(kept.id, world.volunteer("张三")).reserve is None
    assert assignment.reason == ""


def test_a_visit_under_way_is_not_broken_off(world):
    from tests.serving.steps import arrived

    resident, volunteer = world.resident(), world.volunteer()
    assignment = arrived(world.open_order(resident), volunteer)
    service.block(assignment.id, actor=resident)
    assert fresh(assignment).status == AssignmentStatus.CHECKED_IN


def test_asking_twice_changes_nothing_and_both_may_ask(world, pair):
    resident, volunteer, met = pair
    assert service.block(met.id, actor=resident).id == service.block(met.id, actor=resident).id
    service.block(met.id, actor=volunteer)
    assert len(db.session.scalars(select(Block)).all()) == 2


def test_nobody_blocks_for_others(world, pair):
    _resident, _volunteer, met = pair
    for actor in (world.coordinator(), world.volunteer("张三"), world.resident("别人"), world.administrator()):
        with pytest.raises(errors.NotFound):
            service.block(met.id, actor=actor)
    with pytest.raises(errors.NotFound):
        service.block("0" * 20, actor=world.resident("别人"))


def test_the_page_offers_it_once_and_never_tells_the_other(town, site):
    resident, volunteer = town.resident(), town.volunteer()
    met = served(town.open_order(resident), volunteer)
    browser = town.browser(site, resident)
    page = f"/orders/{met.order_id}"
    assert f"/assignments/{met.id}/block" in browser.get(page).text
    assert post(browser, f"/assignments/{met.id}/block", _next=page).status_code == 303
    assert f"/assignments/{met.id}/block" not in browser.get(page).text
    theirs = town.browser(site, volunteer).get(f"/tasks/{met.id}").text
    assert f"/assignments/{met.id}/block" in theirs, "they may ask for it too, knowing nothing"


def test_programs_may_ask_for_it(town, site):
    resident = town.resident()
    met = served(town.open_order(resident), town.volunteer())
    answer = town.program(site, actor_of(resident.account_id)).post(f"/api/v1/assignments/{met.id}/block")
    assert (answer.status_code, answer.json["kind"]) == (201, "by_resident")
