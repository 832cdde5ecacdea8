"""What a first visit costs: bytes as gzip sends them, headers included, and requests; by kind of page.

Chromium opens the page with an empty cache and says what it fetched; each of these is fetched once more with nothing
accepted but gzip, and its bytes on the line are counted. Sockets are not counted, nor map tiles, which are not ours.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from tests.pages import windows
from tests.pages.bars import Bar, Part, Size
from tests.pages.places import Place, places
from tests.pages.town import Town
from tests.pages.windows import DESK, PHONE

KILOBYTE = 1000
HTML_MOST = 15
TRIES = 4
_files: dict[str, int] = {}


@dataclass(frozen=True)
class Budget:
    """Kilobytes in all and of scripts, and requests."""

    whole: float
    scripts: float
    requests: int


BUDGETS = {
    "resident": Budget(30, 16, 6),
    "live": Budget(50, 34, 8),
    "board": Budget(130, 95, 15),
    "dashboard": Budget(430, 400, 12),
}
OF_KIND = {"site": "resident", "resident": "resident", "order": "live", "volunteer": "live", "board": "board"}
HOME = ("/", "/home")
"""A resident's first page, to which the bare address leads, follows the order under way; the others stand still."""
DASHBOARDS = ("/desk/figures", "/screen")


@dataclass(frozen=True)
class Load:
    place: Place
    html: int
    scripts: int
    whole: int
    requests: int

    def row(self) -> dict[str, object]:
        """For the table of the long form."""
        return {"page": self.place.name, "kB": round(self.whole / KILOBYTE, 1), "requests": self.requests,
                "html kB": round(self.html / KILOBYTE, 1), "scripts kB": round(self.scripts / KILOBYTE, 1)}  # fmt: skip


def run(town: Town, chromium: Browser, size: Size) -> Iterator[Bar]:
    chosen = [place for place in places() if not place.press]
    if size.quick:  # the first page of each kind
        main = [place for place in chosen if place.main]
        chosen = list({(place.kind, budget_of(place)): place for place in reversed(main)}.values())
    loads: dict[str, list[Load]] = {}
    for place in chosen:
        if place.path != "/docs/api":  # written for programmers, as long as the interface is wide
            loads.setdefault(budget_of(place), []).append(_load(town, chromium, place))
    for name, found in loads.items():
        budget = BUDGETS[name]
        worst = max(found, key=lambda load: load.whole)
        parts = [
            Part("kB", worst.whole / KILOBYTE, "<=", budget.whole),
            Part("kB of scripts", max(load.scripts for load in found) / KILOBYTE, "<=", budget.scripts),
            Part("kB of HTML", max(load.html for load in found) / KILOBYTE, "<=", HTML_MOST),
            Part("requests", max(load.requests for load in found), "<=", budget.requests),
        ]
        rows = sorted((load.row() for load in found), key=lambda row: -float(str(row["kB"])))
        yield Bar(f"bytes: {name} pages, first visit", parts, {"pages": len(found), "most": rows[:6]})


def budget_of(place: Place) -> str:
    """Which budget a page has; lists of the desk have the board's."""
    path = place.path.partition("?")[0]
    if path in DASHBOARDS:
        return "dashboard"
    if path in HOME and place.account_id:
        return "live"
    return OF_KIND.get(place.kind, "board")


def _load(town: Town, chromium: Browser, place: Place) -> Load:
    phone = not place.is_for_desk
    fetched: dict[str, str] = {}
    with windows.window(chromium, town, "zh", phone=phone) as window:
        window.page.on("request", lambda request: fetched.setdefault(request.url, request.resource_type))
        window.open(place, PHONE if phone else DESK)
        fetched = {
            url: kind for url, kind in fetched.items() if url.startswith(town.address) and "/socket.io/" not in url
        }
        # Who one is, and no more: with the cookie of the styles the page would come as on the second visit.
        known = [one for one in window.context.cookies() if one["name"] == town.cookie_name]
        cookie = "; ".join(f"{one['name']}={one['value']}" for one in known)
    sizes = {url: _size(url, cookie) for url in fetched}
    of = {kind: sum(sizes[url] for url in fetched if fetched[url] == kind) for kind in set(fetched.values())}
    return Load(place, of.get("document", 0), of.get("script", 0), sum(sizes.values()), len(fetched))


def _size(url: str, cookie: str) -> int:
    """What it weighs on the line; files under /static/ weigh the same on every page."""
    if "/static/" not in url:
        return _as_sent(url, cookie)
    if url not in _files:
        _files[url] = _as_sent(url, cookie)
    return _files[url]


def _as_sent(url: str, cookie: str) -> int:
    """Bytes of the answer's head and of its body as gzip leaves it; a line that breaks is tried again."""
    parts = urlsplit(url)
    headers = {"Accept-Encoding": "gzip", "Cookie": cookie, "Accept": "*/*"}
    for _try in range(TRIES):
        line = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
        try:
            line.request("GET", url.removeprefix(f"{parts.scheme}://{parts.netloc}"), headers=headers)
            answer = line.getresponse()
            return sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + len(answer.read())
        except ConnectionError:
            continue
        finally:
            line.close()
    raise ConnectionError(url)
