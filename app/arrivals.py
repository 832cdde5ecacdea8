"""What is looked at before any route: each request gets a number, and what nothing of ours would send ends here."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, g, request
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge

MOST_BYTES = 128 * 1024
"""Of a body without pictures: words are short."""
WITH_PICTURES = frozenset({"ordering.answer", "people.put_portrait"})
MOST_PARTS = 2000
"""Values in one JSON body."""


def init_app(app: Flask) -> None:
    for look in (number_request, refuse_nul, read_json):
        app.before_request(look)


def number_request() -> None:
    g.request_id = uuid.uuid4().hex[:12]


def refuse_nul() -> None:
    """No id or search holds a NUL, and PostgreSQL would take it for an error of ours; schemas see to the rest."""
    searched = () if request.path.startswith("/api/") else request.args.values()
    if "\0" in request.path or any("\0" in value for value in searched):
        raise NotFound()


def read_json() -> None:
    """Only pictures are large. Numbers of 5,000 digits, 100,000 brackets or names end here, before any schema."""
    if request.endpoint not in WITH_PICTURES:
        request.max_content_length = MOST_BYTES
    try:
        if request.is_json and (request.content_length or "Transfer-Encoding" in request.headers):
            _refuse_crowds(request.get_json())
    except RecursionError as error:
        raise BadRequest() from error


def _refuse_crowds(content: Any) -> None:
    """No form of ours has so many parts; each would be looked at, and complained of, by itself."""
    count, waiting = 0, [content]
    while waiting:
        one = waiting.pop()
        count += 1
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        if count + len(waiting) > MOST_PARTS:
            raise RequestEntityTooLarge()
