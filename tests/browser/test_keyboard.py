"""An order placed without a mouse: Tab, arrows, space and Enter, and always to be seen where one is."""

import re

import pytest
from playwright.sync_api import expect

from app.demo.accounts import RESIDENT
from tests.browser import steps
from tests.browser.conftest import DESK

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


def test_the_first_tab_leads_past_the_header(visit):
    page = visit(RESIDENT, **DESK).page
    page.goto("/orders")
    page.keyboard.press("Tab")
    assert re.search("跳到|正文", page.evaluate(WHERE)[0])
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
