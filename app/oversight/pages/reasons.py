"""Why an order has these people, or nobody, and what would help."""

from __future__ import annotations

from flask import g, render_template

from app.kernel.access import needs, require
from app.oversight import desk as desks
from app.oversight import reasons
from app.oversight.pages.desk import pages


@pages.get("/desk/orders/<order_id>/reasons")
@needs("dispatch.steer")
def order_reasons(order_id: str) -> str:
    desk = desks.desk(order_id, g.actor)
    require(g.actor, "dispatch.steer", desk.order)
    return render_template("oversight/reasons.html", desk=desk, found=reasons.reasons(desk.order, g.actor))
