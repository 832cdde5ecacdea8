"""How often a password may be guessed: from one place, at one person, and both. The same for pages and programs.

One place alone never shuts a person out of their own account: its tries at one person end long before the person's do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, request

from app.extensions import limiter, whence
from app.people.phones import normalise

FROM_ONE_PLACE = "10 per 5 minutes"
AT_ONE_PERSON_FROM_ONE_PLACE = "12 per hour"
AT_ONE_PERSON = "60 per hour"


def limited(view: Callable[..., Any]) -> Callable[..., Any]:
    """Put all three on a route that takes `phone` and `password`."""
    rules: tuple[tuple[str, str, Callable[[], str]], ...] = (
        ("place", FROM_ONE_PLACE, whence),
        ("both", AT_ONE_PERSON_FROM_ONE_PLACE, lambda: f"{whence()} {_whom()}"),
        ("person", AT_ONE_PERSON, _whom),
    )
    for name, limit, key in rules:
        only_wrong = None if name == "place" else _was_wrong
        view = limiter.shared_limit(limit, scope=f"sign-in-{name}", key_func=key, deduct_when=only_wrong)(view)
    return view


def _whom() -> str:
    """The person whose password is tried, however the number is written; no number is kept among the counters."""
    sent: Any = request.get_json(silent=True) if request.is_json else request.form
    typed = sent.get("phone") if hasattr(sent, "get") else ""
    typed = typed[:40] if isinstance(typed, str) else ""
    return hashlib.sha256((normalise(typed) or typed).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _was_wrong(response: Response) -> bool:
    return response.status_code in (401, 422)
