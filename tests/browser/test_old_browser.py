"""Old phones do not tell when they have painted: pages come to life all the same."""

from __future__ import annotations

from playwright.sync_api import expect

from app.demo.accounts import RESIDENT

UNTOLD = (
    "delete window.PerformanceObserver;",
    "Object.defineProperty(PerformanceObserver, 'supportedEntryTypes', {value: []});",
)


def test_a_page_comes_to_life_where_the_browser_does_not_tell_of_its_first_paint(visit):
    for missing in UNTOLD:
        page = visit(RESIDENT).page
        page.add_init_script(missing)
        page.goto("/home")
        page.wait_for_timeout(1_000)  # nothing tells when: that is the point
        form = page.locator("form").first
        form.evaluate("(form) => form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))")
        expect(form).to_have_attribute("data-sent", "1")
