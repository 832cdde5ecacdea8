"""What every request and every answer goes through: forged requests refused, the same strict headers everywhere."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError

from app.extensions import csrf

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
FROM_ELSEWHERE = {"cross-site", "same-site"}
"""What a browser says of a request that another site began; one beside ours on the same domain is no friend either."""
HEADERS = {
    "Content-Security-Policy": (  # nothing but our own files; no code in a page, and no style but `policy_with`'s
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}
OF_DOCUMENTS = ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy", "Referrer-Policy")
"""What a browser heeds only with a page: left out with styles and scripts, of which a page fetches a dozen or two."""
PARTS = {"text/css", "text/javascript"}
YEAR = 31_536_000
STYLES = "style-src 'self'"


def init_app(app: Flask) -> None:
    settings = app.config["LINLI"]

    @app.before_request
    def refuse_forged() -> None:
        """For every unsafe request that rides on a cookie: the form's token, and a beginning on this very site."""
        if request.method not in UNSAFE or _is_by_program(app):
            return
        if _is_from_elsewhere():
            raise CSRFError("begun on another site")
        csrf.protect()

    @app.after_request
    def add_headers(response: Response) -> Response:
        is_part = request.path.startswith("/static/") and response.mimetype in PARTS
        for name, value in HEADERS.items():
            if not (is_part and name in OF_DOCUMENTS):
                response.headers.setdefault(name, value)
        if settings.https:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def policy_with(style: str) -> str:
    """The policy of a page that holds this very style and no other; the browser knows it by its hash."""
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return HEADERS["Content-Security-Policy"].replace(STYLES, f"{STYLES} 'sha256-{known}'")


def _is_from_elsewhere() -> bool:
    """What the browser itself says of where a request began; an older one names the site, or none where it may not."""
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        return said in FROM_ELSEWHERE
    origin = request.headers.get("Origin") or request.referrer
    return origin not in (None, "null") and urlsplit(origin).netloc != request.host


def _is_by_program(app: Flask) -> bool:
    """A token in the header is sent on purpose; a cookie goes along whoever asks."""
    rides_on_cookie = app.config["SESSION_COOKIE_NAME"] in request.cookies
    by_token = request.headers.get("Authorization", "").startswith("Bearer ")
    return request.path.startswith("/api/") and (by_token or not rides_on_cookie)
