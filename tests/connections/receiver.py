"""A receiver of letters on the loopback: it checks signatures as docs/webhooks.md says, and does as it is told."""

from __future__ import annotations

import json
import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.connections.letters import signature


@dataclass
class Receiver:
    """`answer(body)` gives the status; every letter whose signature holds is in `letters`."""

    port: int
    secrets: list[str] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], int] = lambda body: 200
    letters: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    forged: int = 0
    location: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/linli"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def accepted(self) -> Counter[str]:
        return Counter(letter["id"] for letter in self.letters)

    def take(self, headers: dict[str, str], data: bytes) -> int:
        signed = headers["Linli-Signature"].split(",")
        wanted = {signature(secret, headers["Linli-Timestamp"], data) for secret in self.secrets}
        if not wanted & set(signed):
            self.forged += 1
            return 401
        body = json.loads(data)
        status = self.answer(body)
        if 200 <= status < 300:
            self.letters.append(body)
            self.headers.append(headers)
        return status


def failing(share: float, seed: int, most: int = 4) -> Callable[[dict[str, Any]], int]:
    """Refuses this share of the tries at random, the same letter at most so many times: its pauses would grow."""
    dice, refused = random.Random(seed), Counter[str]()

    def answer(body: dict[str, Any]) -> int:
        if dice.random() >= share or refused[body["id"]] >= most:
            return 200
        refused[body["id"]] += 1
        return 503

    return answer


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(dict(self.headers), data)
            self.send_response(status)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def canary() -> Iterator[Any]:
    """A server that counts whoever connects, on every address of this machine's loopback, IPv4 and IPv6."""
    listening = [socket.create_server(("127.0.0.1", 0))]
    port = listening[0].getsockname()[1]
    if socket.has_ipv6:
        listening.append(socket.create_server(("::1", port), family=socket.AF_INET6))
    trap = Canary(port)
    threads = [threading.Thread(target=trap.watch, args=(line,), daemon=True) for line in listening]
    for thread in threads:
        thread.start()
    try:
        yield trap
    finally:
        for line in listening:
            line.shutdown(socket.SHUT_RDWR)
            line.close()
        for thread in threads:
            thread.join()


class Canary:
    def __init__(self, port: int) -> None:
        self.port, self.visits = port, 0

    def watch(self, line: socket.socket) -> None:
        while True:
            try:
                visitor, _address = line.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()
