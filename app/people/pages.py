"""Pages about people: signing in and up, one's own data, a volunteer's time and profile, the inbox."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.extensions import limiter
from app.kernel import clock
from app.kernel.access import needs, public
from app.kernel.errors import DomainError, Invalid, PhoneTaken, WrongSecret
from app.kernel.web import form_page, go, loaded, local_path
from app.live import sockets
from app.notices.service import read
from app.people import guessing, queries, schemas, service, session_cookie, sessions
from app.people.choices import demo_accounts, volunteer_choices

pages = Blueprint("people", __name__)

GRID_HOURS = range(6, 22)


@pages.get("/sign-in")
@public
def sign_in() -> Any:
    return form_page("people/sign_in.html", next=local_path(request.args.get("next"), "/"), demo=demo_accounts())


@pages.post("/sign-in")
@public
@guessing.limited
def sign_in_now() -> Any:
    back = local_path(request.form.get("next"), "/")
    try:
        actor = service.authenticate(**loaded(schemas.SignIn()))
    except (Invalid, WrongSecret) as error:
        shown = error if isinstance(error, Invalid) else Invalid({"phone": [error.detail]})
        return form_page("people/sign_in.html", shown, next=back, demo=demo_accounts())
    session_cookie.current().sign_in(str(actor.account_id))
    return redirect(back, 303)


@pages.get("/sign-up")
@public
def sign_up() -> Any:
    values = {"role": request.args.get("role", "resident")}
    return form_page("people/sign_up.html", values=values, communities=queries.communities())


@pages.post("/sign-up")
@public
@limiter.limit("20 per hour")
def sign_up_now() -> Any:
    try:
        actor = service.sign_up(**loaded(schemas.SignUp()))
    except (Invalid, PhoneTaken) as error:
        shown = error if isinstance(error, Invalid) else Invalid({"phone": [error.detail]})
        return form_page("people/sign_up.html", shown, communities=queries.communities())
    session_cookie.current().sign_in(str(actor.account_id))
    flash(_("欢迎您，%(name)s！", name=actor.name), "good")
    return redirect("/", 303)


@pages.post("/sign-out")
@public
def sign_out() -> Any:
    current = session_cookie.current()
    if current.row_id:
        sockets.forget(current.token)
        sessions.end(current.row_id)
    response = redirect("/", 303)
    response.delete_cookie(current_app.config["SESSION_COOKIE_NAME"])
    current.drop()
    return response


@pages.get("/me")
@needs("account.self")
def me() -> Any:
    account = queries.own_account(g.actor)
    return form_page(
        "people/me.html", values={"name": account.name}, account=account, home=queries.home_office(g.actor)
    )


@pages.post("/me")
@needs("account.self")
def amend_me() -> Any:
    try:
        service.prefer(actor=g.actor, **loaded(schemas.Preferences()))
    except Invalid as error:
        account = queries.own_account(g.actor)
        return form_page("people/me.html", error, account=account, home=queries.home_office(g.actor))
    flash(_("已保存。"), "good")
    return redirect(url_for("people.me"), 303)


@pages.get("/me/notices")
@needs("account.self")
def notices() -> Any:
    return render_template("people/notices.html", notices=queries.inbox(g.actor))


@pages.post("/me/notices/<notice_id>/reading")
@needs("account.self")
def read_notice(notice_id: str) -> Any:
    read(notice_id, actor=g.actor)
    return go(url_for("people.notices"))


# ---------- volunteers ----------


def _time_page(error: DomainError | None = None) -> Any:
    volunteer = queries.own_volunteer(g.actor)
    return form_page(
        "people/availability.html",
        error,
        values={"cells": queries.grid_cells(volunteer)},
        volunteer=volunteer,
        hours=GRID_HOURS,
        exceptions=queries.exceptions_ahead(volunteer, clock.now()),
    )


@pages.get("/volunteer/availability")
@needs("volunteer.self")
def availability() -> Any:
    return _time_page()


@pages.post("/volunteer/availability")
@needs("volunteer.self")
def save_availability() -> Any:
    try:
        service.set_grid(loaded(schemas.Grid())["cells"], actor=g.actor)
    except Invalid as error:
        return _time_page(error)
    flash(_("您的时间已保存，派单会照着来。"), "good")
    return redirect(url_for("people.availability"), 303)


@pages.post("/volunteer/exceptions")
@needs("volunteer.self")
def add_exception() -> Any:
    try:
        service.add_exception(actor=g.actor, **loaded(schemas.Span()))
    except Invalid as error:
        return _time_page(error)
    flash(_("已记下。"), "good")
    return redirect(url_for("people.availability"), 303)


@pages.post("/volunteer/exceptions/<exception_id>/removal")
@needs("volunteer.self")
def drop_exception(exception_id: str) -> Any:
    service.drop_exception(exception_id, actor=g.actor)
    return redirect(url_for("people.availability"), 303)


@pages.post("/volunteer/duty")
@needs("volunteer.self")
def set_duty() -> Any:
    duty = loaded(schemas.Duty())
    service.set_duty(duty["on"], duty["hours"], actor=g.actor)
    flash(_("您已上岗，附近有急单会先问您。") if duty["on"] else _("您已下岗，好好休息。"), "good")
    return go(url_for("people.availability"))


def _profile_page(error: DomainError | None = None) -> Any:
    volunteer = queries.own_volunteer(g.actor)
    return form_page(
        "people/profile.html", error, values=volunteer_choices.current(volunteer), volunteer=volunteer,
        choices=volunteer_choices,
    )  # fmt: skip


@pages.get("/volunteer/profile")
@needs("volunteer.self")
def profile() -> Any:
    return _profile_page()


@pages.post("/volunteer/profile")
@needs("volunteer.self")
def save_profile() -> Any:
    try:
        fields = loaded(schemas.VolunteerProfile())
        for name in ("quiet_from", "quiet_until"):
            fields.setdefault(name, None)
        service.amend_volunteer(actor=g.actor, **{"skills": [], "languages": [], **fields})
    except Invalid as error:
        return _profile_page(error)
    flash(_("已保存。新加的技能要等社区核实后才会派单。"), "good")
    return redirect(url_for("people.profile"), 303)


@pages.post("/volunteer/credentials")
@needs("volunteer.self")
def add_credential() -> Any:
    try:
        service.add_credential(actor=g.actor, **loaded(schemas.NewCredential()))
    except Invalid as error:
        return _profile_page(error)
    flash(_("已记下，请带原件到社区核实。"), "good")
    return redirect(url_for("people.profile"), 303)
