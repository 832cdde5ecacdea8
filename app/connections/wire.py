"""One POST to one address, bounded in every way: one deadline for all of it, few bytes, no redirects, no proxies.

Our own few lines on a socket, for libraries resolve the name again, follow redirects, or let a slow sender drip on.
The deadline covers looking up, connecting, the handshake, sending and reading.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Waited
from dataclasses import dataclass
from functools import cache

from app.connections.addresses import Forbidden, Guard, Target

SECONDS = 5.0
MOST_BYTES = 64 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r]")
_lookups = ThreadPoolExecutor(max_workers=8, thread_name_prefix="lookup")
"""The system's resolver cannot be hurried; whoever waits for it can leave."""


@dataclass(frozen=True)
class Answer:
    """What came of a try: the HTTP status, or a code for why there is none.

    Codes: form, scheme, port, host, address (not allowed), lookup, connect, tls, time, talk; status for any but 2xx.
    """

    status: int | None = None
    trouble: str = ""

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class _Late(Exception):
    """The deadline has passed."""


def post(url: str, headers: Mapping[str, str], body: bytes, guard: Guard, seconds: float = SECONDS) -> Answer:
    """Send it and say what came of it. Never raises for what others do."""
    deadline = time.monotonic() + seconds
    try:
        target = guard.read(url)
        with _connected(target, _addresses(guard, target, deadline), deadline) as line:
            status = _talk(line, _request(target, headers, body), deadline)
    except Forbidden as error:
        return Answer(trouble=error.code)
    except (_Late, TimeoutError):
        return Answer(trouble="time")
    except ssl.SSLError:
        return Answer(trouble="tls")
    except ConnectionError:
        return Answer(trouble="connect")
    except (OSError, ValueError):
        return Answer(trouble="talk")
    return Answer(status=status, trouble="" if 200 <= status < 300 else "status")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise _Late
    return left


def _addresses(guard: Guard, target: Target, deadline: float) -> list[str]:
    waiting = _lookups.submit(guard.addresses, target)
    try:
        return waiting.result(timeout=_left(deadline))
    except Waited as error:
        waiting.cancel()
        raise Forbidden("lookup") from error


@contextlib.contextmanager
def _connected(target: Target, addresses: list[str], deadline: float) -> Iterator[socket.socket]:
    """A connection to the first of these very addresses that answers; closed at the end."""
    line: socket.socket | None = None
    for number, address in enumerate(addresses):
        try:
            line = socket.create_connection((address, target.port), timeout=_left(deadline))
            break
        except OSError as error:
            if number == len(addresses) - 1:
                raise error if isinstance(error, TimeoutError) else ConnectionError() from error
    if line is None:
        raise ConnectionError
    try:
        if target.is_secure:
            line.settimeout(_left(deadline))
            line = _tls().wrap_socket(line, server_hostname=target.host)
        yield line
    finally:
        line.close()


@cache
def _tls() -> ssl.SSLContext:
    """The system's authorities (SSL_CERT_FILE names others), host names checked, TLS 1.2 and newer."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.host_header}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("ascii") + body


def _talk(line: socket.socket, data: bytes, deadline: float) -> int:
    """Send, and read what is answered; raises ValueError where the other side hangs up."""
    try:
        line.settimeout(_left(deadline))
        line.sendall(data)
        return _status(line, deadline)
    except ConnectionError as error:
        raise ValueError("hung up") from error


def _status(line: socket.socket, deadline: float) -> int:
    """The status of the final answer. Its head is read to the end, its body is nobody's business."""
    data, received = b"", 0
    while received <= MOST_BYTES:
        head, end, rest = data.partition(b"\r\n\r\n")
        if end:
            found = _STATUS.match(head + b"\r\n")
            if not found:
                raise ValueError("no HTTP")
            if not found[1].startswith(b"1"):
                return int(found[1])
            data = rest  # 100, 103: the answer proper comes later
            continue
        line.settimeout(_left(deadline))
        more = line.recv(4096)
        if not more:
            raise ValueError("cut short")
        data, received = data + more, received + len(more)
    raise ValueError("too much")
