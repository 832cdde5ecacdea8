"""`make screenshots`: the README's pictures, taken in a seeded Hangzhou while an order goes through the loop."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from app.config import ROOT
from app.demo.accounts import CENTRE, RESIDENT, VOLUNTEER
from app.smoke import server
from tests.browser import steps
from tests.browser.conftest import DESK, PHONE, Visitor, chromium

FOLDER = ROOT / "docs" / "img"
WORDS = "想买点青菜、豆腐和鸡蛋，钱当面给。"


def _shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    print(f"docs/img/{name}.png")


def _photograph(resident: Visitor, volunteer: Visitor, desk: Visitor) -> None:
    resident.page.goto("/home")
    _shoot(resident.page, "resident-home")
    volunteer.page.goto("/volunteer")
    order_id = steps.order_something(resident.page, words=WORDS)
    volunteer.page.get_by_role("button", name="接单", exact=True).first.wait_for()
    _shoot(volunteer.page, "volunteer-offer")
    desk.page.goto("/board")
    desk.page.wait_for_timeout(1500)  # the map draws itself
    _shoot(desk.page, "board")
    volunteer.page.locator("article").filter(has_text="代买代取").get_by_role("button", name="接单", exact=True).click()
    volunteer.page.wait_for_url("**/tasks/**")
    _shoot(volunteer.page, "volunteer-task")
    resident.page.goto(f"/orders/{order_id}")
    resident.page.locator("#helpers").evaluate("card => card.scrollIntoView()")
    _shoot(resident.page, "resident-order")
    desk.page.goto(f"/desk/orders/{order_id}")
    _shoot(desk.page, "desk-order")


def main() -> None:
    program = chromium()
    if program is None:
        sys.exit("Chromium is needed: install it, or name it in CHROMIUM.")
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    with server.running("hangzhou", print) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        resident, volunteer = (Visitor(browser, address, who, **PHONE) for who in (RESIDENT, VOLUNTEER))
        _photograph(resident, volunteer, Visitor(browser, address, CENTRE, **DESK))
        browser.close()


if __name__ == "__main__":
    main()
