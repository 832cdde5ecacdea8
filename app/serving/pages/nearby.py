"""Open orders nearby (抢单), and standing by for one that is taken."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.demo import outlines
from app.kernel.access import needs
from app.kernel.errors import AlreadyTaken
from app.kernel.schema import form_data
from app.kernel.web import go, request_key
from app.serving import queries, schemas, service
from app.serving.pages.blueprint import pages
from app.serving.pages.offers import too_late

OUTLINES_SECONDS = 3600


def _wanted() -> dict[str, Any]:
    """The filter as asked for; one that makes no sense is left out, for it is only a link's tail."""
    schema = schemas.OpenOrdersQuery()
    data = {name: value for name, value in form_data(request.args, schema).items() if name in schema.fields}
    try:
        return dict(schema.load(data))
    except ma.ValidationError as error:
        return dict(error.valid_data) if isinstance(error.valid_data, dict) else {}


def _found() -> dict[str, Any]:
    volunteer, wanted = queries.self_of(g.actor), _wanted()
    found = queries.open_orders(
        volunteer, within_m=wanted.get("within"), skill=wanted.get("skill"), day=wanted.get("day")
    )
    return {"volunteer": volunteer, "found": found, "wanted": wanted, "query": request.query_string.decode()}


@pages.get("/volunteer/open")
@needs("order.claim")
def nearby() -> Any:
    """Orders this volunteer could take now, as a list and on a map."""
    return render_template("serving/open.html", **_found())


@pages.get("/volunteer/open/list")
@needs("order.claim")
def nearby_list() -> Any:
    return render_template("serving/_open.html", **_found())


@pages.get("/volunteer/open/points.json")
@needs("order.claim")
def nearby_points() -> Any:
    """Points for the map. Each order stands at its community's office: the exact place is not for now."""
    context = _found()
    own = {
        "id": "me", "lat": context["volunteer"].lat, "lon": context["volunteer"].lon, "kind": "me", "label": _("我")
    }  # fmt: skip
    points = [
        {
            "id": one.order.id, "lat": one.order.office.lat, "lon": one.order.office.lon,
            "kind": "urgent" if one.order.urgency == "urgent" else "waiting",
            "label": one.order.title, "url": f"#order-{one.order.id}",
        }
        for one in context["found"]
    ]  # fmt: skip
    return jsonify({"points": [own, *points]})


@pages.get("/volunteer/open/outlines.json")
@needs("order.claim")
def nearby_outlines() -> Any:
    """The districts of the city, drawn under the points: they are no secret, and orders may lie across a border."""
    answer = jsonify(outlines.outlines(current_app.instance_path))
    answer.cache_control.private = True
    answer.cache_control.max_age = OUTLINES_SECONDS
    return answer


@pages.get("/volunteer/open/<order_id>/why")
@needs("order.claim")
def why_not(order_id: str) -> Any:
    """Why others were asked for this order, or nobody yet: about the volunteer who reads it and nobody else."""
    standing, volunteer = queries.standing(order_id, g.actor), queries.self_of(g.actor)
    words = queries.why_not_me(standing.order, volunteer)
    return render_template("serving/why_not.html", standing=standing, words=words)


@pages.post("/orders/<order_id>/claim")
@needs("order.claim")
def claim(order_id: str) -> Any:
    try:
        assignment = service.claim(order_id, actor=g.actor, key=request_key())
    except AlreadyTaken as error:
        return too_late(order_id, error)
    flash(_("接单成功，谢谢您！上门前一天起，这里显示地址和电话。"), "good")
    return redirect(url_for("serving.task", assignment_id=assignment.id), 303)


@pages.post("/orders/<order_id>/reserve")
@needs("order.claim")
def keep_reserve(order_id: str) -> Any:
    service.keep_reserve(order_id, actor=g.actor)
    flash(_("记下了：如果空出来，我们先问您。"), "good")
    return go(url_for("serving.home"))


@pages.post("/orders/<order_id>/reserve/end")
@needs("order.claim")
def leave_reserve(order_id: str) -> Any:
    service.leave_reserve(order_id, actor=g.actor)
    flash(_("好的，这个单子不再问您了。"), "good")
    return go(url_for("serving.home"))
