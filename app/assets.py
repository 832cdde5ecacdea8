"""Static files under one versioned path: browsers may keep them for ever, and modules still find each other.

`asset_url("css/app.css")` gives `/static/v/<version>/css/app.css`; the version is a hash of all of them.
ES modules import each other by relative path and so stay inside one version. No bundler: the only thing put
together are styles: `@import` lines give way to the files they name (`css/app.css` is one request, not fifteen).
A browser that comes for the first time finds the styles in the page itself: on a slow line a whole round trip less
before anything is seen. A cookie with their version says that it has been here: from then on the file is linked.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Flask, Response, abort, after_this_request, current_app, request, send_from_directory, url_for
from markupsafe import Markup
from werkzeug.security import safe_join

from app.hardening import policy_with
from app.kernel.access import public
from app.kernel.web import new_key

SERVED = ("css", "js", "img", "vendor")
LIBRARIES = {"socket": "vendor/socket.io.js", "leaflet": "vendor/leaflet.js", "charts": "vendor/echarts.js"}
STYLESHEET = "css/app.css"
TEXTS = {".css", ".js", ".json", ".svg", ".webmanifest"}
PLAIN = "identity"
WAYS = ("br", "gzip", PLAIN)
"""How a text file may go over the line, the best first."""
STYLED_SECONDS = 31_536_000
FOR_EVER = "public, max-age=31536000, immutable"
_IMPORT = re.compile(r'@import url\("([\w.-]+)"\);')


def init_app(app: Flask) -> None:
    """Adds the versioned route, and what the macros ask for."""
    app.add_url_rule("/static/v/<version>/<path:filename>", "versioned_static", _send)
    app.jinja_env.globals.update(asset_url=asset_url, first_styles=first_styles, libraries=libraries, new_key=new_key)


def asset_url(filename: str) -> str:
    """The address of a file under static/, changing whenever anything there changes."""
    return url_for("versioned_static", version=current_version(), filename=filename)


def libraries() -> list[str]:
    """The third-party libraries on disk: pages ask for no others, so a missing vendor/ stays silent."""
    return [name for name, filename in LIBRARIES.items() if (_folder() / filename).is_file()]


def first_styles() -> Markup | None:
    """What a page shows its styles with when the browser has none of today's yet; None where it has."""
    if request.cookies.get(_styled()) == current_version():
        return None
    whole = _stylesheet(_folder(), STYLESHEET, current_version())

    @after_this_request
    def remember(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy_with(whole)
        response.set_cookie(
            _styled(), current_version(), max_age=STYLED_SECONDS, httponly=True, samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )  # fmt: skip
        return response

    return Markup(f"<style>{whole}</style>")  # noqa: S704  # our own files


def _styled() -> str:
    """The cookie that says which version of the styles this browser has had."""
    return f"{current_app.config['SESSION_COOKIE_NAME']}_styled"


@public
def _send(version: str, filename: str) -> Response:
    """The file, packed as the browser can take it: a library of 147 kB is 42 on the line."""
    folder, today = _folder(), current_version()
    path = safe_join(str(folder), filename)
    if filename.partition("/")[0] not in SERVED or path is None or not Path(path).is_file():
        abort(404)
    if Path(path).suffix in TEXTS:
        way = request.accept_encodings.best_match(WAYS) or PLAIN
        response = Response(_packed(folder, filename, today, way), mimetype=mimetypes.guess_type(path)[0])
        response.headers["Vary"] = "Accept-Encoding"
        if way != PLAIN:
            response.headers["Content-Encoding"] = way
    else:
        response = send_from_directory(folder, filename)
    # An address of an older version still answers, but with today's file: that must not be kept.
    response.headers["Cache-Control"] = FOR_EVER if version == today else "no-cache"
    return response


@lru_cache(maxsize=512)
def _packed(folder: Path, filename: str, version: str, way: str) -> bytes:
    """A text file as it goes over the line; packed once a version, not once a request."""
    if filename.endswith(".css"):
        whole = _stylesheet(folder, filename, version).encode()
    else:
        whole = (folder / filename).read_bytes()
    if way == "br":
        return bytes(brotli.compress(whole, quality=9))
    return gzip.compress(whole, 9, mtime=0) if way == "gzip" else whole


def _folder() -> Path:
    return Path(current_app.static_folder or "static")


def current_version() -> str:
    """What stands in the addresses of all our files: it changes whenever any of them does."""
    return _hash(_folder(), _newest(_folder()) if current_app.debug else 0)


def _newest(folder: Path) -> int:
    """When a file was last changed; asked only where somebody is at work on them, for it looks at every one."""
    files = [path for part in SERVED for path in (folder / part).rglob("*") if path.is_file()]
    return max((path.stat().st_mtime_ns for path in files), default=0)


@lru_cache(maxsize=8)
def _hash(folder: Path, _newest: int) -> str:
    digest = hashlib.sha256()
    for part in SERVED:
        for path in sorted((folder / part).rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=32)
def _stylesheet(folder: Path, filename: str, _version: str) -> str:
    """The styles with those it imports in their places."""
    text = (folder / filename).read_text("utf-8")
    return _IMPORT.sub(lambda found: (folder / "css" / found[1]).read_text("utf-8"), text)
