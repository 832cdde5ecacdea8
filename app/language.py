"""Chinese first, English complete: which of the two a page speaks."""

from __future__ import annotations

from flask import g, has_request_context, request, session

LANGUAGES = ("zh", "en")


def current_language() -> str:
    """The signed-in person's choice, else the session's, else the browser's, else Chinese."""
    if not has_request_context():
        return "zh"
    chosen = session.get("language") or (g.actor.language if g.get("actor") and g.actor.is_signed_in else None)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, default="zh") or "zh"
