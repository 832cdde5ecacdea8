"""What lets a phone go on in a dead spot: the service worker and the page it shows when nothing else is at hand.

The worker is one file of ours (static/js/worker.js) with the version and the shell's addresses written above it. It
must come from the root, or it would only look after /static/.
"""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, url_for

from app.assets import asset_url, current_version
from app.kernel.access import public

pages = Blueprint("offline", __name__)

SHELL = (
    "css/app.css", "img/icons.svg", "img/logo.svg", "js/app.js",
    *(f"js/modules/{name}.js" for name in (
        "ago", "banner", "copy", "countdown", "counter", "later", "live", "locate", "morph", "once", "reveal", "say",
        "socket", "speak", "summary", "words",
    )),
)  # fmt: skip
"""What the pages of a volunteer are made of."""


@pages.get("/sw.js")
@public
def worker() -> Response:
    """The service worker; asked for again at every visit, so that a new version takes over at once."""
    shell = [url_for("offline.page"), *(asset_url(name) for name in SHELL)]
    head = f"const VERSION = {json.dumps(current_version())};\nconst SHELL = {json.dumps(shell)};\n"
    body = (Path(current_app.static_folder or "static") / "js" / "worker.js").read_text("utf-8")
    response = Response(head + body, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/offline")
@public
def page() -> str:
    """Nobody's page: it is kept on the phone, and so holds nothing of whoever is signed in."""
    return render_template("offline.html")
