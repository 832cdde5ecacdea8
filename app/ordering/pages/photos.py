"""Photos: to whoever may know the order's exact details, and to nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import g, session
from werkzeug.wrappers import Response

from app.kernel.access import needs, public
from app.kernel.errors import NotFound
from app.ordering import photos, queries
from app.ordering.pages.blueprint import pages
from app.privacy.queries import view_of


@pages.get("/orders/<order_id>/photos/<photo_id>")
@needs("order.see")
def photo(order_id: str, photo_id: str) -> Any:
    order = queries.order_seen(order_id, g.actor)
    found = next((row for row in view_of(order, g.actor).photos if row.id == photo_id), None)
    if found is None:
        raise NotFound()
    return _picture(photos.path(found.filename))


@pages.get("/orders/new/photos/<filename>")
@public
def draft_photo(filename: str) -> Any:
    """A photo of the draft, to the browser that sent it."""
    own = {photo["filename"] for photo in session.get("draft", {}).get("photos", [])}
    if filename not in own:
        raise NotFound()
    return _picture(photos.draft_path(filename))


def _picture(path: Path) -> Response:
    if not path.is_file():
        raise NotFound()
    response = Response(path.read_bytes(), mimetype="image/jpeg")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
