"""Errors told once: a domain word becomes a status, as problem+json for programs and as a page for people."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    RequestTimeout,
)

from app import outage
from app.kernel import errors, troubles
from app.kernel.troubles import first_line
from app.kernel.web import go, wants_json
from app.people import stepup
from models import db
from models.sealed import Erased

log = logging.getLogger(__name__)

STATUS: dict[type[errors.DomainError], int] = {
    errors.NotSignedIn: 401,
    errors.WrongSecret: 401,
    errors.StepUpRequired: 401,
    errors.CodeRequired: 401,
    errors.FactorRequired: 403,
    errors.TooManyTries: 429,
    errors.TooManyLooks: 429,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.WrongState: 409,
    errors.AlreadyTaken: 409,
    errors.OfferOver: 409,
    errors.Overlaps: 409,
    errors.NotFitting: 409,
    errors.TooEarly: 409,
    errors.OwnEntry: 409,
    errors.AlreadyRated: 409,
    errors.Conflict: 409,
    errors.ChangedMeanwhile: 409,
    errors.WrongCode: 422,
    errors.KeyReused: 422,
    errors.Invalid: 422,
    errors.Unavailable: 503,
    errors.StorageFull: 507,
}


def problem(
    status: int,
    code: str,
    title: Any,
    detail: Any,
    *,
    mend: dict[str, list[Any]] | None = None,
    more: dict[str, Any] | None = None,
) -> Response:
    """The answer to something that did not work: RFC 9457 for programs, a plain page for people.

    `mend` maps the fields of a posted form to what is wrong with them: the page then holds the form again.
    `more` are further particulars for programs.
    """
    body = {
        **(more or {}),
        "type": f"{request.host_url}docs/api#problem-{code}",
        "title": str(title),
        "status": status,
        "detail": str(detail),
        "instance": request.path,
        "code": code,
        "request_id": g.get("request_id", ""),
    }
    if wants_json():
        response = jsonify(body)
        response.mimetype = "application/problem+json"
    else:
        kept = outage.kept_form() if status in {503, 507} else None
        page = render_template("errors/problem.html", **body, mend=mend, kept=kept, phone=outage.known_phone())
        response = Response(page, mimetype="text/html")
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status in {429, 503, 507}:
        response.headers["Retry-After"] = "60" if status == 507 else "5"
    return response


def domain_problem(error: errors.DomainError) -> Response:
    """The answer to a domain error, with whatever plain particulars it carries."""
    more = {name: value for name, value in error.more.items() if isinstance(value, str | int | list | dict)}
    mend = None
    if isinstance(error, errors.Invalid):
        mend = error.fields if request.form else None
        more["errors"] = [
            {"pointer": f"/{name}", "detail": str(text)} for name, texts in error.fields.items() for text in texts
        ]
    return problem(STATUS[type(error)], error.code, error.title, error.detail, mend=mend, more=more)


def _at_the_desk() -> bool:
    """A button of the desk was pressed on a page that had aged: the words belong on that page, fresh."""
    return (
        request.path.startswith("/desk/") and request.method == "POST" and "_next" in request.form and not wants_json()
    )


def _asks_again(error: errors.NotFitting) -> bool:
    """What a coordinator should know before they go on: with the reasons, and the form to send once more."""
    return request.path.startswith("/desk/") and not wants_json() and bool(error.more.get("conflicts"))


def _is_question(error: errors.DomainError) -> bool:
    """A press on the board that a person must decide about: the board asks them, nothing went wrong."""
    by_the_board = request.path.startswith("/desk/") and wants_json()
    return by_the_board and not error.more.keys().isdisjoint({"conflicts", "changes"})


def flatten(messages: Any, under: str = "") -> list[dict[str, str]]:
    """marshmallow's nested messages as a list of {pointer, detail}."""
    if isinstance(messages, dict):
        return [row for key, value in messages.items() for row in flatten(value, f"{under}/{key}")]
    if isinstance(messages, list | tuple):
        return [{"pointer": under or "/", "detail": str(text)} for text in messages]
    return [{"pointer": under or "/", "detail": str(messages)}]


def init_app(app: Flask) -> None:
    """Who answers for what goes wrong."""
    for kind, answer in ANSWERS.items():
        app.register_error_handler(kind, answer)


# ---------- what goes wrong ----------


