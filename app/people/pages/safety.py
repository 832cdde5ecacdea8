"""The safety of one's own account: where one is signed in, a new password, the second factor."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from app.kernel.access import needs
from app.kernel.errors import CodeRequired, DomainError, Invalid, NotFound, TooManyTries, WrongSecret
from app.kernel.web import form_page, loaded
from app.live import sockets
from app.people import proving, queries, safety, schemas, second_factor, session_cookie, sessions
from app.people.pages.blueprint import pages
from app.people.phones import masked
from app.people.stepup import fresh

ENROLLING = "enrolling"


@pages.get("/me/safety")
@needs("account.self")
def own_safety() -> Any:
    account_id = str(g.actor.account_id)
    return render_template(
        "people/safety.html", rows=sessions.of_account(account_id), here=session_cookie.current().row_id,
        factor=second_factor.is_on(account_id), wanted=second_factor.is_wanted(account_id),
        codes_left=second_factor.codes_left(account_id),
    )  # fmt: skip


@pages.post("/me/sessions/<session_id>/removal")
@needs("account.self")
def end_session(session_id: str) -> Any:
    if not sessions.end_own(str(g.actor.account_id), session_id):
        raise NotFound()
    sockets.close_ended()
    flash(_("那里已经退出登录。"), "good")
    return redirect(url_for("people.own_safety"), 303)


@pages.post("/me/sessions/removal")
@needs("account.self")
def end_other_sessions() -> Any:
    sessions.end_all(str(g.actor.account_id), but=session_cookie.current().row_id)
    sockets.close_ended()
    flash(_("除了这里，其他地方都已退出登录。"), "good")
    return redirect(url_for("people.own_safety"), 303)


# ---------- a new password ----------


def _password_page(error: DomainError | None = None) -> Any:
    with_code = second_factor.is_on(str(g.actor.account_id))
    return form_page("people/password.html", error, with_code=with_code)


@pages.get("/me/password")
@needs("account.self")
def own_password() -> Any:
    return _password_page()


@pages.post("/me/password")
@needs("account.self")
def change_password() -> Any:
    current = session_cookie.current()
    try:
        given = loaded(schemas.NewPassword())
        with_factor = proving.again(given["password_now"], given["code"], actor=g.actor)
        safety.change_password(given["password"], actor=g.actor, session_id=current.row_id)
    except Invalid as error:
        return _password_page(error)
    except CodeRequired as error:
        return _password_page(Invalid({"code": [error.detail]}))
    except WrongSecret:
        return _password_page(Invalid({"password_now": [_("密码或验证码不对，请再试一次。")]}))
    except TooManyTries as error:
        return _password_page(Invalid({"password_now": [error.detail]}))
    current.prove(second_factor=with_factor)
    flash(_("密码已经改好，其他地方都已退出登录。"), "good")
    return redirect(url_for("people.own_safety"), 303)


# ---------- the second factor ----------


def _factor_page(error: DomainError | None = None) -> Any:
    secret = session_cookie.current()[ENROLLING]
    label = masked(queries.own_account(g.actor).phone)
    picture = second_factor.picture_of(second_factor.address_of(secret, label))
    groups = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return form_page("people/factor.html", error, picture=picture, secret=groups)


@pages.get("/me/factor")
@needs("account.self")
@fresh
def own_factor() -> Any:
    """Shows a new secret; it counts once a code of it has been typed."""
    session_cookie.current().setdefault(ENROLLING, second_factor.new_secret())
    session_cookie.current().modified = True
    return _factor_page()


@pages.post("/me/factor")
@needs("account.self")
@fresh
def turn_factor_on() -> Any:
    current = session_cookie.current()
    if ENROLLING not in current:
        return redirect(url_for("people.own_factor"), 303)
    try:
        code = loaded(schemas.FactorCode())["code"]
        codes = second_factor.turn_on(current[ENROLLING], code, actor=g.actor, session_id=current.row_id)
    except Invalid as error:
        return _factor_page(error)
    except WrongSecret:
        return _factor_page(Invalid({"code": [_("验证码不对，请看看应用上现在的数字，手机的时间要准。")]}))
    current.pop(ENROLLING)
    current.prove(second_factor=True)
    return render_template("people/recovery_codes.html", codes=codes)


@pages.post("/me/factor/removal")
@needs("account.self")
@fresh
def turn_factor_off() -> Any:
    current = session_cookie.current()
    second_factor.turn_off(str(g.actor.account_id), actor=g.actor, session_id=current.row_id)
    current.lose_factor()
    flash(_("两步验证已关闭。"), "good")
    return redirect(url_for("people.own_safety"), 303)
