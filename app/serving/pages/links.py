"""The offer a notice leads to: opened without signing in, answered by a button.

Looking changes nothing, for messengers and mail filters look at every link: not even that it was seen is written down.
An answer is a POST and needs, besides the link, the form's own token. What may be known before the yes is shown,
and only while the offer waits; nobody's name is on the page.
"""

from __future__ import annotations

from typing import Any

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import limiter
from app.kernel.access import public
from app.kernel.clock import now
from app.kernel.errors import AlreadyTaken, NotFitting, OfferOver, Overlaps, WrongState
from app.serving import bearers, places, queries, service
from app.serving.pages.blueprint import pages
from models import Offer

LOOKS, ANSWERS = "60 per minute", "20 per minute"
"""From one place: a whole street of phones may share an address."""
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive"}


@pages.get("/o/<token>")
@public
@limiter.limit(LOOKS)
def link(token: str) -> Any:
    """The offer; whoever is signed in as its volunteer gets the whole page instead."""
    offer = bearers.offer_by_link(token)
    if g.actor.volunteer_id == offer.volunteer_id:
        return _with_headers(redirect(url_for("serving.offer", offer_id=offer.id), 303))
    return _with_headers(make_response(render_template("serving/link.html", token=token, **_shown(offer))))


def _shown(offer: Offer) -> dict[str, Any]:
    """Once the offer's time is over its link tells nothing of the order any more."""
    is_open = now() < offer.expires_at
    held = places.holding(offer.order_id, offer.volunteer_id)
    return {
        "offer": offer,
        "is_live": queries.is_live(offer),
        "is_open": is_open,
        "task_id": held.id if held is not None else None,
        "office": offer.order.office if is_open else None,
    }


@pages.post("/o/<token>/acceptance")
@public
@limiter.limit(ANSWERS)
def accept_by_link(token: str) -> Any:
    offer = bearers.offer_by_link(token)
    try:
        service.accept(offer.id, actor=bearers.bearer(offer), key=request.form.get("_key"))
    except (AlreadyTaken, OfferOver, Overlaps, NotFitting, WrongState) as error:
        flash(str(error.detail), "info")
    else:
        flash(_("接单成功，谢谢您！"), "good")
    return _back(token)


@pages.post("/o/<token>/refusal")
@public
@limiter.limit(ANSWERS)
def decline_by_link(token: str) -> Any:
    offer = bearers.offer_by_link(token)
    service.decline(offer.id, actor=bearers.bearer(offer))
    return _back(token)


def _back(token: str) -> Response:
    return _with_headers(redirect(url_for("serving.link", token=token), 303))


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
