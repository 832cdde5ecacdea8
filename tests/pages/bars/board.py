"""The board with 500 waiting orders, and its map with 2,000 points of which 100 move in every frame.

The points are given to the page in place of its own; the marks are then moved by Leaflet itself, frame after frame, and
counted is the time between two frames. Chromium without a screen draws sixty in a second: 16.7 ms is the least.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Route
from sqlalchemy import select

from app.ordering import service as ordering
from models import Office, ServiceItem, db
from tests.pages import say, windows
from tests.pages.bars import Bar, Part, Size
from tests.pages.places import Place
from tests.pages.town import Town, actor
from tests.pages.windows import DESK, Window

FRAME_MS = 20
KINDS = ("waiting", "urgent", "offering", "serving", "volunteer")
CATCH = """async ([version]) => {
  const { leaflet } = await import(`/static/v/${version}/js/modules/leaflet.js`);
  const L = await leaflet();
  const usual = L.Map.prototype.invalidateSize;
  await new Promise((caught) => {
    L.Map.prototype.invalidateSize = function (...more) {
      window.__map = this;
      caught();
      return usual.apply(this, more);
    };
    dispatchEvent(new Event("resize"));
  });
  L.Map.prototype.invalidateSize = usual;
  window.__marks = [];
  window.__map.eachLayer((layer) => { if (layer instanceof L.Mark) window.__marks.push(layer); });
  return window.__marks.length;
}"""
MOVE = """([frames, moving]) => new Promise((done) => {
  const marks = window.__marks, took = [], worked = [];
  let before = 0, number = 0;
  const frame = (at) => {
    if (before) took.push(at - before);
    before = at;
    if (took.length >= frames) return done({ took, worked });
    const begun = performance.now();
    for (let i = 0; i < moving; i++) {
      const mark = marks[(number++ * 7) % marks.length], { lat, lng } = mark.getLatLng();
      mark.setLatLng([lat + Math.sin(number) * 1e-4, lng + Math.cos(number) * 1e-4]);
    }
    worked.push(performance.now() - begun);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})"""
SCROLL = """([frames]) => new Promise((done) => {
  const list = document.querySelector("#queue"), took = [];
  let box = list;
  while (box && !(box.scrollHeight > box.clientHeight + 5 && getComputedStyle(box).overflowY !== "visible"))
    box = box.parentElement;
  box ??= document.scrollingElement;
  let before = 0;
  const frame = (at) => {
    if (before) took.push(at - before);
    before = at;
    if (took.length >= frames) return done({ took, rows: list.children.length });
    box.scrollTop = (box.scrollTop + 60) % Math.max(1, box.scrollHeight - box.clientHeight);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})"""


def run(town: Town, chromium: Browser, size: Size) -> Iterator[Bar]:
    points, moving, waiting, frames = size.pick((400, 40, 0, 60), (2000, 100, 500, 300))
    _more_waiting(waiting)
    with windows.window(chromium, town, "zh", phone=False) as window:
        window.page.route("**/board/points.json*", lambda route: _answer(route, points))
        window.open(Place("board", "/board", actor("centre").account_id), DESK)
        yield from _map(window, points, moving, frames)
        yield from _list(window, waiting, frames)


def _map(window: Window, points: int, moving: int, frames: int) -> Iterator[Bar]:
    there = window.page.evaluate(CATCH, [_version(window)])
    window.page.evaluate(MOVE, [30, moving])  # the first frames compile
    found = window.page.evaluate(MOVE, [frames, moving])
    yield Bar("board: a frame of the map while points move", [
        Part("p95 ms", _p95(found["took"]), "<=", FRAME_MS), Part("points", there, ">=", points),
    ], {"moving a frame": moving, "frames": frames, "median ms": round(median(found["took"]), 1),
        "work in a frame, p95 ms": round(_p95(found["worked"]), 2)})  # fmt: skip


def _list(window: Window, waiting: int, frames: int) -> Iterator[Bar]:
    found = window.page.evaluate(SCROLL, [frames])
    yield Bar("board: a frame of the list of waiting orders while it scrolls",
              [Part("p95 ms", _p95(found["took"]), "<=", FRAME_MS)],
              {"rows": found["rows"], "waiting": waiting, "median ms": round(median(found["took"]), 1)})  # fmt: skip


def _p95(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.95)]


def _version(window: Window) -> str:
    """The version in the addresses of the page's own modules."""
    address = window.page.evaluate("() => document.querySelector('script[type=module][src]').src")
    return str(address).split("/static/v/")[1].partition("/")[0]


def _answer(route: Route, many: int) -> None:
    """So many points over the town, half of them volunteers."""
    random = Random(7)
    made: list[dict[str, Any]] = [
        {"id": f"p{number}", "lat": 30 + random.uniform(-0.02, 0.02), "lon": 119.98 + random.uniform(-0.05, 0.05),
         "kind": KINDS[-1] if number % 2 else random.choice(KINDS[:-1]), "label": f"{number}", "url": None}
        for number in range(many)
    ]  # fmt: skip
    route.fulfill(status=200, content_type="application/json", body=json.dumps({"points": made}))


def _more_waiting(many: int) -> None:
    """Orders written down by telephone, all over the town."""
    desk = actor("centre")
    communities = [office for office in db.session.scalars(select(Office).where(Office.level == "community"))
                   if office.path.startswith(desk.grants[0].path)]  # fmt: skip
    items = list(db.session.scalars(select(ServiceItem.code).order_by(ServiceItem.code)))
    for number in range(many):
        office = communities[number % len(communities)]
        ordering.place(
            actor=actor("resident"), item_code=items[number % len(items)], office_id=office.id,
            address=f"{number % 40 + 1}幢{number % 9 + 1}单元", words="", as_soon=True,
        )  # fmt: skip
    if many:
        say(f"{many} more orders wait")
