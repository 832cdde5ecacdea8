"""换人、改时间: the page on which an offer or a task is given to somebody else, or another time."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for

from app.kernel.access import needs, require
from app.kernel.clock import local
from app.kernel.errors import NotFound
from app.oversight import desk as desks
from app.oversight.pages.desk import pages
from models import Assignment, Offer
from models.states import ASSIGNMENT_BUSY, OFFER_LIVE


@pages.get("/desk/orders/<order_id>/moving")
@needs("dispatch.steer")
def moving(order_id: str) -> Any:
    """Who has it now (`held`: the id of an offer or an assignment), and who else could be asked, best first."""
    desk = desks.desk(order_id, g.actor)
    require(g.actor, "dispatch.steer", desk.order)
    if "held" not in request.args:
        return redirect(url_for("oversight.order", order_id=order_id))
    held = _held(desk, request.args.get("held", ""))
    kind = "offers" if isinstance(held, Offer) else "assignments"
    return render_template(
        "oversight/moving.html", desk=desk, held=held, door=f"/desk/{kind}/{held.id}/move",
        starts_at=f"{local(held.starts_at):%Y-%m-%dT%H:%M}",
    )  # fmt: skip


def _held(desk: desks.Desk, key: str) -> Any:
    rows: list[Assignment | Offer] = [*desk.assignments, *desk.offers]
    for row in rows:
        live = ASSIGNMENT_BUSY if isinstance(row, Assignment) else OFFER_LIVE
        if row.id == key and row.status in live:
            return row
    raise NotFound()
