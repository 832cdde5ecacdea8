"""gunicorn's threaded worker, with patience in the right place: a thread is taken once a whole request has come.

Otherwise as many lines as there are threads, each sending its head or its form letter by letter, would keep every page
waiting. What has come of a request waits with the poller, a limited time, for the first request of a line, for every
later one and for what was sent ahead. A body too long to wait for takes a thread of the few set aside for such. A
reader that stands still is given up.
"""

from __future__ import annotations

import errno
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from socket import SHUT_WR
from typing import Any
from urllib.parse import parse_qs

from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_SECONDS = 10.0
"""In which the head of a request must have come."""
BODY_SECONDS = 30.0
"""In which a body that is waited for must have come after its head."""
STILL_SECONDS = 10.0
"""For which a longer body may stand still, or whoever reads the answer."""
SOCKET_SECONDS = 60.0
"""For which a live socket may be silent: it is asked every 25 seconds and has 30 to answer (app/live/sockets.py)."""
GOODBYE_SECONDS = 2.0
"""How long the other side has to hang up; cut off at once it might lose the end of the answer."""
LONGEST = 65_536
"""No head is longer. A request no longer than this, body and all, is waited for."""
AT_ONCE = 16_384
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
UNMEASURED = re.compile(rb"\r\n(?:transfer-encoding|expect):", re.IGNORECASE)
"""A body in pieces of unknown number, or one that comes only when it is asked for."""
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Line(TConn):
    """One connection, and what has come on it that no thread has read yet."""

    def __init__(self, goodbye: Callable[[Line], None], *args: Any) -> None:
        super().__init__(*args)
        self.init()
        self.sock.setblocking(False)
        self.said = bytearray()
        self.has_head = self.is_leaving = False
        self._goodbye = goodbye

    def init(self) -> None:
        """Also called whenever a thread takes the line over: all it reads and writes has its time."""
        super().init()
        self.sock.settimeout(STILL_SECONDS)

    def close(self, graceful: bool = False) -> None:
        if graceful:
            self._goodbye(self)
        else:
            super().close()


class Worker(ThreadWorker):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: set[Line] = set()
        self._for_long_bodies: Any = None

    def get_thread_pool(self) -> Any:
        self._for_long_bodies = ThreadPoolExecutor(max(2, self.cfg.threads // 8))
        return super().get_thread_pool()

    def accept(self, listener: Any) -> None:
        """Take the line in; it costs no thread yet."""
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self._wait_for(Line(self._say_goodbye, self.cfg, sock, address, listener.getsockname()), HEAD_SECONDS)

    def enqueue_req(self, conn: Line) -> None:
        """The next request of a line that was kept has begun, or came ahead and was read with the one before."""
        conn.sock.setblocking(False)
        conn.said += conn.parser.unreader.take_buffered()
        self._wait_for(conn, HEAD_SECONDS)
        self._judge(conn)

    def murder_pending(self) -> None:
        """Give up on lines whose time is over."""
        moment = time.monotonic()
        for conn in [one for one in self._waiting if one.timeout <= moment]:
            self._hang_up(conn)

    def handle_request(self, req: Any, conn: Line) -> Any:
        if _is_live_socket(req):
            conn.sock.settimeout(SOCKET_SECONDS)
        return super().handle_request(req, conn)

    def _wait_for(self, conn: Line, seconds: float) -> None:
        conn.timeout = time.monotonic() + seconds
        self._waiting.add(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._hear, conn))

    def _let_go(self, conn: Line) -> None:
        self._waiting.discard(conn)
        with suppress(OSError, KeyError, ValueError):  # closed meanwhile
            self.poller.unregister(conn.sock)

    def _hang_up(self, conn: Line) -> None:
        self._let_go(conn)
        self.nr_conns -= 1
        conn.close()

    def _hear(self, conn: Line, sock: Any) -> None:
        try:
            said = sock.recv(AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        conn.said += said
        if not said or (conn.is_leaving and len(conn.said) > LONGEST):
            self._hang_up(conn)
        elif not conn.is_leaving:
            self._judge(conn)

    def _judge(self, conn: Line) -> None:
        """A thread for the line, more time, or no more."""
        found = _first_request(conn.said)
        if found is None:
            if len(conn.said) >= LONGEST:
                self._refuse(conn)
            return
        length, is_long = found
        if is_long or len(conn.said) >= length:
            self._give_thread(conn, self._for_long_bodies if is_long else self.tpool)
        elif not conn.has_head:
            conn.has_head, conn.timeout = True, time.monotonic() + BODY_SECONDS

    def _give_thread(self, conn: Line, threads: Any) -> None:
        self._let_go(conn)
        conn.parser.unreader.unread(bytes(conn.said))
        conn.said.clear()
        conn.has_head = False
        done = threads.submit(self.handle, conn)
        done.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def _refuse(self, conn: Line) -> None:
        self._let_go(conn)
        with suppress(OSError):
            conn.sock.send(TOO_LONG)
        self.nr_conns -= 1
        conn.close(graceful=True)

    def _say_goodbye(self, conn: Line) -> None:
        """Nothing more from us; the other side has a little time to hang up. gunicorn itself would wait for that in
        its only loop. From here on the line is ours alone: the thread that listened to a live socket may yet close
        it, and its number would be a newcomer's while the poller still took it for this one.
        """
        try:
            conn.sock, shared = conn.sock.dup(), conn.sock
            shared.close()
            conn.sock.setblocking(False)
            conn.sock.shutdown(SHUT_WR)
        except OSError:
            conn.close()
            return
        conn.is_leaving = True
        conn.said.clear()
        self.nr_conns += 1
        self._wait_for(conn, GOODBYE_SECONDS)


def _first_request(said: bytearray) -> tuple[int, bool] | None:
    """How long the first request is and whether its body is too long to wait for; None before its head is whole.

    Heads end as gunicorn's parser has it, with CR LF twice. What is wrong with a head it will say.
    """
    end = said.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(said[: end + 2])
    measured = LENGTH.search(head)
    length = end + 4 + (int(measured[1]) if measured else 0)
    return length, length > LONGEST or UNMEASURED.search(head) is not None


def _is_live_socket(req: Any) -> bool:
    """Whether this request becomes a socket, which is silent as long as nothing happens."""
    upgrade = any(name == "UPGRADE" and value.strip().lower() == "websocket" for name, value in req.headers)
    is_door = req.method == "GET" and (req.path or "").rstrip("/") == "/socket.io"
    return upgrade and is_door and parse_qs(req.query or "").get("transport") == ["websocket"]
