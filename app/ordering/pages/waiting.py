"""While an order waits: what would make it easier to find somebody."""

from __future__ import annotations

from typing import Any

from flask import g, render_template

from app.kernel.access import needs
from app.ordering import queries, service
from app.ordering.pages.blueprint import pages


@pages.get("/orders/<order_id>/help")
@needs("order.see_own")
def what_would_help(order_id: str) -> Any:
    """One honest sentence, and what could be changed: by oneself where that is still possible, else by telephone."""
    order = queries.order_seen(order_id, g.actor, "order.see_own")
    return render_template(
        "ordering/help.html", order=order, why=queries.why_waiting(order), helps=queries.what_would_help(order),
        can_amend=service.may_amend(g.actor, order),
    )  # fmt: skip
