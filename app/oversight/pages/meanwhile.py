"""Every form of the desk that says which version of the order its page showed is held against the order's own."""

from __future__ import annotations

from flask import g, request

from app.kernel.access import may
from app.oversight import meanwhile
from app.oversight.pages.desk import pages


@pages.before_app_request
def look_again() -> None:
    """Before a button of the desk has its effect: has a colleague changed the order? The form is then shown again."""
    seen = request.form.get("_seen", "") if request.method == "POST" and request.path.startswith("/desk/") else ""
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        return
    order = meanwhile.order_behind(request.view_args or {})
    if order is not None and may(g.actor, "board.see", order):
        meanwhile.refuse_if_changed(order, int(seen), g.actor)
