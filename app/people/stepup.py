"""Step-up: before something grave the password is asked for again, where it was last given more than minutes ago.

    @pages.post("/…")
    @needs("role.grant")
    @fresh
    def add_person(): ...

A page leads to /confirm and back; a form that was posted is kept meanwhile (sealed, in the session) and sent on after
it. A program gets 401 `step_up_required` and posts the password to /api/v1/session/proof.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, redirect, request, url_for

from app.kernel.clock import now
from app.kernel.errors import StepUpRequired
from app.kernel.web import local_path
from app.people.session_cookie import Session, current

HELD = "held_form"
MOST_HELD = 20_000
"""Characters of a posted form that are kept over a step-up; a longer one is typed again."""


def is_fresh(session: Session) -> bool:
    """Whether the password was given in this session within the last minutes (the setting STEP_UP_MINUTES)."""
    span = timedelta(minutes=current_app.config["LINLI"].step_up_minutes)
    return session.proved_at is not None and session.proved_at + span > now()


def fresh(view: Callable[..., Any]) -> Callable[..., Any]:
    """Close a route to whoever has not given the password lately. Put it below @needs."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not is_fresh(current()):
            raise StepUpRequired()
        return view(*args, **kwargs)

    guarded.is_fresh = True  # type: ignore[attr-defined]  # read by the test that walks all routes
    return guarded


def hold_form() -> None:
    """Keep the form of this request until the password has been given."""
    form = [[name, value] for name, value in request.form.items(multi=True) if name != "csrf_token"]
    if request.files or sum(len(name) + len(value) for name, value in form) > MOST_HELD:
        return
    current()[HELD] = {"path": request.full_path.rstrip("?"), "form": form}


def held_form() -> dict[str, Any] | None:
    """The form that waits, and no longer: {path, form}."""
    found: dict[str, Any] | None = current().pop(HELD, None)
    return found


def ask() -> Any:
    """Lead a page to the question, and remember the way back."""
    if request.method == "GET":
        return redirect(url_for("people.confirm", next=request.full_path.rstrip("?")), 303)
    hold_form()
    came_from = urlsplit(request.referrer or "")
    back = local_path(f"{came_from.path}?{came_from.query}".rstrip("?"), "/")
    return redirect(url_for("people.confirm", next=back), 303)
