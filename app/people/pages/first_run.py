"""The first page of a new site: the token from the terminal, the city's office, its administrator."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from app.extensions import limiter
from app.kernel.access import public
from app.kernel.errors import Invalid, NotFound, WrongSecret
from app.kernel.web import form_page, loaded
from app.people import first_run, schemas, session_cookie
from app.people.pages.blueprint import pages
from app.people.pages.signing import SIGNING_IN_AS
from app.people.phones import national


@pages.get("/first-run")
@public
def first_page() -> Any:
    if not first_run.is_open():
        raise NotFound()
    return form_page("people/first_run.html")


@pages.post("/first-run")
@public
@limiter.limit("20 per hour")
def begin() -> Any:
    if not first_run.is_open():
        raise NotFound()
    try:
        given = loaded(schemas.FirstRun())
        first_run.begin(**given)
    except Invalid as error:
        return form_page("people/first_run.html", error)
    except WrongSecret as error:
        return form_page("people/first_run.html", Invalid({"token": [error.detail]}))
    session_cookie.current()[SIGNING_IN_AS] = national(given["phone"])
    flash(_("开通好了。请登录，然后添加下级单位和工作人员。"), "good")
    return redirect(url_for("people.sign_in"), 303)