def tell_domain(error: errors.DomainError) -> Any:
    """Programs get the problem; people are led to where they can mend it."""
    db.session.rollback()
    if isinstance(error, errors.NotSignedIn) and not wants_json():
        flash(str(error.detail), "info")
        back = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for("people.sign_in", next=back), 303)
    if isinstance(error, errors.StepUpRequired) and not wants_json():
        return stepup.ask()
    if _is_question(error):  # browsers write down each 409 as an error; programs (/api/) still get theirs
        return {"ask": domain_problem(error).get_json()}
    if isinstance(error, errors.NotFitting) and _asks_again(error):
        return Response(render_template("errors/conflicts.html", error=error), 409, mimetype="text/html")
    if isinstance(error, errors.ChangedMeanwhile) and not wants_json():
        page = render_template("errors/meanwhile.html", error=error, kept=outage.kept_form())
        return Response(page, 409, mimetype="text/html")
    if _at_the_desk() and STATUS[type(error)] == 409:
        flash(str(error.detail), "bad")
        return go("/board")
    return domain_problem(error)


def show_erased(_error: Erased) -> Any:
    """They were forgotten while somebody was still writing."""
    return domain_problem(errors.Conflict())


def tell_csrf(_error: CSRFError) -> Response:
    return problem(403, "csrf", _("页面放得太久了"), _("请返回上一页，刷新后再提交一次，您填的内容还在。"))


def tell_http(error: HTTPException) -> Any:
    if error.response is not None or (error.code or 500) < 400:
        return error
    return _http_problem(error)


def tell_database(error: Exception) -> Any:
    """Reads are tried again while there is time; what was to be written waits in the page for its sender."""
    db.session.rollback()
    if request.method in outage.SAFE and troubles.passes(error):
        try:
            return outage.again(current_app)
        except (DBAPIError, PoolTimeout) as last:
            error = last
        except (errors.DomainError, HTTPException) as told:
            return current_app.handle_user_exception(told)
    return below(error)


def below(error: Exception) -> Any:
    """The answer to trouble below us: the database, the disk, the line the request came on."""
    db.session.rollback()
    if isinstance(error, TimeoutError):
        return _http_problem(RequestTimeout())
    found = troubles.told(error)
    if not isinstance(found, errors.DomainError):
        return unexpected(error)
    words = first_line(getattr(error, "orig", error))
    log.error("%s on %s %s: %s", found.code, request.method, request.path, words)
    return domain_problem(found)


def unexpected(error: Exception) -> Response:
    """The answer to what nobody foresaw; tests may ask to see it raised."""
    db.session.rollback()
    if type(error).__module__.startswith("gunicorn."):  # pieces of a body that are none
        return _http_problem(BadRequest())
    log.error("unexpected on %s %s", request.method, request.path, exc_info=error)
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return problem(500, "internal", _("出了点问题"), _("我们已经记下来了。请过一会儿再试，或打电话给社区。"))


def _http_problem(error: HTTPException) -> Response:
    code = error.code or 500
    words = {
        400: (_("请求的格式不对"), _("请返回上一页检查后再试。")),
        404: (_("没有找到"), _("这个页面不存在，或您没有查看的权限。")),
        405: (_("不能这样做"), _("请从页面上的按钮操作。")),
        408: (_("等得太久了"), _("网络太慢，内容没有传完，请再试一次。")),
        413: (_("内容太大"), _("图片最大 8 MB，文字请写短一点。")),
        415: (_("格式不支持"), _("请用 application/json 发送。")),
        422: (_("有几处需要改一下"), _("请看标出的地方，改好后再提交。")),
        429: (_("操作太快了"), _("请休息一下，过一会儿再试。")),
    }
    title, detail = words.get(code, (error.name, error.description))
    messages = (getattr(error, "data", None) or {}).get("messages")
    more: dict[str, Any] = {"errors": flatten(_without_location(messages))} if messages else {}
    answer = problem(code, {422: "validation", 429: "rate_limited"}.get(code, f"http_{code}"), title, detail, more=more)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.allow.update(error.valid_methods)  # RFC 9110: a 405 says what is allowed
    return answer


def _without_location(messages: Any) -> Any:
    """webargs puts the place (json, query) first; people know the field."""
    if isinstance(messages, dict) and set(messages) <= {"json", "query", "form", "files", "path"}:
        merged: dict[str, Any] = {}
        for part in messages.values():
            merged |= part if isinstance(part, dict) else {"": part}
        return merged
    return messages


ANSWERS: dict[type[Exception], Callable[[Any], Any]] = {
    errors.DomainError: tell_domain,
    Erased: show_erased,
    CSRFError: tell_csrf,
    HTTPException: tell_http,
    DBAPIError: tell_database,
    PoolTimeout: tell_database,
    OSError: below,
    Exception: unexpected,
}
