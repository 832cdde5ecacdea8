"""More lines of bad intent than threads, each kind of them: a page still answers at once."""

import socket
import sys
import time
import urllib.request
from contextlib import ExitStack, suppress

import pytest

from tests.integrity import servers

THREADS, LINES = 3, 12
SOON = 4.0
"""Less than the shortest time-out of the worker's own that would end a line that holds a thread."""
POST = b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
PAGE = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
KEY = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"


@pytest.fixture(scope="module")
def address():
    with ExitStack() as stack:
        site = stack.enter_context(servers.site("sqlite", webs=0))
        port = servers.free_port()
        words = [sys.executable, "-m", "gunicorn", "-k", "app.worker.Worker", "--threads", str(THREADS),
                 "--no-control-socket", "--bind", f"{servers.HOST}:{port}", "wsgi:app"]  # fmt: skip
        env = servers._environment(site.folder, str(site.app.config["SQLALCHEMY_DATABASE_URI"]), "", {})
        known = f"http://{servers.HOST}:{port}"
        child = servers.Child("web", words, site.folder / "web.log", lambda: servers.answers(known), env)
        stack.enter_context(servers._running(child))
        child.wait_until_up()
        yield servers.HOST, port


def line_to(address, *parts):
    line = socket.create_connection(address, timeout=20)
    for part in parts:
        line.sendall(part)
    return line


def answer_on(line, until=b"\r\n\r\n"):
    """What is said on this line up to `until`, or until it is hung up."""
    said = b""
    with suppress(ConnectionResetError):
        while until not in said and (more := line.recv(65536)):
            said += more
    return said


def seconds_of_a_page(address):
    begun = time.monotonic()
    with urllib.request.urlopen("http://{}:{}/healthz".format(*address), timeout=30) as answer:  # noqa: S310 our own
        assert answer.status == 200
    return time.monotonic() - begun


def kept(address):
    """A line that has had one good answer."""
    line = line_to(address, PAGE)
    assert answer_on(line, b'"ok"').startswith(b"HTTP/1.1 200")
    return line


def kept_with(ahead):
    def begun(address):
        line = kept(address)
        line.sendall(ahead)
        return line

    return begun


def spoken(*parts):
    return lambda address: line_to(address, *parts)


ATTACKS = {
    "nothing": spoken(),
    "half a head": spoken(b"GET / HTTP/1.1\r\nHost: a\r\n"),
    "a head that ends with line feeds": spoken(b"GET / HTTP/1.1\nHost: a\n\n"),
    "a head with two line feeds in it": spoken(b"GET / HTTP/1.1\r\nHost: a\n\nX: y\r\n"),
    "half a head on a kept line": kept_with(b"GET / HT"),
    "half a head sent ahead": spoken(PAGE + b"GET / HTTP/1.1\r\nHost"),
    "half a head behind a body": spoken(POST + b"Content-Length: 3\r\n\r\na=bGET / HT"),
    "a body that stands still": spoken(POST + b"Content-Length: 20\r\n\r\na=b"),
    "a body that never begins, on a kept line": kept_with(POST + b"Content-Length: 20\r\n\r\n"),
    "a form that says it becomes a socket": spoken(POST + UPGRADE + b"Content-Length: 20\r\n\r\n"),
    "a long body": spoken(POST + b"Content-Length: 9000000\r\n\r\na=b"),
    "a body in pieces": spoken(POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\na"),
    "a body that waits to be asked for": spoken(POST + b"Expect: 100-continue\r\nContent-Length: 20\r\n\r\n"),
    "an answer after which nobody hangs up": spoken(PAGE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")),
    "a socket by long polling": spoken(b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n"),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_page_answers_whatever_hangs_on_more_lines_than_there_are_threads(address, attack):
    lines = [attack(address) for _ in range(LINES)]
    try:
        assert max(seconds_of_a_page(address) for _ in range(3)) < SOON
    finally:
        for line in lines:
            line.close()


def test_a_head_that_is_too_long_is_refused_and_the_line_closed(address):
    lines = []
    for _ in range(LINES):
        line = line_to(address, b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        with suppress(OSError):  # it hangs up once it has heard enough
            line.sendall(b"a" * 70_000)
        lines.append(line)
    assert seconds_of_a_page(address) < SOON
    assert all(answer_on(line).startswith(b"HTTP/1.1 431 ") for line in lines)
    assert lines[0].recv(1) == b""
    for line in lines:
        line.close()


def test_line_feeds_alone_do_not_end_a_head(address):
    with line_to(address, b"GET /healthz HTTP/1.1\r\nHost: a\n\n") as line:
        assert seconds_of_a_page(address) < SOON
        line.sendall(b"\r\n\r\n")
        assert answer_on(line).startswith(b"HTTP/1.1 400"), "it was judged once it was whole"


def test_what_is_sent_ahead_is_answered_in_its_turn(address):
    with line_to(address, PAGE * 3) as line:
        said = b""
        while said.count(b'"ok"') < 3:
            more = line.recv(65536)
            assert more
            said += more
        line.sendall(PAGE)
        assert answer_on(line).startswith(b"HTTP/1.1 200")


def test_a_head_and_a_body_in_small_pieces_are_put_together(address):
    body = b"phone=13800000000&password=nothing"
    whole = POST + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with line_to(address, *(whole[at : at + 7] for at in range(0, len(whole), 7))) as line:
        assert answer_on(line).startswith(b"HTTP/1.1 403"), "a form without its token"


def test_a_body_longer_than_what_is_waited_for_is_taken(address):
    with line_to(address, POST + b"Content-Length: 100000\r\n\r\n" + b"a=" + b"b" * 99_998) as line:
        assert answer_on(line).startswith(b"HTTP/1.1 4")


def test_a_line_that_says_nothing_is_closed_when_its_time_is_over(address):
    with line_to(address) as line:
        begun = time.monotonic()
        assert line.recv(1) == b""
        assert time.monotonic() - begun < 15


@pytest.mark.parametrize(
    "path", [b"/socket.io/?EIO=4&transport=polling", b"/healthz", b"/socket.io/x?transport=websocket"]
)
def test_only_the_door_of_the_sockets_has_their_patience(address, path):
    """A body in pieces on a GET is read by nobody, and its line is closed in the ordinary time."""
    head = b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + UPGRADE + KEY + b"\r\n5\r\na"
    with line_to(address, head) as line:
        begun = time.monotonic()
        while line.recv(65536):
            pass
        assert time.monotonic() - begun < 15


def test_sockets_that_end_take_no_newcomer_with_them(address):
    """The thread of a live socket closes it late, when its number may already be another line's."""
    door = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\n" + UPGRADE + KEY + b"\r\n"
    goodbye = b"\x88\x82\x00\x00\x00\x00\x03\xe8"
    for line in [line_to(address, door) for _ in range(2)]:
        with line:
            assert answer_on(line).startswith(b"HTTP/1.1 101")
            answer_on(line, b"\x88")  # it said nothing for seconds: the server ends it
            line.sendall(goodbye)
            newcomers = [line_to(address, PAGE) for _ in range(20)]
            assert all(answer_on(one, b'"ok"').startswith(b"HTTP/1.1 200") for one in newcomers)
            for one in newcomers:
                one.close()
