"""The password once more, before something grave; then back, with whatever was being sent."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request
from flask_babel import gettext as _

from app.kernel.access import needs
from app.kernel.errors import CodeRequired, Invalid, TooManyTries, WrongSecret
from app.kernel.web import form_page, loaded, local_path
from app.people import proving, schemas, second_factor, session_cookie, stepup
from app.people.pages.blueprint import pages


def _page(back: str, error: Invalid | None = None) -> Any:
    with_code = second_factor.is_on(str(g.actor.account_id))
    return form_page("people/confirm.html", error, next=back, with_code=with_code)


@pages.get("/confirm")
@needs("account.self")
def confirm() -> Any:
    return _page(local_path(request.args.get("next"), "/"))


@pages.post("/confirm")
@needs("account.self")
def confirm_now() -> Any:
    back = local_path(request.form.get("next"), "/")
    try:
        with_factor = proving.again(**loaded(schemas.Proof()), actor=g.actor)
    except Invalid as error:
        return _page(back, error)
    except CodeRequired as error:
        return _page(back, Invalid({"code": [error.detail]}))
    except WrongSecret:
        return _page(back, Invalid({"password": [_("密码或验证码不对，请再试一次。")]}))
    except TooManyTries as error:
        return _page(back, Invalid({"password": [error.detail]}))
    session_cookie.current().prove(second_factor=with_factor)
    held = stepup.held_form()
    if held is None:
        return redirect(back, 303)
    return render_template("people/go_on.html", held=held, back=back)
