"""The main ways without a mouse: Tab, arrows, space and Enter, and always to be seen where one is."""

import re

import pytest
from playwright.sync_api import expect

from app.demo.accounts import RESIDENT, VOLUNTEER
from tests.browser import steps
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
MOST_KEYS = 60
WHERE = """() => {
  const at = document.activeElement;
  if (!at.matches("a, button, input, select, textarea, summary")) return ["", true];
  const label = at.labels && at.labels[0] ? at.labels[0].innerText : at.innerText || at.ariaLabel || "";
  return [label.trim(), at.matches(":focus-visible")];
}"""


def _press_until(page, key, words):
    """Press a key until the focus is on something with these words; it must be marked as focused."""
    for _ in range(MOST_KEYS):
        label, is_marked = page.evaluate(WHERE)
        if words in label:
            assert is_marked, f"nobody sees that {words} has the focus"
            return
        page.keyboard.press(key)
    raise AssertionError(f"{words} is not reached by {key}")


def _activate(page, words):
    """Go to a link or button, press Enter, and wait for the next page."""
    before = page.url
    _press_until(page, "Tab", words)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)


def test_an_order_is_placed_with_the_keyboard_alone(visit):
    visitor = visit(RESIDENT, **DESK)
    page = visitor.page
    page.goto("/home")
    _activate(page, "我要帮忙")
    _press_until(page, "Tab", "我自己")
    _activate(page, steps.NEXT)
    _activate(page, "扶贫帮困")
    page.locator("input[name=item]").first.wait_for()
    while not page.evaluate("document.activeElement.name === 'item'"):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    _press_until(page, "ArrowDown", "陪伴聊天")
    _activate(page, steps.NEXT)
    _activate(page, steps.NEXT)
    while not page.evaluate("document.activeElement.name === 'day'"):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    _press_until(page, "ArrowDown", "尽快")
    _activate(page, steps.NEXT)
    _activate(page, steps.NEXT)
    _activate(page, "提交")
    expect(page.get_by_role("heading", level=1)).to_have_text("收到了，谢谢您")
    assert visitor.troubles == []


def test_a_visit_is_accepted_made_and_rated_with_the_keyboard_alone(visit):
    resident, volunteer = visit(RESIDENT, **PHONE), visit(VOLUNTEER, **DESK)
    order_id = steps.order_something(resident.page, item="陪伴聊天")
    page = volunteer.page
    page.goto("/volunteer")
    page.get_by_role("button", name="接单", exact=True).wait_for()
    _activate(page, "接单")
    _press_until(page, "Tab", "我出发了")
    page.keyboard.press("Enter")
    expect(page.locator("#task")).to_contain_text("在路上")
    steps.expect_status(resident.page, order_id, "已接单")
    _press_until(page, "Tab", "四位服务码")
    page.keyboard.type(steps.code_on(resident.page))
    page.keyboard.press("Enter")
    expect(page.locator("#task")).to_contain_text("服务中")
    _press_until(page, "Tab", "做完了")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/word"))
    resident.page.reload()
    _press_until(resident.page, "Tab", "满意")
    resident.page.keyboard.press("Enter")
    expect(resident.page.get_by_role("heading", level=1)).to_have_text("谢谢您的评价")
    assert [*resident.troubles, *volunteer.troubles] == []


def test_the_first_tab_leads_past_the_header(visit):
    page = visit(RESIDENT, **DESK).page
    page.goto("/orders")
    page.keyboard.press("Tab")
    assert re.search("跳到|正文", page.evaluate(WHERE)[0])
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
