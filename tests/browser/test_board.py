"""The board by keys alone, and by dragging: the same doors, the same ten seconds to think again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.demo.accounts import RESIDENT, STATION
from tests.browser import steps
from tests.browser.conftest import DESK, MILLISECONDS, PHONE, Visit, Visitor

pytestmark = pytest.mark.browser
TITLE = "代买代取"


@pytest.fixture
def desk(visit: Visit) -> Iterator[Visitor]:
    """A coordinator's board whose office sends nothing out by itself meanwhile."""
    one = visit(STATION, **DESK)
    _automatic(one.page, "关闭")
    yield one
    _automatic(one.page, "打开")


def _automatic(page: Page, word: str) -> None:
    page.goto("/board")
    page.locator("#automatic").get_by_role("button", name=word).click()


def _order(visit: Visit) -> str:
    return steps.order_something(visit(RESIDENT, **PHONE).page)


def _open(page: Page, path: str = "/board") -> None:
    """The board, once its keys listen."""
    page.goto(path)
    expect(page.locator("[data-fresh]")).to_contain_text("更新于")


def _walk_to(page: Page, order_id: str) -> None:
    for _ in range(30):
        if f"order={order_id}" in page.url:
            return
        page.keyboard.press("j")
    raise AssertionError("J never came to the order")


def _is_offered(page: Page, order_id: str) -> None:
    expect(page.locator(f"#row-{order_id}")).to_contain_text("派单中", timeout=steps.LIVE_MS)


def test_an_order_is_given_to_somebody_and_taken_back_with_the_keyboard_alone(visit, desk):
    order_id, page = _order(visit), desk.page
    _open(page)
    _walk_to(page, order_id)
    expect(page.locator("#picked")).to_have_attribute("data-order", order_id)
    page.keyboard.press("a")
    expect(page.locator("#picked [data-choice]").first).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#undo")).to_contain_text("撤销", timeout=MILLISECONDS)
    expect(page.locator(f"#row-{order_id} a")).to_be_focused()
    page.keyboard.press("z")
    expect(page.locator("#undo")).to_contain_text("撤销了", timeout=MILLISECONDS)
    expect(page.locator(f"#row-{order_id}")).to_contain_text("待派单", timeout=steps.LIVE_MS)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/orders/{order_id}")
    assert desk.troubles == []


def test_keys_rest_while_somebody_types_and_can_be_switched_off(visit, desk):
    page = desk.page
    _open(page)
    page.keyboard.press("/")
    page.keyboard.type("jak?")
    assert page.locator("#f-q").input_value() == "jak?"
    assert "order=" not in page.url and not page.locator("dialog[open]").count()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.get_by_label("使用单键快捷键").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert "order=" not in page.url
    page.evaluate("localStorage.clear()")


def test_an_order_is_dragged_onto_a_person_and_its_bar_along_the_lane(visit, desk):
    order_id, page = _order(visit), desk.page
    _open(page, f"/board?view=timeline&order={order_id}")
    row, choice = page.locator(f"#row-{order_id}"), page.locator("#picked .candidate").first
    name = choice.get_attribute("data-name")
    _drag(page, row, choice)
    expect(page.locator("#undo")).to_contain_text("撤销")
    _is_offered(page, order_id)
    bar = page.locator(f'.times-bar[data-pick="{order_id}"]')
    expect(page.locator(f'[data-lane][data-name="{name}"]')).to_contain_text(TITLE, timeout=steps.LIVE_MS)
    before = bar.get_attribute("data-starts")
    _drag(page, bar, bar, by=40)
    expect(page.locator("#undo, #ask[open]").first).to_be_visible()
    if not page.locator("#ask[open]").count():
        expect(bar).not_to_have_attribute("data-starts", before, timeout=steps.LIVE_MS)
    assert desk.troubles == []


def _drag(page: Page, source, target, by: int = 0) -> None:
    """Press on the middle of one, move in steps, let go over the other; `by` pixels further right."""
    begin, end = source.bounding_box(), target.bounding_box()
    page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2 + by, end["y"] + end["height"] / 2, steps=8)
    page.mouse.up()
