"""Pictures: of what is to be done, to whoever may know the exact details; of who comes, to whoever they come to."""

from __future__ import annotations

from typing import Any

from flask import g, session

from app.kernel import pictures
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
    return pictures.shown(pictures.path(found.filename))


@pages.get("/orders/<order_id>/portraits/<portrait_id>")
@needs("order.see_own")
def portrait(order_id: str, portrait_id: str) -> Any:
    """The picture of somebody who comes, to those they come to; once it is over the link opens nothing."""
    order = queries.order_seen(order_id, g.actor, "order.see_own")
    seen = view_of(order, g.actor)
    coming = (seen.helper_portrait(one) for one in queries.coming(order))
    found = next((row for row in coming if row is not None and row.id == portrait_id), None)
    if found is None:
        raise NotFound()
    return pictures.shown(pictures.path(found.filename))


@pages.get("/orders/new/photos/<filename>")
@public
def draft_photo(filename: str) -> Any:
    """A photo of the draft, to the browser that sent it."""
    own = {photo["filename"] for photo in session.get("draft", {}).get("photos", [])}
    if filename not in own:
        raise NotFound()
    return pictures.shown(photos.draft_path(filename))
