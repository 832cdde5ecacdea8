"""换人、改时间: the page on which an offer or a task is given to somebody else, or another time."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for

from app.kernel.access import needs, require
from app.kernel.clock import local
from app.kernel.errors import NotFound
from app.oversight import desk as desks
from app.oversight.board import picked
from app.oversight.pages.desk import pages


@pages.get("/desk/orders/<order_id>/moving")
@needs("dispatch.steer")
def moving(order_id: str) -> Any:
    """Who has it now (`held`: the id of an offer or an assignment), and who else could be asked, best first."""
    desk = desks.desk(order_id, g.actor)
    require(g.actor, "dispatch.steer", desk.order)
    if "held" not in request.args:
        return redirect(url_for("oversight.order", order_id=order_id))
    held = next((one for one in picked.held(desk) if one.id == request.args["held"] and one.movable), None)
    if held is None:
        raise NotFound()
    return render_template(
        "oversight/moving.html", desk=desk, held=held, door=f"/desk/{held.kind}/{held.id}/move",
        starts_at=f"{local(held.starts_at):%Y-%m-%dT%H:%M}",
    )  # fmt: skip
