"""A basement without a signal: what is pressed there waits on the phone, says so, and arrives once."""

from __future__ import annotations

import re
from contextlib import nullcontext, suppress

import pytest
from playwright.sync_api import Error, TimeoutError, expect

from app.demo.accounts import RESIDENT, VOLUNTEER
from app.smoke.people import Person
from tests.browser import steps
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser

KEPT = "caches.open('pages').then(pages => pages.keys()).then(found => found.map(({ url }) => new URL(url).pathname))"
INSTALLED = "() => navigator.serviceWorker.getRegistration().then((found) => found?.active?.state === 'activated')"
AT_WORK = "navigator.serviceWorker.controller !== null"
TRIES = 3
WITHOUT_NETWORK = ("ERR_INTERNET_DISCONNECTED", "websocket", "polling")


@pytest.fixture
def task(visit):
    """A volunteer's window on an accepted task, which the phone has kept."""
    resident = visit(RESIDENT, **PHONE)
    steps.order_something(resident.page)
    volunteer = visit(VOLUNTEER, **PHONE, service_workers="allow")
    volunteer.page.goto("/volunteer")
    steps.accept(volunteer.page)
    _installed(volunteer.page)
    volunteer.page.reload()  # a page that began before the worker did may stay without it
    assert volunteer.page.evaluate(AT_WORK)
    return volunteer


def _installed(page):
    """An installation that failed, on a busy machine say, is tried again by the next page."""
    for tries_left in reversed(range(TRIES)):
        with suppress(TimeoutError) if tries_left else nullcontext():
            page.wait_for_function(INSTALLED)
            return
        page.reload()


def strip(volunteer):
    return volunteer.page.locator("[data-later-strip]")


def _of_our_making(volunteer):
    return [one for one in volunteer.troubles if not any(word in one for word in WITHOUT_NETWORK)]


def test_a_whole_visit_without_a_signal_is_sent_once_when_it_is_back(task, address):
    page, url = task.page, task.page.url
    task.context.set_offline(True)
    page.goto(url)
    expect(strip(task)).to_contain_text("没有网络")
    page.get_by_text("没有服务码？").click()
    page.get_by_role("button", name="我已到达").click()
    expect(strip(task)).to_contain_text("已存在手机里，有网就发出：签到")
    expect(page.get_by_role("button", name="我已到达")).to_be_hidden()
    page.get_by_role("button", name="做完了").click()
    expect(strip(task)).to_contain_text("做完")
    page.get_by_text("求助 / 不安全").click()
    page.get_by_role("button", name="马上求助").click()
    expect(strip(task)).to_contain_text("求助还没有发出去")
    page.goto("/volunteer/record")
    expect(page.get_by_role("heading", level=1)).to_have_text("现在没有网络")
    task.context.set_offline(False)
    expect(strip(task)).to_contain_text("已发出：签到", timeout=20_000)
    page.goto(url)
    expect(page.locator("#task")).to_contain_text("已完成", timeout=15_000)
    page.reload()
    expect(page.locator("#called")).to_contain_text("您的求助已收到")
    expect(strip(task)).to_be_hidden()
    found = Person(address, VOLUNTEER.role, VOLUNTEER.phone, VOLUNTEER.password).get(f"/assignments/{url[-20:]}")
    assert found["status"] == "checked_out" and found["visit"]["check_in_evidence"] == "self"
    assert _of_our_making(task) == []


def test_at_sign_out_the_phone_forgets_what_it_kept(task):
    page, url = task.page, task.page.url
    assert page.evaluate(KEPT) == [re.sub(r"^https?://[^/]+", "", url)]
    page.evaluate("document.querySelector('form[action=\"/sign-out\"]').submit()")
    page.wait_for_url(re.compile(r"/$"))
    assert page.evaluate(KEPT) == []
    task.context.set_offline(True)
    with suppress(Error):
        page.goto(url)
    expect(page.locator("#task")).to_have_count(0)
