"""A task of one's own: where and who, on the way, arrived, done, given back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from app.kernel.access import needs
from app.kernel.errors import DomainError, Invalid, TooEarly, WrongCode
from app.kernel.lifecycle import can
from app.kernel.web import form_page, loaded, request_key
from app.privacy.queries import view_of_task
from app.rating import queries as rating
from app.serving import queries, safety, schemas, service
from app.serving.pages.blueprint import may_be_kept, pages
from models import Assignment
from models.states import AssignmentMove, AssignmentStatus

NAVIGATION = "https://uri.amap.com/navigation?"


def navigation_link(place: tuple[float, float]) -> str:
    """Opens the way there in the phone's map; the place is handed over, the address is not."""
    lat, lon = place
    there = {
        "to": f"{lon:.6f},{lat:.6f},{_('服务地点')}",
        "mode": "walk",
        "coordinate": "wgs84",
        "callnative": 1,
    }
    return NAVIGATION + urlencode(there, safe=",")


def steps(assignment: Assignment) -> list[tuple[str, str]]:
    """The four steps of a visit, in words, and how far this one has come."""
    order = (
        AssignmentStatus.ACCEPTED,
        AssignmentStatus.ON_THE_WAY,
        AssignmentStatus.CHECKED_IN,
        AssignmentStatus.CHECKED_OUT,
    )
    status = AssignmentStatus(assignment.status)
    reached = len(order) if status == AssignmentStatus.CONFIRMED else order.index(status) + 1 if status in order else 0
    words = (_("已接单"), _("出发"), _("到达签到"), _("完成"))
    states = ["done" if n < reached else "now" if n == reached else "todo" for n in range(len(words))]
    return list(zip(words, states, strict=True))


def _card(assignment_id: str) -> dict[str, Any]:
    assignment = queries.task_for(assignment_id, g.actor)
    seen = view_of_task(assignment)
    return {
        "task": assignment,
        "order": assignment.order,
        "steps_taken": steps(assignment),
        "seen": seen,
        "contact_opens_at": queries.contact_opens_at(assignment),
        "companions": queries.companions(assignment),
        "opens_at": queries.check_in_opens_at(assignment),
        "navigation": navigation_link(seen.place) if seen.plain("place") and seen.place else "",
        "can": {move: can(assignment, move) for move in AssignmentMove},
        "own_word": rating.own_word(assignment_id),
        "call": safety.call_of(assignment),
    }


def _task_page(assignment_id: str, error: DomainError | None = None) -> Any:
    """The page; after an error with its words beside the field, and what was typed."""
    beside = "code" if isinstance(error, WrongCode) else "_"
    return form_page("serving/task.html", error, beside=beside, **_card(assignment_id))


def _back(assignment_id: str) -> Any:
    return redirect(url_for("serving.task", assignment_id=assignment_id), 303)


@pages.get("/tasks/<assignment_id>")
@needs("assignment.serve")
def task(assignment_id: str) -> Any:
    """A phone may keep it for a day, and no longer than where and who are shown."""
    page, held = _task_page(assignment_id), queries.task_for(assignment_id, g.actor)
    return may_be_kept(page, held.volunteer_id, queries.seconds_shown(held))


@pages.get("/tasks/<assignment_id>/card")
@needs("assignment.serve")
def task_card(assignment_id: str) -> Any:
    return render_template("serving/_task.html", errors={}, values={}, **_card(assignment_id))


@pages.post("/tasks/<assignment_id>/departure")
@needs("assignment.serve")
def depart(assignment_id: str) -> Any:
    queries.task_for(assignment_id, g.actor)
    try:
        service.depart(assignment_id, actor=g.actor, **loaded(schemas.Late()))
    except Invalid as error:
        return _task_page(assignment_id, error)
    flash(_("路上小心，已告诉居民您出发了。"), "good")
    return _back(assignment_id)


@pages.post("/tasks/<assignment_id>/check-in")
@needs("assignment.serve")
def check_in(assignment_id: str) -> Any:
    queries.task_for(assignment_id, g.actor)
    try:
        given = loaded(schemas.CheckIn())
        service.check_in(assignment_id, actor=g.actor, key=request_key(), **given)
    except (Invalid, WrongCode, TooEarly) as error:
        return _task_page(assignment_id, error)
    flash(_("签到好了，服务开始。"), "good")
    return _back(assignment_id)


@pages.post("/tasks/<assignment_id>/check-out")
@needs("assignment.serve")
def check_out(assignment_id: str) -> Any:
    queries.task_for(assignment_id, g.actor)
    try:
        service.check_out(assignment_id, actor=g.actor, key=request_key(), **loaded(schemas.CheckOut()))
    except Invalid as error:
        return _task_page(assignment_id, error)
    flash(_("辛苦了，谢谢您！"), "good")
    return redirect(url_for("rating.word", assignment_id=assignment_id), 303)


@pages.post("/tasks/<assignment_id>/help")
@needs("assignment.serve")
def call_for_help(assignment_id: str) -> Any:
    """不安全. Whatever else the form holds, the call itself is taken."""
    try:
        given = loaded(schemas.CallForHelp())
    except Invalid:
        given = {}
    service.call_for_help(assignment_id, actor=g.actor, key=request_key(), **given)
    return redirect(url_for("serving.task", assignment_id=assignment_id) + "#called", 303)


@pages.post("/tasks/<assignment_id>/handback")
@needs("assignment.serve")
def hand_back(assignment_id: str) -> Any:
    queries.task_for(assignment_id, g.actor)
    try:
        given = loaded(schemas.Reason())
    except Invalid as error:
        return _task_page(assignment_id, error)
    service.hand_back(assignment_id, actor=g.actor, key=request_key(), **given)
    flash(_("已交回，谢谢您早点告诉我们。我们马上找别人。"), "good")
    return redirect(url_for("serving.home"), 303)
