"""The address that a calendar program fetches: no signing in, no more than what and when."""

from __future__ import annotations

from flask import Response, request

from app.extensions import limiter
from app.kernel.access import public
from app.serving.calendar import feed, volunteer_of
from app.serving.pages.blueprint import pages


@pages.get("/calendar/<token>.ics")
@public
@limiter.limit("60 per hour")
def calendar(token: str) -> Response:
    response = Response(feed(volunteer_of(token), request.url_root), mimetype="text/calendar")
    response.headers.update({"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"})
    return response
