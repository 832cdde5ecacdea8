"""What people click, in their own words. The same steps with and without JavaScript."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

NEXT = "下一步"
STEP = re.compile(r"/orders/new/(\w+)")
LIVE_MS = 5_000


def order_something(page: Page, *, category: str = "扶贫帮困", item: str = "代买代取", words: str = "") -> str:
    """From the first page to the confirmation, as soon as possible at the saved address; the order's id."""
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="我要帮忙").click()
    if page.url.endswith("/orders/new"):  # a draft was left half filled in
        page.get_by_role("button", name=re.compile("重新|另")).click()
    answers = {"what": lambda: _what(page, category, item), "when": lambda: _pick(page, "尽快")}
    answers["words"] = lambda: page.get_by_label("说一说").fill(words)
    while (step := STEP.search(page.url)[1]) != "check":
        answers.get(step, lambda: None)()
        page.get_by_role("button", name=NEXT, exact=True).click()
        expect(page).not_to_have_url(re.compile(f"/orders/new/{step}"))
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("收到了，谢谢您")
    page.get_by_role("link", name="看我的单子").click()
    return page.url.rstrip("/").rsplit("/", 1)[1]


def _what(page: Page, category: str, item: str) -> None:
    page.get_by_role("link", name=category).first.click()
    _pick(page, item)


def _pick(page: Page, words: str) -> None:
    """Tick the tile with these words."""
    page.locator("label.tile").filter(has_text=words).first.click()


def accept(page: Page) -> None:
    """On the volunteer's page: the one offer that asks for an answer, in one tap."""
    page.get_by_role("button", name="接单", exact=True).click()
    expect(page).to_have_url(re.compile("/tasks/"))


def refreshed(page: Page, path: str) -> None:
    """Have the page read its live parts again, as when one comes back to it, until the one of this path is shown."""
    page.wait_for_timeout(200)  # what it asked by itself just now counts for this
    with page.expect_response(lambda answer: path in answer.url and "x-fragment" in answer.request.headers):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(100)


def depart(page: Page) -> None:
    page.get_by_role("button", name="我出发了").click()
    expect(page.locator("#task")).to_contain_text("在路上")


def check_in(page: Page, code: str) -> None:
    page.get_by_label("请居民告诉您四位服务码").fill(code)
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.locator("#task")).to_contain_text("服务中")


def check_out(page: Page) -> None:
    page.get_by_role("button", name="做完了").click()
    expect(page).to_have_url(re.compile("/word"))


def code_on(page: Page) -> str:
    """The four digits as the resident sees them."""
    return page.locator(".code-big strong").inner_text().strip()


def rate(page: Page) -> None:
    """One tap on the order's own page."""
    page.get_by_role("button", name="满意", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("谢谢您的评价")


def expect_status(page: Page, order_id: str, word: str) -> None:
    """The order's own page says so, without being opened anew."""
    assert order_id in page.url
    expect(page.locator("#order-card .badge").first).to_contain_text(word, timeout=LIVE_MS)
