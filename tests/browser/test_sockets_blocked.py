"""Where nothing gets through to Socket.IO, pages ask by themselves and still come to show what is true."""

import re

import pytest
from playwright.sync_api import expect

from app.demo.accounts import RESIDENT, STATION, VOLUNTEER
from tests.browser import steps
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
POLL_MS = 30_000
"""Pages ask at least this often while the socket is down."""


def _cut_off(visitor):
    """Neither polling nor a websocket: as behind a strict office firewall."""
    visitor.context.route(re.compile("/socket.io/"), lambda route: route.abort())
    visitor.context.route_web_socket(re.compile("/socket.io/"), lambda socket: socket.close())
    visitor.page.goto("/")
    return visitor.page


def test_pages_poll_and_still_update(visit):
    volunteer, desk = _cut_off(visit(VOLUNTEER, **PHONE)), _cut_off(visit(STATION, **DESK))
    resident = visit(RESIDENT, **PHONE)
    volunteer.goto("/volunteer")
    desk.goto("/board")
    order_id = steps.order_something(resident.page)
    expect(volunteer.get_by_role("button", name="接单", exact=True)).to_be_visible(timeout=POLL_MS)
    expect(desk.locator(f"#row-{order_id}")).to_be_visible(timeout=POLL_MS)
    steps.accept(volunteer)
    expect(volunteer.locator("#task")).to_contain_text("已接单")


def test_a_page_that_was_hidden_catches_up_at_once_when_looked_at(visit):
    volunteer, resident = _cut_off(visit(VOLUNTEER, **PHONE)), visit(RESIDENT, **PHONE)
    volunteer.goto("/volunteer")
    steps.order_something(resident.page)
    resident.page.wait_for_timeout(2500)
    volunteer.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(volunteer.get_by_role("button", name="接单", exact=True)).to_be_visible(timeout=steps.LIVE_MS)
