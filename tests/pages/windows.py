"""Windows people look through, and how a page is opened in one: ready, settled, its text enlarged where wished."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.pages.places import Place
from tests.pages.town import Town

LANGUAGES = ("zh", "en")
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
MILLISECONDS = 20_000
ARGUMENTS = ("--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync")  # fmt: skip
SETTLED = """() => document.readyState === "complete"
  && (!document.querySelector("script[type=module][src]") || document.documentElement.dataset.js !== undefined)
  && (!document.documentElement.dataset.libraries?.includes("leaflet") || [...document.querySelectorAll(
    "[data-module~=map]")].every((one) => !one.checkVisibility() || one.querySelector("canvas") && !one.ariaBusy))"""
PATIENCE = 6_000
PAUSE = 150
"""Milliseconds in which what a page fetches by itself may come."""
VIOLATIONS = """window.__violations = [];
document.addEventListener("securitypolicyviolation",
  (e) => window.__violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample || ""}`));"""
ENLARGE = """() => { const root = document.documentElement;
  root.style.setProperty("font-size", 2 * parseFloat(getComputedStyle(root).fontSize) + "px"); }"""
OPEN = "() => document.querySelectorAll('main details').forEach((one) => { one.open = true; })"


@dataclass(frozen=True)
class View:
    """One way to look at a page: the width, twice the text, everything that opens opened."""

    name: str
    width: int
    height: int
    phone: bool
    large: bool = False
    opened: bool = False


PHONE = View("390", 390, 844, True)
SMALL = View("320, all opened", 320, 568, True, opened=True)
PHONE_LARGE = View("390, text 200 %", 390, 844, True, large=True)
DESK = View("1440", 1440, 900, False)
DESK_OPEN = View("1440, all opened", 1440, 900, False, opened=True)
DESK_LARGE = View("1440, text 200 %", 1440, 900, False, large=True)
VIEWS = (PHONE, SMALL, PHONE_LARGE, DESK, DESK_OPEN, DESK_LARGE)
"""Those of a phone and those of a desk share a load each: a page is opened, then the window is changed."""


@dataclass
class Window:
    """A browser's window in one language, on a phone or a desk; `troubles` is what it complained of on this page."""

    context: BrowserContext
    page: Page
    town: Town
    language: str
    troubles: list[str] = field(default_factory=list)
    answer: int = 0

    def open(self, place: Place, view: View) -> None:
        """Go there as whoever may, and wait until it stands."""
        self.page.goto("about:blank")  # the page before must not ask for anything under the next one's name
        self.troubles.clear()
        self.context.clear_cookies()
        if place.account_id:
            token = self.town.token(place.account_id, self.language)
            self.context.add_cookies([{"name": self.town.cookie_name, "value": token, "url": self.town.address}])
        self.page.set_viewport_size({"width": view.width, "height": view.height})
        answer = self.page.goto(place.path)
        self.answer = answer.status if answer else 0
        self.settle()
        if place.press:
            self._press()

    def _press(self) -> None:
        """Send the page's form as it stands, empty: the answer is the page with its errors."""
        with self.page.expect_navigation():
            self.page.locator("main form[method=post]").first.locator("button.button").first.click()
        self.settle()

    def settle(self) -> None:
        """Modules are in and maps are drawn."""
        with suppress(PlaywrightError):  # a map that never comes is somebody else's finding
            self.page.wait_for_function(SETTLED, timeout=PATIENCE)
        self.page.wait_for_timeout(PAUSE)

    def show(self, view: View) -> None:
        """The same page in another view of the same device."""
        self.page.set_viewport_size({"width": view.width, "height": view.height})
        if view.opened:
            self.page.evaluate(OPEN)
        if view.large:
            self.page.evaluate(ENLARGE)
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@contextmanager
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; LookupError where there is none."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise LookupError("Chromium: none on PATH, and CHROMIUM names none")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield launched
        launched.close()


@contextmanager
def window(chromium: Browser, town: Town, language: str, *, phone: bool, **more: Any) -> Iterator[Window]:
    """A window of its own, closed afterwards."""
    held = {"is_mobile": True, "has_touch": True, "device_scale_factor": 2} if phone else {}
    context = chromium.new_context(
        locale=LOCALES[language], timezone_id="Asia/Shanghai", base_url=town.address, reduced_motion="reduce",
        service_workers="block",
        viewport={"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}, **held, **more,
    )  # fmt: skip
    context.set_default_timeout(MILLISECONDS)
    context.add_init_script(VIOLATIONS)
    try:
        yield watched(context, town, language)
    finally:
        context.close()


def watched(context: BrowserContext, town: Town, language: str) -> Window:
    """The context's first page, with a list of what goes wrong in it."""
    page = context.new_page()
    found = Window(context, page, town, language)
    page.on("console", lambda said: _console(found, said))
    page.on("pageerror", lambda error: found.troubles.append(f"exception: {error}"))
    page.on("requestfailed", lambda request: _failed(found, request))
    page.on("response", lambda answer: _answered(found, answer))
    return found


def _console(found: Window, said: Any) -> None:
    """Chromium also reports an answer of 4xx here; that is noted with the answer itself."""
    if said.type == "error" and not said.text.startswith("Failed to load resource"):
        found.troubles.append(f"console: {said.text}")


def _failed(found: Window, request: Any) -> None:
    """A request that going to another page cut short is no failure."""
    if "ERR_ABORTED" not in (request.failure or ""):
        found.troubles.append(f"failed: {request.url} {request.failure}")


def _answered(found: Window, answer: Any) -> None:
    """Error pages are looked at on purpose; what a page then fetches must be there."""
    if answer.status >= 400 and answer.request.resource_type != "document":
        found.troubles.append(f"{answer.status} {answer.url}")
