"""A real server with the tiny city, a real Chromium, and visitors who note what goes wrong in their windows."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from app.demo.accounts import RESIDENT, STATION, VOLUNTEER, DemoAccount
from app.smoke import server
from app.smoke.people import Person

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1440, "height": 900}}
MILLISECONDS = 10_000
SECONDS = 120
"""A browser that hangs is no reason to wait ten minutes; the longest test takes a quarter of this."""
CLOSING_SECONDS = 15
"""A browser that takes longer to end never will."""
Visit = Callable[..., "Visitor"]


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """A server of our own with the tiny city, made up once and copied."""
    with server.running("tiny") as url:
        yield url


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium for each test, ended by force where it would not end.

    Above all on a busy machine Chromium now and then waits for ever to close a window, or for a service worker, and is
    of no use to any test afterwards (puppeteer issue 11627).
    """
    program = chromium()
    if program is None:
        (pytest.fail if IN_CI else pytest.skip)("Chromium: none on PATH, and CHROMIUM names none")
    mark = f"--tests={uuid.uuid4().hex}"
    launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", mark])
    yield launched
    watch = threading.Timer(CLOSING_SECONDS, _kill, [mark])
    watch.start()
    with suppress(Error):  # it has been killed
        launched.close()
    watch.cancel()


def _kill(mark: str) -> None:
    """End the process that was started with this word."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


class Visitor:
    """One window of one person. `troubles` holds console errors, exceptions, failed requests and error answers."""

    def __init__(self, browser: Browser, address: str, account: DemoAccount | None, **window: Any) -> None:
        settings = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "base_url": address, "service_workers": "block"}
        self.context = browser.new_context(**{**settings, **window})
        self.context.set_default_timeout(MILLISECONDS)
        self.account, self.troubles = account, list[str]()
        self.page = self._watched(self.context.new_page())
        if account is not None:
            self.sign_in(account)

    def _watched(self, page: Page) -> Page:
        page.on("console", lambda said: self._note(said.type == "error", f"console: {said.text}"))
        page.on("pageerror", lambda error: self._note(True, f"exception: {error}"))
        page.on("requestfailed", lambda request: self._failed(request))
        page.on("response", lambda answer: self._note(answer.status >= 400, f"{answer.status} {answer.url}"))
        return page

    def _note(self, wrong: bool, what: str) -> None:
        if wrong:
            self.troubles.append(what)

    def _failed(self, request: Any) -> None:
        """A request that a click to another page cut short is no failure."""
        self._note("ERR_ABORTED" not in (request.failure or ""), f"failed: {request.url} {request.failure}")

    def sign_in(self, account: DemoAccount) -> None:
        self.page.goto("/sign-in")
        self.page.get_by_label("手机号").fill(account.phone)
        self.page.get_by_label("密码").fill(account.password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url(lambda url: "sign-in" not in url)


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """`visit(account, **window)` opens a window; at the end the demo people are free again."""

    def come(account: DemoAccount | None = None, **window: Any) -> Visitor:
        return Visitor(browser, address, account, **window)

    yield come
    set_free(address)


def set_free(address: str) -> None:
    """What a test left behind would keep the next one's order away from our volunteer."""
    volunteer, resident = (Person(address, who.role, who.phone, who.password) for who in (VOLUNTEER, RESIDENT))
    for order in resident.get("/orders", mine="true", size=100)["orders"]:
        if order["status"] in {"submitted", "open", "offering", "staffed", "unfilled"}:
            resident.post(f"/orders/{order['id']}/cancellation", reason="不需要了")
    for offer in volunteer.get("/offers"):
        volunteer.post(f"/offers/{offer['id']}/refusal")
    for task in volunteer.get("/assignments"):
        if task["status"] == "checked_in":
            volunteer.post(f"/assignments/{task['id']}/check-out")


@pytest.fixture
def resident(visit: Visit) -> Visitor:
    return visit(RESIDENT, **PHONE)


@pytest.fixture
def volunteer(visit: Visit) -> Visitor:
    return visit(VOLUNTEER, **PHONE)


@pytest.fixture
def coordinator(visit: Visit) -> Visitor:
    return visit(STATION, **DESK)
