"""A volunteer's record: hours, points, visits, what residents said; each line may be questioned."""

from __future__ import annotations

from typing import Any

from flask import flash, g, render_template, request, url_for
from flask_babel import gettext as _

from app.kernel.access import needs
from app.kernel.web import go, loaded, request_key
from app.rating import queries, schemas, service
from app.rating.pages.blueprint import pages

LAST_PAGE = 1000


@pages.get("/volunteer/record")
@needs("volunteer.self")
def record() -> Any:
    number = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    whose = str(g.actor.volunteer_id)
    lines, last = queries.visits_of(whose, number)
    return render_template(
        "rating/record.html", record=queries.record_of(whose), average=queries.volunteer_average(whose), lines=lines,
        page=number, last=last, ratings=queries.about_volunteer(whose, 10),
    )  # fmt: skip


@pages.post("/tasks/<assignment_id>/question")
@needs("assignment.serve")
def question(assignment_id: str) -> Any:
    """Something in the record is wrong: the desk looks into it."""
    service.question(assignment_id, loaded(schemas.Because())["reason"], actor=g.actor, key=request_key())
    flash(_("已记下，社区核实后会更正。"), "good")
    return go(url_for("rating.record"))
