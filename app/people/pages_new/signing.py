"""Signing in, up and out."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request
from flask_babel import gettext as _

from app.extensions import limiter
from app.kernel.access import public
from app.kernel.errors import Invalid, PhoneTaken, WrongSecret
from app.kernel.web import form_page, loaded, local_path
from app.live import sockets
from app.people import guessing, queries, schemas, service, session_cookie, sessions
from app.people.choices import demo_accounts
from app.people.pages.blueprint import pages


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
