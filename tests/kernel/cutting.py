"""A line to PostgreSQL that can be cut: refused, or broken off around the very commit."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType

from sqlalchemy.engine import URL, make_url

NAME = ".s.PGSQL.5432"
SIMPLE, PARSE = b"Q", b"P"
UNSEEN = 0.5
"""Seconds for which the server takes a line for whole that is not."""


class Line:
    """Listens where PostgreSQL would and passes everything on, until told otherwise."""

    def __init__(self, url: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="linli-line-")
        there = make_url(url)
        self._server = Path(str(there.query["host"])) / NAME
        self.url = self._here(there)
        self.is_down = False
        self.cut = ""
        """`before`: the next COMMIT never arrives; `unseen`: nor does the server see at once that the line is gone;
        `after`: it arrives, and its answer is lost; `for good`: then the server is away too."""
        self.cuts = 0
        self._lines: set[socket.socket] = set()
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(Path(self._folder.name) / NAME))
        self._door.listen(64)
        self._over = False

    def _here(self, there: URL) -> str:
        return there.set(query={"host": self._folder.name}).render_as_string(hide_password=False)

    def __enter__(self) -> Line:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._over = True
        self.hang_up()
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._folder.cleanup()

    def go_down(self, seconds: float | None = None) -> None:
        """Drop every connection and take no new one: for so long, or until `is_down` is set back."""
        self.is_down = True
        self.hang_up()
        if seconds is not None:
            timer = threading.Timer(seconds, self.come_up)
            timer.daemon = True
            timer.start()

    def come_up(self) -> None:
        self.is_down = False

    def hang_up(self) -> None:
        for one in list(self._lines):
            _close(one)

    def _serve(self) -> None:
        while not self._over:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            if self.is_down:
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._server))
            self._lines |= {client, server}
            threading.Thread(target=self._ask, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(client, server), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := client.recv(65536):
                if self.cut and said[:1] in (SIMPLE, PARSE) and b"COMMIT" in said:
                    how, self.cut = self.cut, ""
                    self.cuts += 1
                    if how == "before":
                        break
                    _shut(client)
                    if how == "unseen":
                        time.sleep(UNSEEN)
                        break
                    server.sendall(said)
                    if how == "for good":
                        self.go_down()
                    continue
                server.sendall(said)
        _close(client)
        _close(server)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := server.recv(65536):
                client.sendall(said)
        _close(client)


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_WR)


def _close(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
