"""The order page as it is usually made, with Vue and Vant: built now, and served as well as ours is.

Built twice: once with no more of the libraries than the page uses, once with the whole of them, as the usual starting
kits have it. And a page of one word, served in the same way: less than its first paint no page can have here.
"""

from __future__ import annotations

import gzip
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.pages import node

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>邻里点单</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="点单">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/order.css"><script type="module" src="/order.js"></script>
</head><body><div id="app"></div></body></html>"""
ONE_WORD = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>邻里</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body><h1>邻里</h1></body></html>"""
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}
KEPT = {".html": "no-store"}
DEFINED = ("process.env.NODE_ENV='production'", "__VUE_OPTIONS_API__=false", "__VUE_PROD_DEVTOOLS__=false",
           "__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=false")  # fmt: skip


WHOLE = ("--ignore-annotations",)
"""Told to esbuild: what a library says may be left out stays in."""


def lean(program: Path) -> dict[str, bytes]:
    """The files of the page with what it uses of the libraries; LookupError where its packages were not fetched."""
    return _built(program, ())


def whole(program: Path) -> dict[str, bytes]:
    """The same with the whole libraries."""
    return _built(program, WHOLE)


def one_word() -> dict[str, bytes]:
    """A page that has nothing to fetch and nothing to draw but a word."""
    return {"/": ONE_WORD.encode()}


def _built(program: Path, more: Sequence[str]) -> dict[str, bytes]:
    esbuild = node.FOLDER / "node_modules" / "esbuild" / "bin" / "esbuild"
    if not esbuild.is_file():
        raise LookupError("Vue, Vant and esbuild: `python -m tests.pages.node`")
    with tempfile.TemporaryDirectory(prefix="linli-peer-") as folder:
        made = Path(folder)
        defined = [f"--define:{one}" for one in DEFINED]
        words = ["--bundle", "--minify", "--format=esm", "--target=es2020", "--log-level=error", "--charset=utf8"]
        subprocess.run(
            [str(program), str(esbuild), str(node.FOLDER / "order.js"), *words, *more, *defined, f"--outdir={made}"],
            check=True, timeout=120,
        )  # fmt: skip
        return {f"/{path.name}": path.read_bytes() for path in made.iterdir()} | {"/": PAGE.encode()}


@contextmanager
def served(files: dict[str, bytes]) -> Iterator[tuple[str, int]]:
    """Their address, and their bytes on the line."""
    packed = {path: gzip.compress(body, 9) for path, body in files.items()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _serving(packed))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", sum(len(body) for body in packed.values())
    finally:
        server.shutdown()
        server.server_close()


def _serving(packed: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Serving(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body, ends = packed.get(self.path), Path(self.path).suffix or ".html"
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", TYPES.get(ends, "text/plain"))
            self.send_header("Content-Encoding", "gzip" if body else "identity")
            self.send_header("Cache-Control", KEPT.get(ends, "public, max-age=31536000, immutable"))
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_words: object) -> None:
            """Nobody reads it."""

    return Serving
