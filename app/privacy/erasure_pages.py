"""Pages of being forgotten: one's own request, the desk's for somebody without an account, holds by administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from app.kernel.access import needs, require
from app.kernel.clock import local
from app.kernel.errors import Invalid, WrongState
from app.kernel.web import form_page, loaded
from app.people.stepup import fresh
from app.privacy import erasure, erasure_queries, persons, schemas
from models import Resident, db

pages = Blueprint("erasure", __name__)


def _page(who: persons.Person, **more: Any) -> Any:
    return render_template(
        "privacy/erasure.html", who=who, request_=persons.open_request(who), days=erasure.grace().days,
        obstacles=list(persons.obstacles(who)), **more,
    )  # fmt: skip


@pages.get("/me/erasure")
@needs("account.self")
def mine() -> Any:
    return _page(persons.person(g.actor.account_id), own=True)


@pages.post("/me/erasure")
@needs("account.self")
@fresh
def ask() -> Any:
    try:
        asked = erasure.ask(actor=g.actor)
    except WrongState as refused:
        flash(refused.detail, "bad")
    else:
        flash(_("已收到。%(day)s 起会删除，在那之前都可以撤回。", day=f"{local(asked.due_at):%Y-%m-%d}"), "good")
    return redirect(url_for("erasure.mine"), 303)


@pages.post("/me/erasure/withdrawal")
@needs("account.self")
def withdraw() -> Any:
    erasure.withdraw(str(g.actor.account_id), actor=g.actor)
    flash(_("已撤回，您的资料都还在。"), "good")
    return redirect(url_for("erasure.mine"), 303)


# ---------- at the desk, for somebody without an account ----------


@pages.get("/desk/residents/<resident_id>/erasure")
@needs("erasure.ask")
def of_resident(resident_id: str) -> Any:
    require(g.actor, "erasure.ask", db.session.get(Resident, resident_id))
    return _page(persons.person(resident_id), own=False)


@pages.post("/desk/residents/<resident_id>/erasure")
@needs("erasure.ask")
@fresh
def ask_for(resident_id: str) -> Any:
    try:
        asked = erasure.ask_for(resident_id, actor=g.actor)
    except WrongState as refused:
        flash(refused.detail, "bad")
    else:
        flash(_("已收到。%(day)s 起会删除，在那之前都可以撤回。", day=f"{local(asked.due_at):%Y-%m-%d}"), "good")
    return redirect(url_for("erasure.of_resident", resident_id=resident_id), 303)


@pages.post("/desk/residents/<resident_id>/erasure/withdrawal")
@needs("erasure.ask")
def withdraw_for(resident_id: str) -> Any:
    erasure.withdraw(resident_id, actor=g.actor)
    flash(_("已撤回，这位居民的资料都还在。"), "good")
    return redirect(url_for("erasure.of_resident", resident_id=resident_id), 303)


# ---------- administrators ----------


@pages.get("/administration/erasures")
@needs("erasure.hold")
def requests() -> Any:
    return form_page("privacy/erasures.html", board=erasure_queries.board(g.actor))


@pages.post("/administration/erasures")
@needs("erasure.hold")
@fresh
def hold() -> Any:
    try:
        erasure.hold(**loaded(schemas.Hold()), actor=g.actor)
    except Invalid as error:
        return form_page("privacy/erasures.html", error, board=erasure_queries.board(g.actor))
    flash(_("已暂缓删除。"), "good")
    return redirect(url_for("erasure.requests"), 303)


@pages.post("/administration/erasures/<subject_id>/hold/end")
@needs("erasure.hold")
@fresh
def lift(subject_id: str) -> Any:
    erasure.lift(subject_id, actor=g.actor)
    flash(_("不再暂缓。"), "good")
    return redirect(url_for("erasure.requests"), 303)
