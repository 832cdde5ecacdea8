"""A server that is told to stop: sockets first, what is under way to its end, nothing left behind, within seconds."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest
from websocket import WebSocket, WebSocketException, create_connection

from app.kernel import clock
from app.people import sessions
from models import Order, db
from tests.factories import World
from tests.integrity import servers
from tests.integrity.servers import Site

SOCKETS = 60
MOST_SECONDS = 30.0
"""The promise is 15 s; what else this machine does meanwhile is not the server's fault."""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with clock.fixed(clock.now()), servers.site("sqlite", webs=1) as site:
        site.children["web"].wait_until_up()
        yield site


def open_socket(address: str, token: str) -> WebSocket:
    """Through the handshake, as a browser does it; raises AssertionError where it is not let in."""
    line = create_connection(f"{address.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket", timeout=20)
    try:
        assert line.recv().startswith("0")
        line.send(f'40{{"token": "{token}"}}')
        assert line.recv().startswith("40")
    except BaseException:
        line.shutdown()
        raise
    return line


class HalfSent:
    """A form whose first half has arrived."""

    def __init__(self, address: str, token: str, body: bytes) -> None:
        parts = urlsplit(address)
        self.rest = body[len(body) // 2 :]
        self.line = socket.create_connection((str(parts.hostname), int(parts.port or 80)), timeout=30)
        head = (
            f"POST /api/v1/orders HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.line.sendall(head.encode() + body[: len(body) // 2])

    def finish(self) -> bytes:
        self.line.sendall(self.rest)
        answer = b""
        with suppress(OSError):
            while said := self.line.recv(65536):
                answer += said
        return answer


def test_sockets_are_closed_first_and_what_is_under_way_is_answered(site: Site) -> None:
    world = World().build()
    resident = world.resident()
    token = sessions.issue(str(resident.account_id))
    tokens = [sessions.issue(str(world.resident().account_id)) for _ in range(SOCKETS // 5)]
    body = (
        f'{{"item": "errand", "office_id": "{world.ids["station"]}", "address": "3 幢 201", "as_soon": true}}'.encode()
    )
    db.session.remove()
    address, web = site.addresses[0], site.children["web"]
    with ExitStack() as stack:
        lines = [open_socket(address, tokens[number % len(tokens)]) for number in range(SOCKETS)]
        for line in lines:
            stack.callback(line.shutdown)
        under_way = HalfSent(address, token, body)
        stack.callback(under_way.line.close)
        process = web.process
        assert process is not None
        begun = time.monotonic()
        os.kill(process.pid, signal.SIGTERM)
        closed = [_seconds_until_closed(line, begun) for line in lines]
        answer = under_way.finish()
        process.wait(MOST_SECONDS)
        stopped = time.monotonic() - begun
    print(f"sockets closed in {max(closed):.1f} s, stopped in {stopped:.1f} s")
    assert answer.startswith(b"HTTP/1.1 201"), answer[:200]
    assert max(closed) < 5
    assert stopped < MOST_SECONDS
    assert process.returncode == 0
    assert db.session.query(Order).count() == 1
    assert "Traceback" not in web.said()


def _seconds_until_closed(line: WebSocket, begun: float) -> float:
    line.settimeout(MOST_SECONDS)
    with suppress(WebSocketException, OSError):
        while line.recv():
            pass
    return time.monotonic() - begun
