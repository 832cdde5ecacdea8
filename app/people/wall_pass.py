"""How a screen on the wall is let in: an API key with the scope `screen`, kept in a cookie that goes to /screen only.

It is made, listed and revoked where all keys are. It shows the sums of one office's subtree and can do nothing else; it
does not run out with a session, but with the key.
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app, request
from werkzeug.wrappers import Response

from app.kernel.access import NOBODY, Actor
from app.kernel.clock import now
from app.kernel.errors import DomainError
from app.people import api_keys
from models import ApiKey
from models.kinds import Scope

COOKIE = "linli_screen"
PATH = "/screen"
DOORS = ("/screen", "/screen/now")


def actor_of_wall() -> Actor:
    """The wall behind the request's cookie; NOBODY where there is none, or its key is over or revoked."""
    token = request.cookies.get(COOKIE, "")
    if request.path not in DOORS or not api_keys.is_key(token):
        return NOBODY
    try:
        return api_keys.enter(token)
    except DomainError:
        return NOBODY


def row_of(token: str) -> ApiKey:
    """The living key of a wall; raises NotSignedIn for anything else."""
    return api_keys.living(token, Scope.SCREEN)


def hand_over(response: Response, token: str, expires_at: datetime) -> Response:
    """The answer with the wall's cookie."""
    response.set_cookie(
        COOKIE, token, path=PATH, max_age=int((expires_at - now()).total_seconds()), httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]), samesite="Lax",
    )  # fmt: skip
    return response
