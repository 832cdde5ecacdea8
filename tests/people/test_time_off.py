"""Days on which the weekly grid does not hold: time off, and time given beside it."""

from datetime import timedelta

import pytest

from app.kernel.clock import now
from app.kernel.errors import Invalid, NotFound
from app.people import service
from models import AvailabilityException, Event, db
from models.kinds import EventKind
from tests.dispatching.helpers import dispatched, offers
from tests.people.steps import send


def off(actor, **more):
    starts = now() + timedelta(hours=1)
    return service.add_exception(actor=actor, starts_at=starts, ends_at=starts + timedelta(days=3), **more)


def test_nobody_is_asked_for_a_time_they_took_off_and_again_once_it_is_taken_back(world):
    volunteer = world.volunteer()
    order = world.open_order()
    away = off(volunteer, reason="回老家")
    dispatched()
    assert not offers(order)
    service.drop_exception(away.id, actor=volunteer)
    dispatched()
    assert [offer.volunteer_id for offer in offers(order)] == [volunteer.volunteer_id]
    changed = db.session.query(Event).filter_by(kind=EventKind.VOLUNTEER_AMEND, actor_id=volunteer.account_id)
    assert [event.particulars["fields"] for event in changed] == [["exceptions"]] * 2


def test_time_off_is_ones_own_and_lies_ahead(world):
    mine, other = world.volunteer(), world.volunteer("别人")
    away = off(mine)
    with pytest.raises(NotFound):
        service.drop_exception(away.id, actor=other)
    past = now() - timedelta(days=2)
    with pytest.raises(Invalid):
        service.add_exception(actor=mine, starts_at=past, ends_at=past + timedelta(days=1))
    assert db.session.query(AvailabilityException).count() == 1


def test_time_off_is_written_down_and_taken_back_on_the_page(town, site):
    browser = town.browser(site, town.volunteer())
    page, form = "/volunteer/availability", {"starts_at": "2026-12-01T09:00", "ends_at": "2026-12-02T18:00"}
    assert send(browser, page, "/volunteer/exceptions", **form, reason="体检").status_code == 303
    away = db.session.query(AvailabilityException).one()
    assert "体检" in browser.get(page).text
    assert send(browser, page, f"/volunteer/exceptions/{away.id}/removal").status_code == 303
    assert "体检" not in browser.get(page).text
