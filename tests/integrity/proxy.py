"""A TCP proxy that cuts connections where it is told to: each new connection takes the next order of its line."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

CHUNK = 65_536
SECONDS = 30.0


class Cut(StrEnum):
    """Where a connection ends."""

    NOWHERE = "nowhere"
    BEFORE = "before the request"
    MIDDLE = "in the middle of the request"
    WORKING = "while the server works"
    AFTER = "after the commit, before the answer"
    ANSWER = "in the middle of the answer"


class Proxy:
    """Stands before one server. `address` is where to knock; the first line of each request says where to cut it:
    a header `X-Cut` holds a Cut, and is passed on like any other."""

    def __init__(self, host: str, port: int) -> None:
        self.target = host, port
        self.cuts: dict[Cut, int] = dict.fromkeys(Cut, 0)
        self._counting = threading.Lock()
        self._door = socket.create_server((host, 0), backlog=128)
        self.address = self._door.getsockname()[:2]

    @contextmanager
    def open(self) -> Iterator[Proxy]:
        listening = threading.Thread(target=self._listen, name="proxy", daemon=True)
        listening.start()
        try:
            yield self
        finally:
            with suppress(OSError):
                self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
            listening.join(5)

    def _listen(self) -> None:
        while True:
            try:
                client, _from = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(SECONDS)
        with suppress(OSError), client:
            asked = _whole(client)
            cut = _cut_of(asked)
            with self._counting:
                self.cuts[cut] += 1
            self._pass(client, asked, cut)
            if cut is not Cut.NOWHERE:
                _drop(client)

    def _pass(self, client: socket.socket, asked: bytes, cut: Cut) -> None:
        if cut is Cut.BEFORE:
            return
        with socket.create_connection(self.target, SECONDS) as server:
            server.sendall(asked[: len(asked) * 2 // 3] if cut is Cut.MIDDLE else asked)
            if cut in (Cut.MIDDLE, Cut.WORKING):
                return
            told = server.recv(CHUNK)  # the first byte comes when all is committed
            if cut is Cut.AFTER:
                return
            if cut is Cut.ANSWER:
                client.sendall(told[: len(told) // 2])
                return
            while told:
                client.sendall(told)
                told = server.recv(CHUNK)


def _whole(client: socket.socket) -> bytes:
    """One request with its body; callers close after each."""
    got = b""
    while b"\r\n\r\n" not in got and (more := client.recv(CHUNK)):
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    wanted = int(_header(head, b"content-length") or 0)
    while len(body) < wanted and (more := client.recv(CHUNK)):
        body += more
    return head + b"\r\n\r\n" + body


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""


def _cut_of(asked: bytes) -> Cut:
    words = _header(asked.partition(b"\r\n\r\n")[0], b"x-cut").decode()
    return Cut(words) if words else Cut.NOWHERE


def _drop(client: socket.socket) -> None:
    """At once and rudely: the caller sees a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
