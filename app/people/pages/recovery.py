"""A forgotten password: the desk gives a code in person, its owner chooses a new password with it."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _

from app.extensions import limiter
from app.kernel.access import needs, public
from app.kernel.errors import Invalid, NotFound, TooManyTries, WrongSecret
from app.kernel.web import form_page, loaded
from app.people import safety, schemas, session_cookie
from app.people.pages.blueprint import pages
from app.people.pages.signing import SIGNING_IN_AS
from app.people.phones import national
from app.people.stepup import fresh

MINUTES = int(safety.CODE_LASTS.total_seconds() // 60)


@pages.get("/desk/reset")
@needs("account.recover")
@fresh
def help_in() -> Any:
    return form_page("people/desk_reset.html", given=None, minutes=MINUTES)


@pages.post("/desk/reset")
@needs("account.recover")
@fresh
@limiter.limit("30 per hour")
def give_code() -> Any:
    try:
        account = safety.person_to_help(loaded(schemas.PhoneOnly())["phone"], actor=g.actor)
    except Invalid as error:
        return form_page("people/desk_reset.html", error, given=None, minutes=MINUTES)
    except NotFound as error:
        return form_page("people/desk_reset.html", Invalid({"phone": [error.detail]}), given=None, minutes=MINUTES)
    code = safety.give_reset_code(account.id, actor=g.actor)
    halves = f"{code[: len(code) // 2]} {code[len(code) // 2 :]}"  # easier to read out, and it fits a phone
    return form_page("people/desk_reset.html", given={"name": account.name, "code": halves}, minutes=MINUTES)


@pages.get("/reset")
@public
def reset() -> Any:
    return form_page("people/reset.html")


@pages.post("/reset")
@public
@limiter.limit("20 per hour")
def reset_now() -> Any:
    try:
        given = loaded(schemas.Reset())
        safety.reset_password(**given)
    except Invalid as error:
        return form_page("people/reset.html", error)
    except (WrongSecret, TooManyTries) as error:
        return form_page("people/reset.html", Invalid({"code": [error.detail]}))
    session_cookie.current()[SIGNING_IN_AS] = national(given["phone"])
    flash(_("新密码设好了，请用新密码登录。"), "good")
    return redirect(url_for("people.sign_in"), 303)
