"""A volunteer's picture: shown to themselves and their desk, sent, taken away, removed by the station."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _

from app.extensions import limiter
from app.kernel import pictures
from app.kernel.access import needs
from app.kernel.errors import Invalid
from app.kernel.web import go, loaded
from app.people import portraits, queries, schemas
from app.people.pages.blueprint import pages
from app.people.pages.volunteers import profile_page


@pages.get("/portraits/<portrait_id>")
@needs("portrait.see")
def portrait(portrait_id: str) -> Any:
    return pictures.shown(pictures.path(queries.portrait(portrait_id, g.actor).filename))


@pages.post("/volunteer/portrait")
@needs("volunteer.self")
@limiter.limit("20 per hour")
def put_portrait() -> Any:
    upload = request.files.get("photo")
    try:
        if upload is None or not upload.filename:
            raise Invalid({"photo": [_("请先选一张照片。")]})
        portraits.put_portrait(upload.stream, actor=g.actor)
    except Invalid as error:
        return profile_page(error)
    flash(_("头像收到了。社区看过以后，您接单的居民就能看到。"), "good")
    return redirect(url_for("people.profile"), 303)


@pages.post("/volunteer/portrait/removal")
@needs("volunteer.self")
def drop_portrait() -> Any:
    portraits.drop_portrait(actor=g.actor)
    flash(_("头像已删除。"), "good")
    return redirect(url_for("people.profile"), 303)


@pages.post("/desk/people/<volunteer_id>/portrait/removal")
@needs("volunteer.verify")
def remove_portrait(volunteer_id: str) -> Any:
    portraits.remove_portrait(volunteer_id, loaded(schemas.PortraitRemoval())["reason"], actor=g.actor)
    flash(_("头像已移走，志愿者会收到通知。"), "good")
    return go(url_for("oversight.volunteer", volunteer_id=volunteer_id))
