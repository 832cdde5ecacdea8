"""Arriving without the resident's code: the phone is asked once where it is, and whatever it answers one gets in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.demo.accounts import RESIDENT, VOLUNTEER
from app.smoke.people import Person
from tests.browser import steps
from tests.browser.conftest import PHONE, set_free

pytestmark = pytest.mark.browser

SILENT = """() => {
  window.asked = [];
  navigator.geolocation.getCurrentPosition = (found, refused, { timeout }) => window.asked.push({ refused, timeout });
}"""
"""A phone that looks for a signal until the test says that its time is over."""


@pytest.fixture
def at_the_door(visit, address):
    """A volunteer's window on the task whose time has come, with whatever the phone allows; and the order's place."""

    def come(**phone):
        set_free(address)
        resident = visit(RESIDENT, **PHONE)
        order_id = steps.order_something(resident.page)
        place = Person(address, RESIDENT.role, RESIDENT.phone, RESIDENT.password).get(f"/orders/{order_id}")
        if phone.pop("is_here", False):
            phone["geolocation"] = {"latitude": place["lat"], "longitude": place["lon"], "accuracy": 12}
        volunteer = visit(VOLUNTEER, **PHONE, **phone)
        volunteer.page.goto("/volunteer")
        steps.accept(volunteer.page)
        volunteer.page.get_by_text("没有服务码？").click()
        return volunteer

    return come


def arrive(volunteer) -> str:
    """Press the button; what backs the arrival."""
    volunteer.page.get_by_role("button", name="我已到达").click()
    expect(volunteer.page.locator("#task")).to_contain_text("服务中")
    steps.check_out(volunteer.page)
    assert volunteer.troubles == []
    return volunteer.page.locator("main").inner_text()


def test_the_place_backs_the_arrival_where_the_phone_may_tell(at_the_door):
    assert "到场定位" in arrive(at_the_door(is_here=True, permissions=["geolocation"]))


def test_a_refusal_lets_one_in_all_the_same(at_the_door):
    assert "本人签到" in arrive(at_the_door(permissions=[]))


def test_without_javascript_the_button_simply_works(at_the_door):
    assert "本人签到" in arrive(at_the_door(java_script_enabled=False))


def test_a_silent_phone_is_waited_for_five_seconds_and_the_button_says_so(at_the_door):
    volunteer = at_the_door(permissions=["geolocation"])
    volunteer.page.evaluate(SILENT)
    button = volunteer.page.get_by_role("button", name="我已到达")
    button.click()
    waiting = volunteer.page.get_by_role("button", name="正在定位，请稍等……")
    expect(waiting).to_have_attribute("aria-disabled", "true")
    steps.refreshed(volunteer.page, "/tasks/")
    expect(waiting).to_have_attribute("aria-disabled", "true")
    waiting.click(force=True)  # pressing again changes nothing
    assert volunteer.page.evaluate("asked.map(({ timeout }) => timeout)") == [5_000]
    volunteer.page.evaluate("asked[0].refused()")
    expect(volunteer.page.locator("#task")).to_contain_text("服务中")
    assert volunteer.troubles == []
