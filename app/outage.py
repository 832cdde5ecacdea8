"""What people see while the database is away or the disk is full: a page that says so and keeps what they typed.

Whoever only reads is tried again for them. Nothing here may ask the database.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

from flask import Flask, current_app, g, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.kernel import troubles
from app.words import FIELD_WORDS
from models import db

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SECRET = frozenset({"password", "password_now"})
"""Fields that no page ever shows again: they are asked for anew."""
MOST_PHONES = 5000
_phones: OrderedDict[str, str] = OrderedDict()


def remember_phone(account_id: str, phone: str) -> None:
    """The number of the desk that this person would call, for the time when nobody can look it up."""
    if phone:
        _phones[account_id] = phone
        _phones.move_to_end(account_id)
        while len(_phones) > MOST_PHONES:
            _phones.popitem(last=False)


def known_phone() -> str:
    """The number for whoever is asking; for strangers the one given in the settings."""
    actor = g.get("actor")
    return _phones.get(getattr(actor, "account_id", None) or "", "") or str(current_app.config["LINLI"].desk_phone)


def kept_form() -> dict[str, Any] | None:
    """What a form sent, to be sent again from the page that says it could not be kept; None where there was none."""
    if request.method in SAFE:
        return None
    try:
        typed = list(request.form.items(multi=True))
    except HTTPException:
        return None
    if not typed:
        return None
    return {
        "token": request.form.get("csrf_token", ""),  # the one that was sent: there may be nobody to make another
        "fields": [(name, value) for name, value in typed if name not in SECRET | {"csrf_token"}],
        "words": [
            (name, value) for name, value in typed if value.strip() and name in FIELD_WORDS and not name.endswith("_id")
        ],
        "secrets": sorted({name for name, _ in typed} & SECRET),
        "had_files": any(file.filename for file in request.files.values()),
    }


def again(app: Flask) -> Any:
    """The same request from its beginning: reading twice harms nobody. Raises what stood against it last."""
    until, attempt = troubles.deadline(), 0
    while True:
        attempt += 1
        troubles.pause(attempt)
        try:
            early = app.preprocess_request()
            return app.dispatch_request() if early is None else early
        except (DBAPIError, PoolTimeout) as error:
            db.session.rollback()
            if not troubles.passes(error) or time.monotonic() > until:
                raise
