"""What belongs to the whole site: the way in, language and text size, about, the API's page, and health."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import refresh
from sqlalchemy.exc import DBAPIError

from app import errors, health, outage, vendor
from app.extensions import rest
from app.kernel import troubles
from app.kernel.access import public
from app.kernel.web import local_path
from app.language import LANGUAGES
from app.notices import sentences
from app.people import queries, service
from app.people.schemas import TEXT_SIZES
from models import db
from models.kinds import Role

pages = Blueprint("site", __name__)


@pages.get("/")
@public
def home() -> Any:
    """Each to their own first page; strangers see what this is."""
    if not g.actor.is_signed_in:
        return render_template("site/welcome.html")
    if g.actor.has(Role.COORDINATOR, Role.SUPERVISOR):
        return redirect("/board")
    if g.actor.volunteer_id and not g.actor.resident_id:
        return redirect("/volunteer")
    if g.actor.has(Role.ADMINISTRATOR):
        return redirect(url_for("offices.own_office"))
    return redirect("/home")


@pages.post("/language")
@public
def set_language() -> Any:
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        session["language"] = chosen
        if g.actor.is_signed_in:
            service.prefer(actor=g.actor, language=chosen)
        refresh()
    return redirect(local_path(request.form.get("next"), "/"), 303)


@pages.post("/text-size")
@public
def set_text_size() -> Any:
    chosen = request.form.get("size")
    if chosen in TEXT_SIZES:
        session["text_size"] = chosen
        if g.actor.is_signed_in:
            service.prefer(actor=g.actor, text_size=chosen)
    return redirect(local_path(request.form.get("next"), "/"), 303)


@pages.get("/about")
@public
def about() -> Any:
    return render_template("site/about.html")


@pages.get("/docs/api")
@public
def api_docs() -> Any:
    """The JSON API for people, drawn from the same document that programs read."""
    problems = sorted((kind.code, kind.title) for kind in errors.STATUS)
    return render_template("site/api.html", spec=rest.spec.to_dict(), problems=problems)


@pages.get("/healthz")
@public
def healthz() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify(status="ok")


@pages.get("/readyz")
@public
def readyz() -> Response:
    """Whether this process should be sent people: each check by name, 503 when one fails.

    What stands behind each is for this machine and for administrators.
    """
    found = health.recent()
    told_all = request.remote_addr in {"127.0.0.1", "::1"} or g.actor.has(Role.ADMINISTRATOR)
    rows = [one.to_dict() if told_all else {"name": one.name, "ok": one.ok, "may_fail": one.may_fail} for one in found]
    is_ready = all(one.ok or one.may_fail for one in found)
    words = "ok" if all(one.ok for one in found) else "degraded" if is_ready else "failing"
    response = jsonify(status=words, checks=rows)
    response.status_code = 200 if is_ready else 503
    return response


def init_app(app: Flask) -> None:
    @app.context_processor
    def shared() -> dict[str, Any]:
        actor = g.get("actor")
        if actor is None:
            return {}
        in_production = current_app.config["LINLI"].in_production
        try:
            office, unread = queries.home_office(actor), queries.unread(actor)
        except DBAPIError:  # this very page says that the database is away
            db.session.rollback()
            office, unread = None, 0
        phone = office.phone if office else outage.known_phone()
        outage.remember_phone(str(actor.account_id), phone)
        return {
            "community_phone": phone,
            "text_size": session.get("text_size") or actor.text_size or None,
            "unread": unread,
            "lasting_troubles": troubles.lasting(),
            "notice_sentence": sentences.sentence,
            "notice_link": lambda notice: sentences.link(
                notice, by_desk=actor.has(Role.COORDINATOR), by_volunteer=bool(actor.volunteer_id)
            ),
            "in_production": in_production,
            "missing_libraries": [] if in_production else vendor.missing(),
            "how_to_fetch": vendor.HOW_TO_FETCH,
        }
