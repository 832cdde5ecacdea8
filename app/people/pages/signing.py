"""Signing in, up and out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _

from app.extensions import limiter
from app.kernel import clock
from app.kernel.access import public
from app.kernel.errors import CodeRequired, DomainError, Invalid, NotSignedIn, TooManyTries, WrongSecret
from app.kernel.web import form_page, loaded, local_path
from app.live import sockets
from app.people import devices, proving, queries, schemas, service, session_cookie, sessions
from app.people.choices import demo_accounts
from app.people.pages.blueprint import pages
from app.people.phones import find_account, national, normalise

SIGNING_IN_AS = "signing_in_as"
HALF_IN = "half_in"
CODE_WITHIN = timedelta(minutes=5)


@pages.get("/sign-in")
@public
def sign_in() -> Any:
    return _sign_in_page(local_path(request.args.get("next"), "/"))


@pages.post("/sign-in")
@public
def sign_in_now() -> Any:
    back = local_path(request.form.get("next"), "/")
    given: dict[str, Any] = {}
    try:
        given = loaded(schemas.SignInPage())
        proven = proving.by_password(given["phone"], given["password"])
    except CodeRequired:
        return _ask_code(given["phone"], back)
    except (Invalid, WrongSecret, TooManyTries) as error:
        shown = error if isinstance(error, Invalid) else Invalid({"phone": [_in_words(error)]})
        return _sign_in_page(back, shown)
    return _enter(proven, back)


def _sign_in_page(back: str, error: Invalid | None = None) -> Any:
    values = {"phone": session_cookie.current().get(SIGNING_IN_AS, "")}
    return form_page("people/sign_in.html", error, values=values, next=back, demo=demo_accounts())


def _in_words(error: DomainError) -> str:
    if not isinstance(error, TooManyTries):
        return str(error.detail)
    return _("试得太多了，请过 %(n)s 分钟再试；着急的话，请社区当面帮您重设密码。", n=-(-error.more["seconds"] // 60))


def _enter(proven: proving.Proven, back: str) -> Any:
    """Signed in: a new session, a browser that is known from now on, and on to where one was going."""
    current = session_cookie.current()
    for name in (SIGNING_IN_AS, HALF_IN):
        current.pop(name, None)
    current.sign_in(proven.account_id, second_factor=proven.second_factor)
    device = devices.token_here() or devices.new_token()
    proving.arrived(proven.account_id, device)
    return devices.hand_over(redirect(back, 303), device)


# ---------- the second factor ----------


def _ask_code(phone: str, back: str) -> Any:
    account = find_account(normalise(phone))
    until = clock.now() + CODE_WITHIN
    session_cookie.current()[HALF_IN] = [account.id if account else "", until.isoformat(), back]
    return redirect(url_for("people.sign_in_code"), 303)


def _half_in() -> tuple[str, str]:
    """Who has given the password and not yet the code, and where they were going; NotSignedIn for nobody."""
    account_id, until, back = session_cookie.current().get(HALF_IN) or ["", clock.now().isoformat(), "/"]
    if datetime.fromisoformat(until) <= clock.now():
        raise NotSignedIn()
    return account_id, back


@pages.get("/sign-in/code")
@public
def sign_in_code() -> Any:
    _half_in()
    return form_page("people/sign_in_code.html")


@pages.post("/sign-in/code")
@public
def sign_in_code_now() -> Any:
    account_id, back = _half_in()
    try:
        proving.by_code(account_id, loaded(schemas.FactorCode())["code"])
    except (Invalid, WrongSecret, TooManyTries) as error:
        wrong = _("验证码不对，请看看应用上现在的数字。") if isinstance(error, WrongSecret) else _in_words(error)
        shown = error if isinstance(error, Invalid) else Invalid({"code": [wrong]})
        return form_page("people/sign_in_code.html", shown)
    return _enter(proving.Proven(account_id, second_factor=True), back)


# ---------- signing up and out ----------


@pages.get("/sign-up")
@public
def sign_up() -> Any:
    values = {"role": request.args.get("role", "resident"), "next": local_path(request.args.get("next"), "/")}
    return form_page("people/sign_up.html", values=values, communities=queries.communities())


@pages.post("/sign-up")
@public
@limiter.limit("20 per hour")
def sign_up_now() -> Any:
    """The same answer for a new number and for one that has an account: whoever knows the password gets in next."""
    try:
        given = loaded(schemas.SignUp())
        service.sign_up(**given)
    except Invalid as error:
        return form_page("people/sign_up.html", error, communities=queries.communities())
    session_cookie.current()[SIGNING_IN_AS] = national(given["phone"])
    flash(_("资料收到了，请用刚才的密码登录。"), "good")
    flash(_("如果您以前注册过，请用以前的密码；忘了密码，社区可以当面帮您重设。"), "info")
    return redirect(url_for("people.sign_in", next=local_path(request.form.get("next"), "/")), 303)


@pages.post("/sign-out")
@public
def sign_out() -> Any:
    current = session_cookie.current()
    if current.row_id:
        sockets.forget(current.token)
        sessions.end(current.row_id)
    response = redirect("/", 303)
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.delete_cookie(current_app.config["SESSION_COOKIE_NAME"], secure=secure, httponly=True)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'  # that one has been here may stay known
    current.drop()
    return response
