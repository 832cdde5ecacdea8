"""The board, one order, the lists, people."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, g, render_template, request, url_for
from flask_babel import gettext as _

from app.demo import outlines
from app.kernel.access import needs
from app.kernel.web import go
from app.notices.sentences import SENTENCES
from app.offices import queries as offices
from app.oversight import alerts, figures, points, queries, risk, runs, sentences, volunteers, worklists
from app.oversight import desk as desks
from app.oversight.queries import Wanted
from app.oversight.scope import Scope, scope_of
from app.people import service as people
from app.people.phones import national
from app.privacy import masks
from app.rights.service import guardian_of, is_minor
from models.kinds import NoticeKind, Urgency

pages = Blueprint("oversight", __name__)

FRAGMENTS = ("bar", "waiting", "offers", "visits", "duty")
PARTS = ("state", "people", "history")
LONGEST_SEARCH = 60


@pages.app_context_processor
def words() -> dict[str, Any]:
    """What the templates of this slice say things with."""
    return {
        "risk_words": risk.words,
        "waited": risk.waited,
        "alert_word": lambda code: str(alerts.WORDS[code][0]),
        "sentences": sentences,
        "masked": masks.name,
        "notice_words": lambda kind: SENTENCES[NoticeKind(kind)],
        "named": offices.named,
        "full_name": offices.full_name,
        "national": national,
        "run_words": lambda cause: sentences.said(runs.CAUSES, cause),
        "reason_words": runs.reason_words,
        "unplaced_words": runs.unplaced_words,
        "moment": runs.moment,
    }


def scope_here() -> Scope:
    return scope_of(g.actor, request.args.get("office"))


def _page_number() -> int:
    return max(1, request.args.get("page", 1, type=int))


def _wanted() -> Wanted:
    """What the query string asks for; what it does not know it ignores."""
    given = {name: request.args.get(name, "") for name in ("status", "urgency", "alert")}
    return Wanted(
        q=request.args.get("q", "")[:LONGEST_SEARCH].strip(),
        status=given["status"] if given["status"] in queries.GROUPS else "",
        urgency=given["urgency"] if given["urgency"] in set(Urgency) else "",
        alert=given["alert"] if given["alert"] in alerts.OF_ORDERS else "",
        page=_page_number(),
    )


# ---------- the board ----------


def _bar(scope: Scope, _wanted: Wanted) -> dict[str, Any]:
    return {"counts": queries.counts(scope), "alerts": alerts.alerts(scope, queries.waiting(scope))}


def _waiting(scope: Scope, wanted: Wanted) -> dict[str, Any]:
    rows = queries.waiting(scope, wanted)
    if wanted.alert:
        rows = alerts.of_orders(scope, rows)[wanted.alert]
    return {"list": queries.page_of(rows, wanted.page), "groups": queries.waiting_counts(scope)}


def _duty(scope: Scope, _wanted: Wanted) -> dict[str, Any]:
    return {"duty": queries.on_duty(scope)}


PANES: dict[str, Any] = {
    "bar": _bar,
    "waiting": _waiting,
    "offers": lambda scope, _wanted: {"offers": queries.offers_out(scope)},
    "visits": lambda scope, _wanted: {"visits": queries.visits(scope), "late": alerts.late_visits(scope)},
    "duty": _duty,
}


def _pane(name: str, scope: Scope, wanted: Wanted) -> dict[str, Any]:
    """What one pane needs to be drawn, on the whole page or alone."""
    return {"scope": scope, "wanted": wanted, **PANES[name](scope, wanted)}


@pages.get("/board")
@needs("board.see")
def board() -> str:
    scope, wanted = scope_here(), _wanted()
    panes = [_pane(name, scope, wanted) for name in FRAGMENTS]
    return render_template("oversight/board.html", **{key: value for pane in panes for key, value in pane.items()})


@pages.get("/board/fragments/<name>")
@needs("board.see")
def fragment(name: str) -> str:
    scope = scope_here()
    if name not in FRAGMENTS:
        abort(404)
    return render_template(f"oversight/board_{name}.html", **_pane(name, scope, _wanted()))


@pages.get("/board/points.json")
@needs("board.see")
def board_points() -> Any:
    scope = scope_here()
    return {"points": points.points(scope, list(queries.on_duty(scope, points.MOST)))}


@pages.get("/board/outlines.json")
@needs("board.see")
def board_outlines() -> Response:
    """Outlines of the districts looked at; they change only when the city is set up anew."""
    found = points.outlines(scope_here(), outlines.outlines(current_app.instance_path))
    response = Response(json.dumps(found, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


# ---------- one order ----------


@pages.get("/desk/orders/<order_id>")
@needs("board.see")
def order(order_id: str) -> str:
    return desk_page(order_id)


@pages.get("/desk/orders/<order_id>/parts/<name>")
@needs("board.see")
def order_part(order_id: str, name: str) -> str:
    desk = desks.desk(order_id, g.actor)
    if name not in PARTS:
        abort(404)
    return render_template(f"oversight/order_{name}.html", desk=desk)


def desk_page(order_id: str) -> str:
    """The whole page; with `?volunteer=` also what speaks for and against asking this one."""
    desk = desks.desk(order_id, g.actor)
    asked = request.args.get("volunteer")
    chosen = volunteers.volunteer(asked, g.actor) if asked and desk.steers else None
    return render_template("oversight/order.html", desk=desk, chosen=chosen)


# ---------- lists ----------


@pages.get("/desk/review")
@needs("order.review")
def review() -> str:
    scope = scope_here()
    rows, page, pages_ = worklists.to_review(scope, _page_number())
    return render_template("oversight/review.html", scope=scope, orders=rows, page=page, pages=pages_)


@pages.get("/desk/follow-ups")
@needs("follow_up.see")
def follow_ups() -> str:
    scope, done = scope_here(), request.args.get("show") == "done"
    rows, page, pages_ = worklists.follow_ups(scope, _page_number(), done)
    return render_template(
        "oversight/follow_ups.html", scope=scope, follow_ups=rows, done=done, page=page, pages=pages_
    )


@pages.get("/desk/hours")
@needs("hours.see")
def hours() -> str:
    scope = scope_here()
    rows, page, pages_ = worklists.hours(scope, _page_number())
    return render_template("oversight/hours.html", scope=scope, rows=rows, page=page, pages=pages_)


@pages.get("/desk/runs")
@needs("dispatch.see")
def dispatch_runs() -> str:
    scope = scope_here()
    rows, page, pages_ = runs.runs(scope, _page_number())
    return render_template("oversight/runs.html", scope=scope, runs=rows, page=page, pages=pages_)


@pages.get("/desk/runs/<run_id>")
@needs("dispatch.see")
def dispatch_run(run_id: str) -> str:
    return render_template("oversight/run.html", scope=scope_here(), view=runs.run_view(run_id, scope_here()))


@pages.get("/desk/figures")
@needs("board.see")
def office_figures() -> str:
    scope, days = scope_here(), request.args.get("days", 30, type=int)
    days = days if days in figures.PERIODS else 30
    whole, parts = figures.figures(scope, days)
    return render_template(
        "oversight/figures.html", scope=scope, days=days, whole=whole, parts=parts,
        periods=figures.PERIODS, rules=figures.RULES,
    )  # fmt: skip


# ---------- people ----------


@pages.get("/desk/people")
@needs("volunteer.see")
def volunteer_list() -> str:
    scope, show = scope_here(), request.args.get("show", "")
    sought = volunteers.Sought(
        q=request.args.get("q", "")[:LONGEST_SEARCH].strip(),
        skill=request.args.get("skill", "")[:LONGEST_SEARCH],
        show=show if show in volunteers.SHOWN else "",
        page=_page_number(),
    )
    rows, page, pages_ = volunteers.volunteers(scope, sought)
    return render_template(
        "oversight/people.html", scope=scope, sought=sought, volunteers=rows, page=page, pages=pages_,
        months=volunteers.months([row.id for row in rows]), skills=volunteers.skills(),
        for_order=_asked_for(),
    )  # fmt: skip


def _asked_for() -> Any:
    """The order somebody is looked for, when the list was opened from its page."""
    order_id = request.args.get("order")
    return desks.desk(order_id, g.actor) if order_id else None


@pages.get("/desk/people/<volunteer_id>")
@needs("volunteer.see")
def volunteer(volunteer_id: str) -> str:
    row = volunteers.volunteer(volunteer_id, g.actor)
    return render_template(
        "oversight/volunteer.html", volunteer=row, minor=is_minor(row), guardian=guardian_of(row),
        month=volunteers.months([row.id])[row.id],
        work=volunteers.recent_work(row.id), exact=scope_here().exact(row.office.path),
        free=volunteers.free_words(row),
    )  # fmt: skip


@pages.post("/desk/people/<volunteer_id>/verification")
@needs("volunteer.verify")
def verify(volunteer_id: str) -> Any:
    volunteer = people.verify_volunteer(volunteer_id, actor=g.actor)
    flash(_("已核实 %(name)s。", name=volunteer.name), "good")
    return go(url_for("oversight.volunteer", volunteer_id=volunteer_id))
