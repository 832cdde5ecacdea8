"""One offer: look at it, say yes, say no; and what is said to whom came too late."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel.access import needs
from app.kernel.errors import AlreadyTaken, DomainError, Invalid, OfferOver
from app.kernel.web import go, loaded, request_key
from app.serving import queries, schemas, service
from app.serving.pages.blueprint import pages
from models.states import OfferStatus


def too_late(order_id: str, error: DomainError) -> Response:
    """Nobody gets an error for having said yes: the page for late ones says thanks and what comes next."""
    flash(str(error.detail), "info")
    return redirect(url_for("serving.taken", order_id=order_id), 303)


@pages.get("/offers/<offer_id>")
@needs("offer.answer")
def offer(offer_id: str) -> Any:
    """The whole offer; having looked at it is remembered."""
    found = queries.offer_for(offer_id, g.actor)
    if found.status == OfferStatus.SENT:
        found = service.see_offer(offer_id, actor=g.actor)
    return _offer_page(offer_id)


def _offer_page(offer_id: str, errors: dict[str, Any] | None = None) -> Any:
    context = _card(offer_id) | {"errors": errors or {}, "values": request.form}
    return render_template("serving/offer.html", **context), 422 if errors else 200


@pages.get("/offers/<offer_id>/card")
@needs("offer.answer")
def offer_card(offer_id: str) -> Any:
    return render_template("serving/_offer.html", errors={}, values={}, **_card(offer_id))


def _card(offer_id: str) -> dict[str, Any]:
    found = queries.offer_for(offer_id, g.actor)
    standing = queries.standing(found.order_id, g.actor)
    return {"offer": found, "is_live": queries.is_live(found), "standing": standing}


@pages.post("/offers/<offer_id>/acceptance")
@needs("offer.answer")
def accept(offer_id: str) -> Any:
    try:
        assignment = service.accept(offer_id, actor=g.actor, key=request_key())
    except (AlreadyTaken, OfferOver) as error:
        return too_late(queries.offer_for(offer_id, g.actor).order_id, error)
    flash(_("接单成功，谢谢您！上门前一天起，这里显示地址和电话。"), "good")
    return redirect(url_for("serving.task", assignment_id=assignment.id), 303)


@pages.post("/offers/<offer_id>/refusal")
@needs("offer.answer")
def decline(offer_id: str) -> Any:
    try:
        given = loaded(schemas.Refusal())
    except Invalid as error:
        return _offer_page(offer_id, error.fields)
    service.decline(offer_id, actor=g.actor, **given)
    flash(_("好的，这次不打扰您了。"), "good")
    return go(url_for("serving.home"))


@pages.get("/orders/<order_id>/taken")
@needs("order.claim")
def taken(order_id: str) -> Any:
    """After a late yes: thanks, and whether the volunteer is asked first if the place frees up."""
    return render_template("serving/taken.html", standing=queries.standing(order_id, g.actor))
