"""Redis goes away and comes back: pages are served all the while, and nobody believes a socket that hears nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from websocket import WebSocket, WebSocketException

from app.kernel import clock
from app.people import sessions
from models import db
from tests.factories import World
from tests.integrity import servers
from tests.integrity.bars.bombs import send
from tests.integrity.bomb_list import request
from tests.integrity.test_stop import open_socket

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not servers.has_redis(), reason="no Redis here")]


def _until(holds: Callable[[], bool], seconds: float) -> float:
    """Wait for another process to notice; how long it took."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds, "it never did"
        time.sleep(0.2)
    return time.monotonic() - begun


def _is_closed(line: WebSocket) -> bool:
    line.settimeout(0.2)
    try:
        return line.recv() == ""
    except TimeoutError:
        return False
    except (WebSocketException, OSError) as error:
        return "timed out" not in str(error)


def _is_let_in(address: str, token: str) -> bool:
    with suppress(AssertionError, WebSocketException, OSError):
        open_socket(address, token).shutdown()
        return True
    return False


def test_pages_poll_while_the_line_between_servers_is_down() -> None:
    with clock.fixed(clock.now()), servers.site("sqlite", webs=1, with_bus=True) as site:
        site.children["web"].wait_until_up()
        token = sessions.issue(str(World().build().resident().account_id))
        db.session.remove()
        address, page = site.addresses[0], request("GET", "/api/v1/me", token=token)
        line = open_socket(address, token)
        site.children["redis"].kill()
        noticed = _until(lambda: _is_closed(line), 30)
        line.shutdown()
        status, seconds = send(address, page)
        assert (status, seconds < 3) == (200, True)
        assert not _is_let_in(address, token)
        site.children["redis"].start()
        back = _until(lambda: _is_let_in(address, token), 30)
        print(f"noticed in {noticed:.1f} s, sockets again after {back:.1f} s")
