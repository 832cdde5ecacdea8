"""One press is one request, and what was pressed can be pressed again once its answer is there."""

import pytest
from playwright.sync_api import expect

from app.demo.accounts import RESIDENT, VOLUNTEER
from tests.browser import steps
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser
NEVER_SENT = """() => {
  window.sent = 0;
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) window.sent += 1;
    event.preventDefault();
  });
}"""
"""A line so slow that what is sent is on its way for as long as the test looks."""


def test_a_button_stays_pressed_while_the_page_reads_itself_again(visit):
    steps.order_something(visit(RESIDENT, **PHONE).page)
    page = visit(VOLUNTEER, **PHONE).page
    page.goto("/volunteer")
    steps.accept(page)
    page.evaluate(NEVER_SENT)
    button = page.get_by_role("button", name="我出发了")
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    steps.refreshed(page, "/tasks/")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    assert page.evaluate("window.sent") == 1


def test_the_copy_of_ones_data_can_be_fetched_again(visit):
    page = visit(RESIDENT, **PHONE).page
    page.goto("/me/data")
    button = page.get_by_role("button", name="下载一份")
    for _time in range(2):
        with page.expect_download() as given:
            button.click()
        assert given.value.suggested_filename.endswith(".json")
        expect(button).not_to_have_attribute("aria-disabled", "true")
