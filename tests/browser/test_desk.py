"""The desk: somebody asked by hand and undone while a colleague looks on; a telephone call without a mouse."""

import pytest
from playwright.sync_api import expect

from app.demo.accounts import INSTITUTE, RESIDENT, STATION, VOLUNTEER
from tests.browser import steps
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
UNCHOSEN = """() => {
  const { type, name } = document.activeElement;
  return type === "radio" && !document.querySelector(`[name=${name}]:checked`);
}"""
"""Whether the focus is on a choice of which none has been made."""


def test_a_slip_of_the_hand_is_undone_before_anybody_hears_of_it(visit, resident):
    desk = visit(STATION, **DESK)
    desk.page.goto("/board")
    desk.page.get_by_role("button", name="关闭", exact=True).click()
    expect(desk.page.locator("#board-bar")).to_contain_text("自动派单：关")
    try:
        order_id = steps.order_something(resident.page, words="请帮忙买一袋米。")
        _undo(desk.page, visit(INSTITUTE, **DESK).page, order_id)
        volunteer = visit(VOLUNTEER, **PHONE)
        volunteer.page.goto("/me/notices")
        assert order_id not in volunteer.page.content()
    finally:
        desk.page.goto("/board")
        desk.page.get_by_role("button", name="打开", exact=True).click()
        expect(desk.page.locator("#board-bar")).to_contain_text("自动派单：开")
    assert desk.troubles == []


def _undo(page, colleague, order_id):
    page.goto(f"/desk/orders/{order_id}")
    colleague.goto(f"/desk/orders/{order_id}")
    expect(page.locator(f"#presence-{order_id}")).to_contain_text("正在看这单", timeout=steps.LIVE_MS)
    page.get_by_role("button", name="邀请", exact=True).first.click()
    expect(colleague.locator("#people")).to_contain_text("还没发出", timeout=steps.LIVE_MS)
    page.get_by_role("button", name="撤销", exact=True).click()
    expect(page.locator("main")).to_contain_text("可以邀请的人")
    expect(page.locator("#people")).not_to_contain_text("还没发出")
    expect(colleague.locator("#history")).to_contain_text("发出前撤销了", timeout=steps.LIVE_MS)


def test_a_caller_is_written_down_by_keys_alone(visit):
    page = visit(STATION, **DESK).page
    page.goto("/desk/intake")
    page.keyboard.type(RESIDENT.phone)
    page.keyboard.press("Enter")
    expect(page.get_by_label("需要什么")).to_be_focused()
    page.keyboard.type("绿植养护")
    pressed = 0
    while "录好提交" not in page.evaluate("document.activeElement.innerText || ''"):
        if page.evaluate(UNCHOSEN):
            page.keyboard.press("Space")
        page.keyboard.press("Tab")
        pressed += 1
        assert pressed < 40
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("已录好，单号")
