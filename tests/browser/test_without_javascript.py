"""The resident's and the volunteer's halves with JavaScript switched off: plain forms, plain links, the same words."""

import re
import time

import pytest
from playwright.sync_api import expect

from app.demo.accounts import RESIDENT, VOLUNTEER
from tests.browser import steps
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser
PLAIN = {**PHONE, "java_script_enabled": False}
WAIT_SECONDS = 8


def _look_again(page, locator):
    """Nothing is live here: people press reload."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not locator.count() and time.monotonic() < deadline:
        time.sleep(0.5)
        page.reload()
    expect(locator.first).to_be_visible()


def test_the_whole_loop_in_plain_html(visit):
    resident, volunteer = visit(RESIDENT, **PLAIN), visit(VOLUNTEER, **PLAIN)
    steps.order_something(resident.page, item="上门理发", words="剪短就好。")

    volunteer.page.goto("/volunteer")
    _look_again(volunteer.page, volunteer.page.get_by_role("button", name="接单", exact=True))
    steps.accept(volunteer.page)
    steps.depart(volunteer.page)

    resident.page.reload()
    steps.check_in(volunteer.page, steps.code_on(resident.page))
    steps.check_out(volunteer.page)

    resident.page.reload()
    steps.rate(resident.page)
    resident.page.goto("/orders?show=past")
    expect(resident.page.locator("main")).to_contain_text("已办结")
    assert [*resident.troubles, *volunteer.troubles] == []


def test_a_volunteer_says_no_and_goes_off_duty_and_on(visit):
    resident, volunteer = visit(RESIDENT, **PLAIN), visit(VOLUNTEER, **PLAIN)
    steps.order_something(resident.page)
    volunteer.page.goto("/volunteer")
    _look_again(volunteer.page, volunteer.page.get_by_role("button", name="接单", exact=True))
    volunteer.page.get_by_role("button", name="这次不行").click()
    expect(volunteer.page.locator("main")).not_to_contain_text("等您答复")
    for pressed in ("false", "true"):
        volunteer.page.get_by_role("button", name=re.compile("现在有空")).click()
        switch = volunteer.page.get_by_role("button", name=re.compile("现在有空"))
        expect(switch).to_have_attribute("aria-pressed", pressed)


def test_what_was_typed_is_kept_and_the_fault_named(visit):
    resident = visit(RESIDENT, **PLAIN)
    page = resident.page
    page.goto("/orders/new/who")
    page.locator("label.tile").filter(has_text="家人或邻居").click()
    page.get_by_role("textbox", name="他的姓名").fill("赵爷爷")
    page.get_by_role("textbox", name="他的电话").fill("12")
    page.get_by_role("button", name=steps.NEXT).click()
    expect(page.get_by_role("alert")).to_contain_text("手机号不对")
    expect(page.get_by_role("textbox", name="他的姓名")).to_have_value("赵爷爷")
    expect(page.get_by_role("textbox", name="他的电话")).to_have_value("12")
    assert all("422" in trouble for trouble in resident.troubles), "the refusal itself is the only trouble"


def test_an_order_is_called_off_with_a_reason(visit):
    resident = visit(RESIDENT, **PLAIN)
    page = resident.page
    steps.order_something(page)
    page.get_by_text("取消这张单").click()
    page.locator("#cancelling label").filter(has_text="不需要了").first.click()
    page.locator("#cancelling").get_by_role("button").last.click()
    expect(page.locator("main")).to_contain_text("已取消")
    assert resident.troubles == []
