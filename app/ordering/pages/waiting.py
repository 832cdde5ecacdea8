"""While an order waits: what would make it easier to find somebody. Afterwards nobody is looked for any more."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, url_for

from app.kernel.access import needs
from app.ordering import queries, service
from app.ordering.pages.blueprint import pages
from models.states import ORDER_CLAIMABLE, OrderStatus

STILL_WAITING = ORDER_CLAIMABLE | {OrderStatus.SUBMITTED}


@pages.get("/orders/<order_id>/help")
@needs("order.see_own")
def what_would_help(order_id: str) -> Any:
    """One honest sentence, and what could be changed: by oneself where that is still possible, else by telephone."""
    order = queries.order_seen(order_id, g.actor, "order.see_own")
    if order.status not in STILL_WAITING:
        return redirect(url_for("ordering.show", order_id=order.id), 303)
    return render_template(
        "ordering/help.html", order=order, why=queries.why_waiting(order), helps=queries.what_would_help(order),
        can_amend=service.may_amend(g.actor, order),
    )  # fmt: skip
