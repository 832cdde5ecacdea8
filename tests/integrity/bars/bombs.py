"""Requests that are too much, thrown at a real server: each is refused within a second, and nobody else notices.

The list is tests/integrity/bomb_list.py. Then what only works in numbers: lines that never finish a request, sign-ins
all at once, sockets without end. A neighbour reads a page all the while.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from websocket import WebSocketException, create_connection

from app.people import sessions
from models import db
from tests.bench.bars import shown
from tests.factories import World, csrf_of
from tests.integrity import places, servers
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.bomb_list import CUT, Bomb, Who, bombs, request
from tests.integrity.servers import Site

MOST_SECONDS = 1.0
TRIES = 3
"""A slow answer is asked for again: on a busy machine only what is slow each time is slow."""
PATIENCE = 30.0
MEGABYTE = 1 << 20


def run(size: Size) -> Iterator[Bar]:
    """The list, and in the long form the numbers."""
    with ExitStack() as stack:
        url = stack.enter_context(places.database(places.SQLITE)) if size.quick else None
        settings = {"SCHEDULER": "off"} if size.quick else {"RATE_LIMITS": "on"}
        site = stack.enter_context(servers.site(places.SQLITE, webs=1, url=url, SOCKETS="60", **settings))
        who = _people(site)
        site.children["web"].wait_until_up()
        address = site.addresses[0]
        with _neighbour(address, who) as quiet:
            time.sleep(size.pick(0.5, 10))
        before = _memory(site)
        with _neighbour(address, who) as beside:
            yield _thrown(site, who, size, before)
        if not size.quick:
            yield _beside(quiet, beside)
            yield _numbers(site, who)


def _people(site: Site) -> Who:
    """Whose names the requests bear; each its own session, as the server knows it."""
    world = World().build()
    resident, volunteer = world.resident(), world.volunteer()
    browser = world.browser(site.app, resident)
    name = site.app.config["SESSION_COOKIE_NAME"]
    cookie = browser.get_cookie(name)
    form_token = csrf_of(browser.get("/me/addresses").text)
    who = Who(
        resident=sessions.issue(str(resident.account_id)), volunteer=sessions.issue(str(volunteer.account_id)),
        coordinator=sessions.issue(str(world.coordinator().account_id)),
        cookie=f"{name}={cookie.value if cookie else ''}", form_token=form_token, office=world.ids["station"],
    )  # fmt: skip
    db.session.remove()
    return who


# ---------- the list ----------


def _thrown(site: Site, who: Who, size: Size, before: int) -> Bar:
    slow, wrong, answers = {}, {}, Counter[int]()
    most = 0
    for number, bomb in enumerate(bombs(who)):
        if size.quick and number % 4:
            continue
        status, seconds = _answered(site.addresses[0], bomb)
        answers[status] += 1
        most = max(most, _memory(site))
        if status not in bomb.allowed:
            wrong[bomb.name] = status
        if seconds > MOST_SECONDS:
            slow[bomb.name] = shown(seconds)
    alive = servers.answers(site.addresses[0], seconds=5)
    parts = [
        Part("requests", sum(answers.values()), ">=", size.pick(20, 60)),
        Part("not refused", len(wrong), "==", 0),
        Part("over a second", len(slow), "==", 0),
        Part("server dead", int(not alive or site.children["web"].starts > 1), "==", 0),
        Part("MB of memory more", shown((most - before) / MEGABYTE), "<=", 500),
    ]
    more = {"answers": {str(status): count for status, count in sorted(answers.items())}, "wrong": wrong, "slow": slow}
    return Bar("requests too big, too deep, too odd", parts, more)


def _answered(address: str, bomb: Bomb) -> tuple[int, float]:
    """Status and seconds of the quickest of a few tries; a right answer in time needs no second one."""
    best = (-1, float("inf"))
    for _ in range(TRIES):
        status, seconds = send(address, bomb.data)
        if seconds < best[1]:
            best = (status, seconds)
        if seconds <= MOST_SECONDS or status not in bomb.allowed:
            break
    return best


def send(address: str, data: bytes) -> tuple[int, float]:
    """Send the bytes; the status of the answer and the seconds it took from the last byte that could be sent."""
    parts = urlsplit(address)
    with socket.create_connection((str(parts.hostname), int(parts.port or 80)), timeout=PATIENCE) as line:
        with suppress(OSError):
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
        begun = time.monotonic()
        said = b""
        with suppress(OSError):
            while len(said) < 12 and (more := line.recv(4096)):
                said += more
    status = int(said[9:12]) if said.startswith(b"HTTP/1.") and said[9:12].isdigit() else CUT
    return status, time.monotonic() - begun


def _memory(site: Site) -> int:
    """Bytes held by the server and everything it started."""
    process = site.children["web"].process
    group = process.pid if process is not None else 0
    return sum(_resident(folder) for folder in Path("/proc").glob("[0-9]*") if _group(folder) == group)


def _group(folder: Path) -> int:
    with suppress(OSError, IndexError, ValueError):
        return int((folder / "stat").read_text().rpartition(")")[2].split()[2])
    return -1


def _resident(folder: Path) -> int:
    with suppress(OSError, IndexError, ValueError):
        return int((folder / "statm").read_text().split()[1]) * 4096
    return 0


# ---------- somebody else, all the while ----------


@contextmanager
def _neighbour(address: str, who: Who) -> Iterator[list[float]]:
    """Seconds of each reading of a page by somebody who does nothing wrong."""
    seconds: list[float] = []
    over = threading.Event()

    def read() -> None:
        page = request("GET", "/api/v1/me", token=who.volunteer)
        while not over.wait(0.05):
            status, spent = send(address, page)
            seconds.append(spent if status == 200 else PATIENCE)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield seconds
    finally:
        over.set()
        thread.join()


def _beside(quiet: list[float], beside: list[float]) -> Bar:
    before, during = (quantiles(one, n=100)[94] if len(one) > 1 else PATIENCE for one in (quiet, beside))
    floor = max(before, 0.1)  # below a tenth of a second nobody feels a doubling
    parts = [Part("p95 beside the bombs, times the p95 before", shown(during / floor), "<=", 2)]
    more = {"p95 before": shown(before), "p95 during": shown(during), "reads": len(beside)}
    return Bar("somebody else reads a page while the bombs fall", parts, more)


# ---------- what works in numbers ----------


def _numbers(site: Site, who: Who) -> Bar:
    address = site.addresses[0]
    page = request("GET", "/api/v1/me", token=who.volunteer)
    with _slow_lines(address, 150):
        status_beside_slow, seconds_beside_slow = send(address, page)
    logins = _sign_ins(address, 200)
    held = _sockets(address, who, 120)
    status_after, _ = send(address, page)
    parts = [
        Part("a page beside 150 lines that never finish, seconds", shown(seconds_beside_slow), "<=", 2),
        Part("and its status", status_beside_slow, "==", 200),
        Part("200 sign-ins at once: neither refused nor put off", sum(_bad(logins).values()), "==", 0),
        Part("sockets of one session", held, "<=", 10),
        Part("status of a page afterwards", status_after, "==", 200),
    ]
    more = {"sign-ins": {str(status): count for status, count in logins.items()}}
    return Bar("lines that never finish, sign-ins all at once, sockets without end", parts, more)


@contextmanager
def _slow_lines(address: str, count: int) -> Iterator[None]:
    parts = urlsplit(address)
    lines = []
    try:
        for _ in range(count):
            line = socket.create_connection((str(parts.hostname), int(parts.port or 80)), timeout=PATIENCE)
            line.sendall(b"POST /api/v1/orders HTTP/1.1\r\nHost: a\r\nX-Slow: ")
            lines.append(line)
        yield
    finally:
        for line in lines:
            line.close()


def _sign_ins(address: str, count: int) -> Counter[int]:
    sent = [
        request("POST", "/api/v1/session", b'{"phone": "199000%05d", "password": "not-this-one"}' % number)
        for number in range(count)
    ]
    with ThreadPoolExecutor(50) as pool:
        return Counter(status for status, _ in pool.map(lambda data: send(address, data), sent))


def _bad(answers: Counter[int]) -> dict[int, int]:
    return {status: count for status, count in answers.items() if status not in {401, 422, 429, 503}}


def _sockets(address: str, who: Who, count: int) -> int:
    """How many of so many sockets of one session are let in."""
    lines = []
    try:
        for _ in range(count):
            with suppress(OSError, WebSocketException):
                line = create_connection(f"{address.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket")
                lines.append(line)
                line.settimeout(5)
                line.recv()
                line.send(f'40{{"token": "{who.resident}"}}')
                line.granted = line.recv().startswith("40")
        return sum(getattr(line, "granted", False) for line in lines)
    finally:
        for line in lines:
            line.shutdown()
