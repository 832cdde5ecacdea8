"""What changes while a page begins to listen, or while an older answer is still on its way, is shown all the same."""

import re

import pytest
from playwright.sync_api import expect

from app.demo.accounts import INSTITUTE, RESIDENT, STATION
from tests.browser import steps
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
LOOKS = "正在看这单"


@pytest.fixture
def order_id(visit):
    return steps.order_something(visit(RESIDENT, **PHONE).page)


def test_a_change_while_the_page_still_asks_to_be_told_of_changes_is_shown(visit, order_id):
    held = []

    def between(socket):
        server = socket.connect_to_server()
        socket.on_message(lambda said: held.append((server, said)) if "watch" in str(said) else server.send(said))

    desk = visit(STATION, **DESK)
    desk.context.route_web_socket(re.compile("/socket.io/"), between)
    desk.page.goto(f"/desk/orders/{order_id}")
    while not held:
        desk.page.wait_for_timeout(50)
    desk.page.wait_for_timeout(1000)  # whatever the page asks by itself has been answered
    visit(INSTITUTE, **DESK).page.goto(f"/desk/orders/{order_id}")
    for server, said in held:
        server.send(said)
    expect(desk.page.locator(f"#presence-{order_id}")).to_contain_text(LOOKS, timeout=steps.LIVE_MS)


def test_an_answer_that_was_overtaken_by_a_newer_one_is_not_shown(visit, order_id):
    held = []

    def hold_the_first(route):
        if held:
            return route.continue_()
        held.append(route)
        held.append(route.fetch())

    desk = visit(STATION, **DESK)
    desk.context.route(re.compile(f"/desk/orders/{order_id}/presence"), hold_the_first)
    desk.page.goto(f"/desk/orders/{order_id}")
    while len(held) < 2:
        desk.page.wait_for_timeout(50)
    visit(INSTITUTE, **DESK).page.goto(f"/desk/orders/{order_id}")
    presence = desk.page.locator(f"#presence-{order_id}")
    expect(presence).to_contain_text(LOOKS, timeout=steps.LIVE_MS)
    route, old = held
    assert LOOKS not in old.text()
    with desk.page.expect_response(lambda answer: answer.url == route.request.url):
        route.fulfill(response=old)
    desk.page.wait_for_timeout(300)  # time enough to show it, were it to be shown
    expect(presence).to_contain_text(LOOKS)
