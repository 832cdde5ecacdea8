"""The figures page with and without JavaScript, and the screen on the wall over many refreshes."""

from playwright.sync_api import expect

from app.demo.accounts import SUPERVISOR
from tests.browser.conftest import DESK

REFRESH = """times => new Promise(done => {
  const screen = document.getElementById("screen");
  const again = () => times-- > 0 ? screen.dispatchEvent(new CustomEvent("refresh")) : done();
  screen.addEventListener("shown", again);
  again();
})"""
MOST_GROWTH = 1.1


def test_charts_are_drawn_from_tables_that_stay(visit):
    supervisor = visit(SUPERVISOR, **DESK)
    page = supervisor.page
    page.goto("/desk/figures")
    drawn = page.locator(".chart canvas")
    drawn.first.wait_for()
    charts = page.locator("[data-module=chart]:not([hidden])")
    assert charts.count() == drawn.count() >= 3
    assert charts.first.get_attribute("aria-label") == "一天天看：点了多少，做到多少"
    page.locator("#figures-time summary").click()
    assert page.locator("#table-time").is_visible()
    page.locator("#figure-met summary").click()
    assert page.get_by_text("做过的单子 ÷").is_visible()
    assert supervisor.troubles == []


def test_without_javascript_the_tables_and_the_period_are_there(visit):
    signed_in = visit(SUPERVISOR, **DESK).context.storage_state()
    page = visit(None, **DESK, java_script_enabled=False, storage_state=signed_in).page
    page.goto("/desk/figures")
    assert page.locator("#table-time").is_visible() and not page.locator(".chart").first.is_visible()
    page.get_by_label("哪段时间").select_option("7")
    page.locator(".figures-filter button").click()
    expect(page.locator("#table-time tbody tr")).to_have_count(7)
    assert "period=7" in page.url


def test_the_screen_refreshes_for_long_and_does_not_grow(visit):
    supervisor = visit(SUPERVISOR, viewport={"width": 1920, "height": 1080})
    page = supervisor.page
    page.goto("/screen")
    line = supervisor.context.new_cdp_session(page)
    line.send("Performance.enable")

    def heap() -> float:
        for _turn in range(3):
            line.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}
        return found["JSHeapUsedSize"]

    page.evaluate(REFRESH, 10)
    before = heap()
    page.evaluate(REFRESH, 40)
    assert heap() <= before * MOST_GROWTH
    smallest = "[...document.querySelectorAll('.screen :not(.sr-only, .sr-only *, svg, svg *)')].map("
    smallest += "one => parseFloat(getComputedStyle(one).fontSize)).reduce((a, b) => Math.min(a, b))"
    assert page.evaluate(smallest) >= 24
    assert not page.locator("[data-trouble]").is_visible() and supervisor.troubles == []
