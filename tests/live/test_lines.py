"""Lines on which nobody signs in: few, and for seconds only; whoever signs in finds room beside them."""

import socket
import threading
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from websocket import WebSocketBadStatusException, create_connection

from app.kernel import clock
from app.live.held import Held, Socket
from app.live.lines import COUNTED_SECONDS, LEAST_SILENT, SILENT_SECONDS, Lines
from app.people import sessions
from tests.factories import World
from tests.integrity import servers

MOST = 12
DOOR = "/socket.io/?EIO=4&transport=websocket"
HELLO = (
    f"GET {DOOR} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.fixture(scope="module")
def running():
    """A real server, and the token of somebody who is signed in there."""
    with clock.fixed(clock.now()), servers.site("sqlite", webs=1, SOCKETS=str(MOST)) as site:
        site.children["web"].wait_until_up()
        yield site.addresses[0], sessions.issue(str(World().build().coordinator().account_id))


def signed_in(running, **more):
    line = create_connection(running[0].replace("http", "ws", 1) + DOOR, timeout=15, **more)
    assert line.recv().startswith("0")
    line.send(f'40{{"token": "{running[1]}"}}')
    assert line.recv().startswith("40")
    return line


def silent(address):
    """A line of somebody who says hello and from then on nothing, not even goodbye."""
    parts = urlsplit(address)
    line = socket.create_connection((parts.hostname, parts.port), timeout=20)
    line.sendall(HELLO.encode())
    return line, line.recv(4096)


def test_a_page_of_this_site_is_let_in_and_stays_and_one_of_another_is_not(running):
    line = signed_in(running, origin=running[0])
    try:
        line.settimeout(SILENT_SECONDS + 3)
        with pytest.raises(Exception, match="timed out"):
            line.recv()
        line.send('421["watch",{"topics":[]}]')
        assert line.recv().startswith("431")
    finally:
        line.shutdown()
    with pytest.raises(WebSocketBadStatusException):
        signed_in(running, origin="https://evil.example")


def test_long_polling_is_not_offered(running):
    assert not servers.answers(running[0], "/socket.io/?EIO=4&transport=polling")


def test_whoever_says_nothing_finds_little_room_is_cut_off_and_keeps_nobody_out(running):
    with ExitStack() as stack:
        met = [silent(running[0]) for _ in range(MOST + 8)]
        for line, _answer in met:
            stack.callback(line.close)
        let_in = [line for line, answer in met if answer.startswith(b"HTTP/1.1 101")]
        assert len(let_in) == LEAST_SILENT
        assert servers.answers(running[0]), "pages have threads of their own"
        begun = time.monotonic()
        for line in let_in:
            while line.recv(4096):
                pass
        assert time.monotonic() - begun < SILENT_SECONDS + 5


# ---------- counting ----------


class Connection:
    """As much of a connection as is asked about."""

    number = 3

    def fileno(self):
        return self.number


def test_of_all_lines_a_quarter_may_be_silent():
    lines = Lines()
    assert [lines.take_in(f"silent {number}", Connection(), 0.0, 48) for number in range(13)] == [True] * 12 + [False]
    lines.greet("silent 0")
    assert lines.take_in("one more", Connection(), 0.0, 48)
    assert not lines.take_in("another", Connection(), 0.0, 48)


def test_a_line_that_ended_makes_room_at_once_where_somebody_was_signed_in_and_later_where_nobody_was():
    lines, there, silent = Lines(), Connection(), Connection()
    assert lines.take_in("there", there, 0.0, 2) and lines.take_in("silent", silent, 0.0, 2)
    lines.greet("there")
    assert not lines.take_in("more", Connection(), 1.0, 2)
    there.number = silent.number = -1
    assert lines.take_in("more", Connection(), 1.0, 2)
    assert not lines.take_in("most", Connection(), COUNTED_SECONDS - 1, 2)
    assert lines.take_in("most", Connection(), COUNTED_SECONDS, 2)


def test_overdue_is_where_nobody_is_signed_in_in_time_or_any_more():
    lines = Lines()
    for name in ("silent", "there", "left"):
        lines.take_in(name, Connection(), 0.0, 9)
    lines.greet("there"), lines.greet("left")
    assert lines.overdue({"there"}, SILENT_SECONDS - 1) == []
    assert [name for name, _ in lines.overdue({"there"}, SILENT_SECONDS)] == ["silent", "left"]


def test_however_many_come_at_once_only_so_many_are_held():
    """Counting and adding are one step: with a gap between them more would slip in."""
    for _round in range(20):
        held, granted, start = Held(), [], threading.Barrier(8)

        def come(number, held=held, granted=granted, start=start):
            start.wait()
            for turn in range(10):
                one = Socket("token", f"account {number % 2}", "session")
                granted.append(held.add(f"{number}-{turn}", one, most=20, most_of_account=7))

        threads = [threading.Thread(target=come, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(granted) == len(held.all()) == 14, "seven of each person"


def test_nobody_is_added_beyond_the_room_of_the_whole():
    held = Held()
    added = [held.add(str(number), Socket("token", str(number), "session"), 3, 5) for number in range(4)]
    assert added == [True, True, True, False]
