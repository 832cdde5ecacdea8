"""gunicorn's threaded worker, with patience in the right place: a thread is taken once a whole request head has come.

Otherwise so many lines that send their head letter by letter, or nothing at all, as there are threads would keep every
page waiting. Heads wait with the poller, a limited time; a body or a reader that stands still is given up.
"""

from __future__ import annotations

import errno
import socket
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_SECONDS = 10.0
"""In which the head of a request must have come."""
STILL_SECONDS = 10.0
"""For which a body may stand still, or whoever reads the answer."""
LONGEST_HEAD = 65_536
LOOK_SECONDS = 0.1


class Worker(ThreadWorker):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unfinished: list[Any] = []

    def accept(self, listener: Any) -> None:
        """Take the line in; who has said nothing yet costs no thread."""
        try:
            line, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, line, address, listener.getsockname())
        conn.timeout = time.monotonic() + HEAD_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(line, EVENT_READ, partial(self._hear, conn))

    def _hear(self, conn: Any, line: Any) -> None:
        if _has_head(line):
            self.on_pending_socket_readable(conn, line)
        else:  # the poller would call again at once, for what has come is still there
            self.poller.unregister(line)
            self._unfinished.append(conn)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(min(timeout, LOOK_SECONDS) if self._unfinished else timeout)
        looked_at, self._unfinished = self._unfinished, []
        for conn in looked_at:
            if conn not in self.pending_conns:
                continue  # its time was over
            if _has_head(conn.sock):
                self.pending_conns.remove(conn)
                conn.data_ready = True
                self.enqueue_req(conn)
            else:
                self._unfinished.append(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """A socket may be silent for as long as it likes; a body may not."""
        upgraded = any(name.upper() == "UPGRADE" for name, _value in req.headers)
        conn.sock.settimeout(None if upgraded else STILL_SECONDS)
        return super().handle_request(req, conn)


def _has_head(line: socket.socket) -> bool:
    """Whether a whole head waits to be read; or nothing more will come, or too much has."""
    try:
        said = line.recv(LONGEST_HEAD, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return not said or b"\r\n\r\n" in said or b"\n\n" in said or len(said) >= LONGEST_HEAD
