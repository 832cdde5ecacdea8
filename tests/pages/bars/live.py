"""A change made in one browser is seen in another; with the socket cut it is still seen, and people are told.

A coordinator writes a note on an order; a second one has the same order open. Counted is the time from the press in the
first browser until the words stand in the second: the post, the commit, the message, the fetch, the morph.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from playwright.sync_api import Browser, Page, WebSocketRoute
from sqlalchemy import select

from app.kernel.access import Actor
from models import Order, db
from models.kinds import Role
from models.states import ORDER_LIVE
from tests.pages import windows
from tests.pages.bars import Bar, Part, Size
from tests.pages.places import Place
from tests.pages.town import Town, actor
from tests.pages.windows import DESK, Window

CHANGES_AN_ORDER = 10
BAR_MS, CUT_SECONDS = 300, 30
WATCH = """([words]) => {
  window.__seen = 0;
  const look = () => {
    if (window.__seen || !document.body.textContent.includes(words)) return;
    window.__seen = performance.timeOrigin + performance.now();
  };
  window.__watching?.disconnect();
  window.__watching = new MutationObserver(look);
  window.__watching.observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
WRITE = """([words]) => {
  const form = document.querySelector("form[action$='/note']");
  for (let at = form; at; at = at.parentElement) if (at.localName === "details") at.open = true;
  form.querySelector("textarea, input[type=text], input:not([type])").value = words;
  const pressed = performance.timeOrigin + performance.now();
  form.requestSubmit();
  return pressed;
}"""


def run(town: Town, chromium: Browser, size: Size) -> Iterator[Bar]:
    changes = size.pick(10, 200)
    orders = _orders(-(-changes // CHANGES_AN_ORDER))
    with (
        windows.window(chromium, town, "zh", phone=False) as writing,
        windows.window(chromium, town, "zh", phone=False) as reading,
    ):
        took = []
        for number in range(changes):
            if number % CHANGES_AN_ORDER == 0:
                order = orders[number // CHANGES_AN_ORDER % len(orders)]
                reading.open(_page(order, "station"), DESK)
                writing.open(_page(order, "centre"), DESK)
                reading.page.wait_for_timeout(600)  # the socket is up and watches
            took.append(_change(writing, reading.page, f"第 {number} 条 {time.time_ns()}"))
        took.sort()
        p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
        yield Bar("live: a change in one browser seen in another", [
            Part("p95 ms", p95, "<=", BAR_MS), Part("never seen", sum(one == float("inf") for one in took), "==", 0),
        ], {"changes": changes, "median ms": round(median(took), 1), "most ms": round(took[-1], 1)})  # fmt: skip
    if not size.quick:  # polling takes its time; QUICK leaves that to tests/browser/test_sockets_blocked.py
        yield from _cut(town, chromium, orders[0])


def _change(writing: Window, reading: Page, words: str) -> float:
    """Milliseconds from the press to the sight of it; for ever when it is not seen."""
    reading.evaluate(WATCH, [words])
    with writing.page.expect_response(lambda answer: answer.request.method == "POST"):
        pressed = writing.page.evaluate(WRITE, [words])
    try:
        reading.wait_for_function("() => window.__seen", timeout=10_000)
    except windows.PlaywrightError:
        return float("inf")
    writing.settle()
    return float(reading.evaluate("() => window.__seen") - pressed)


def _cut(town: Town, chromium: Browser, order: Order) -> Iterator[Bar]:
    """The line of the reading browser is cut while it looks on; only plain requests get through."""
    held: list[WebSocketRoute] = []
    is_cut = False

    def meet(route: WebSocketRoute) -> None:
        if is_cut:
            route.close()
        else:
            held.append(route)
            route.connect_to_server()

    with (
        windows.window(chromium, town, "zh", phone=False) as writing,
        windows.window(chromium, town, "zh", phone=False) as reading,
    ):
        reading.context.route_web_socket("**/socket.io/**", meet)
        reading.open(_page(order, "station"), DESK)
        writing.open(_page(order, "centre"), DESK)
        reading.page.wait_for_timeout(1_000)
        is_cut = True
        reading.context.route("**/socket.io/**", lambda route: route.abort())
        for one in held:
            one.close()
        words = f"断线 {time.time_ns()}"
        reading.page.evaluate(WATCH, [words])
        pressed = writing.page.evaluate(WRITE, [words])
        reading.page.locator("[data-connection]").wait_for(state="visible", timeout=15_000)
        sign = reading.page.locator("[data-connection]").inner_text()
        reading.page.wait_for_function("() => window.__seen", timeout=60_000)
        seconds = (reading.page.evaluate("() => window.__seen") - pressed) / 1000
    yield Bar("live: the same with the socket cut", [
        Part("seconds", seconds, "<=", CUT_SECONDS), Part("signs that say so", int(bool(sign.strip())), "==", 1),
    ], {"sockets cut": len(held), "sign": sign})  # fmt: skip


def _page(order: Order, who: str) -> Place:
    return Place("desk", f"/desk/orders/{order.id}", actor(who).account_id)


def _orders(many: int) -> list[Order]:
    """Orders that both coordinators look after and may still write notes on."""
    station: Actor = actor("station")
    found = db.session.scalars(select(Order).where(Order.status.in_(ORDER_LIVE)).order_by(Order.id)).all()
    ours = [order for order in found if station.covers(order.office.path, Role.COORDINATOR)]
    return ours[: max(1, many)]
