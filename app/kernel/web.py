"""Small things both doors of every slice share: where to go next, and one form's way through a schema."""

from __future__ import annotations

import secrets
from typing import Any, TypeVar

import marshmallow as ma
from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.kernel.errors import DomainError, Invalid
from app.kernel.schema import form_data

S = TypeVar("S", bound=ma.Schema)
JSON = frozenset({"application/json", "application/problem+json"})


def local_path(target: str | None, default: str) -> str:
    """A path on this site, or the default: nobody is sent elsewhere by a link they were given."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(char <= " " for char in target):  # browsers overlook tabs and line ends: "/<tab>/" leads elsewhere
        return default
    return target


def go(default: str) -> Response:
    """See other: the page named in the form's `_next`, else the default."""
    return redirect(local_path(request.form.get("_next"), default), 303)


def wants_json() -> bool:
    """A program asks: through the API, or a module of ours that posts a page's form."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best in JSON


def done(said: str, default: str, **more: Any) -> Any:
    """The end of a form's way: the page it came from with one sentence on top; for a module of ours only the words."""
    if wants_json():
        return {"said": said, **more}
    flash(said, "good")
    return go(default)


def new_key() -> str:
    """A fresh idempotency key for a form."""
    return secrets.token_urlsafe(12)


def request_key() -> str | None:
    """The key under which this request has its effect once: a program's header, a form's hidden field."""
    return request.headers.get("Idempotency-Key") or request.form.get("_key")


def loaded(schema: ma.Schema) -> dict[str, Any]:
    """What the form sent, through its schema; raises Invalid with the fields' messages."""
    try:
        result: dict[str, Any] = schema.load(form_data(request.form, schema))
    except ma.ValidationError as error:
        raise Invalid(error.normalized_messages()) from error
    return result


def form_page(template: str, error: DomainError | None = None, *, beside: str = "_", **context: Any) -> Any:
    """A page with a form, filled in with `values`; after an error with its words, what was typed, and 422.

    An error that names no fields has its words put beside the field `beside`.
    """
    values = context.pop("values", {})
    if error is None:
        return render_template(template, errors={}, values=values, **context)
    errors = error.fields if isinstance(error, Invalid) else {beside: [error.detail]}
    return render_template(template, errors=errors, values=request.form, **context), 422
