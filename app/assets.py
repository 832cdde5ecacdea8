"""Static files under one versioned path: browsers may keep them for ever, and modules still find each other.

`asset_url("css/app.css")` gives `/static/v/<version>/css/app.css`; the version is a hash of all of them.
ES modules import each other by relative path and so stay inside one version. No bundler: the only thing put
together is `css/app.css`, whose `@import` lines give way to the files they name (one request, not fifteen).
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, send_from_directory, url_for

from app.kernel.access import public
from app.kernel.web import new_key

SERVED = ("css", "js", "img", "vendor")
LIBRARIES = {"socket": "vendor/socket.io.js", "leaflet": "vendor/leaflet.js"}
STYLESHEET = "css/app.css"
FOR_EVER = "public, max-age=31536000, immutable"
_IMPORT = re.compile(r'@import url\("([\w.-]+)"\);')


def init_app(app: Flask) -> None:
    """Adds the versioned route, and what the macros ask for."""
    app.add_url_rule("/static/v/<version>/<path:filename>", "versioned_static", _send)
    app.jinja_env.globals.update(asset_url=asset_url, libraries=libraries, new_key=new_key)


def asset_url(filename: str) -> str:
    """The address of a file under static/, changing whenever anything there changes."""
    return url_for("versioned_static", version=_version(), filename=filename)


def libraries() -> list[str]:
    """The third-party libraries on disk: pages ask for no others, so a missing vendor/ stays silent."""
    return [name for name, filename in LIBRARIES.items() if (_folder() / filename).is_file()]


@public
def _send(version: str, filename: str) -> Response:
    if filename == STYLESHEET:
        response = Response(_stylesheet(_folder(), version), mimetype="text/css")
    else:
        response = send_from_directory(_folder(), filename)
    # An address of an older version still answers, but with today's file: that must not be kept.
    response.headers["Cache-Control"] = FOR_EVER if version == _version() else "no-cache"
    return response


def _folder() -> Path:
    return Path(current_app.static_folder or "static")


def _version() -> str:
    folder = _folder()
    files = [path for part in SERVED for path in (folder / part).rglob("*") if path.is_file()]
    newest = max((path.stat().st_mtime_ns for path in files), default=0) if current_app.debug else 0
    return _hash(folder, newest)


@lru_cache(maxsize=8)
def _hash(folder: Path, _newest: int) -> str:
    digest = hashlib.sha256()
    for part in SERVED:
        for path in sorted((folder / part).rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=8)
def _stylesheet(folder: Path, _version: str) -> str:
    whole = (folder / STYLESHEET).read_text("utf-8")
    return _IMPORT.sub(lambda found: (folder / "css" / found[1]).read_text("utf-8"), whole)
