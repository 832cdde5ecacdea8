"""The volunteer's own page: what asks for an answer, what is on today, what comes next."""

from __future__ import annotations

from typing import Any

from flask import g, jsonify, render_template
from flask_wtf.csrf import generate_csrf

from app.kernel.access import needs
from app.kernel.clock import now
from app.serving import queries, service
from app.serving.pages.blueprint import MOST_SECONDS, may_be_kept, pages
from models.states import OfferStatus


@pages.get("/volunteer")
@needs("volunteer.self")
def home() -> Any:
    """All of it; every offer shown here has been seen."""
    volunteer = queries.self_of(g.actor)
    offers = queries.live_offers(volunteer.id)
    for offer in offers:
        if offer.status == OfferStatus.SENT:
            service.see_offer(offer.id, actor=g.actor)
    on_duty = volunteer.on_duty_until is not None and volunteer.on_duty_until > now()
    page = render_template(
        "serving/home.html",
        volunteer=volunteer,
        on_duty=on_duty,
        demand=queries.demand(volunteer),
        **_live(volunteer.id),
    )
    return may_be_kept(page, volunteer.id, MOST_SECONDS)


@pages.get("/volunteer/later.json")
@needs("volunteer.self")
def later() -> Any:
    """For what a phone kept in a dead spot: who is signed in now, and the token its forms need."""
    return jsonify(who=g.actor.volunteer_id, token=generate_csrf())


@pages.get("/volunteer/now")
@needs("volunteer.self")
def home_now() -> Any:
    """The live part of the page."""
    volunteer = queries.self_of(g.actor)
    return render_template("serving/_now.html", volunteer=volunteer, **_live(volunteer.id))


def _live(volunteer_id: str) -> dict[str, Any]:
    return {
        "offers": queries.live_offers(volunteer_id),
        "tasks": queries.tasks_of(volunteer_id),
        "reserves": queries.reserves_of(volunteer_id),
    }
