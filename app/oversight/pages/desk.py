"""One order, the lists, people; and the blueprint that all pages of the desk share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, render_template, request, url_for
from flask_babel import gettext as _

from app.dispatching import queries as dispatching
from app.kernel.access import needs
from app.kernel.web import go, loaded, request_key
from app.notices.sentences import SENTENCES
from app.offices import queries as offices
from app.oversight import answers, runs, sentences, share, volunteers, worklists
from app.oversight import desk as desks
from app.oversight.board import alerts, risk
from app.oversight.scope import Scope, scope_of
from app.people import service as people
from app.people.choices import portrait_faults
from app.people.phones import national
from app.people.schemas import PortraitSeen
from app.privacy import masks
from app.rights.service import guardian_of, is_minor
from models.kinds import NoticeKind

pages = Blueprint("oversight", __name__)

PARTS = ("state", "people", "history")
LONGEST_SEARCH = 60


@pages.app_context_processor
def words() -> dict[str, Any]:
    """What the templates of this slice say things with."""
    return {
        "is_automatic": dispatching.is_automatic,
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
        "solver_words": lambda solver: runs.SOLVERS.get(solver, solver),
        "reason_words": runs.reason_words,
        "unplaced_words": runs.unplaced_words,
        "moment": runs.moment,
    }


def scope_here() -> Scope:
    return scope_of(g.actor, request.args.get("office"))


def page_number() -> int:
    return max(1, request.args.get("page", 1, type=int))


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


@pages.get("/desk/orders/<order_id>/presence")
@needs("board.see")
def order_presence(order_id: str) -> str:
    """Who else has the order open; an open page asks again and again, and is counted itself by asking."""
    return render_template("oversight/board_presence.html", desk=desks.desk(order_id, g.actor))


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
    rows, page, pages_ = worklists.to_review(scope, page_number())
    return render_template("oversight/review.html", scope=scope, orders=rows, page=page, pages=pages_)


@pages.get("/desk/follow-ups")
@needs("follow_up.see")
def follow_ups() -> str:
    scope, done = scope_here(), request.args.get("show") == "done"
    rows, page, pages_ = worklists.follow_ups(scope, page_number(), done)
    return render_template(
        "oversight/follow_ups.html", scope=scope, follow_ups=rows, done=done, page=page, pages=pages_
    )


@pages.get("/desk/hours")
@needs("hours.see")
def hours() -> str:
    scope = scope_here()
    rows, page, pages_ = worklists.hours(scope, page_number())
    return render_template("oversight/hours.html", scope=scope, rows=rows, page=page, pages=pages_)


@pages.get("/desk/runs")
@needs("dispatch.see")
def dispatch_runs() -> str:
    scope = scope_here()
    rows, page, pages_ = runs.runs(scope, page_number())
    return render_template("oversight/runs.html", scope=scope, runs=rows, page=page, pages=pages_)


@pages.get("/desk/runs/<run_id>")
@needs("dispatch.see")
def dispatch_run(run_id: str) -> str:
    return render_template("oversight/run.html", scope=scope_here(), view=runs.run_view(run_id, scope_here()))


@pages.get("/desk/answers")
@needs("dispatch.see")
def answer_models() -> str:
    """What has been learnt about answers, and what it is used for."""
    scope = scope_here()
    return render_template("oversight/answers.html", scope=scope, found=answers.answers(scope))


# ---------- people ----------


@pages.get("/desk/people")
@needs("volunteer.see")
def volunteer_list() -> str:
    scope, show = scope_here(), request.args.get("show", "")
    sought = volunteers.Sought(
        q=request.args.get("q", "")[:LONGEST_SEARCH].strip(),
        skill=request.args.get("skill", "")[:LONGEST_SEARCH],
        show=show if show in volunteers.SHOWN else "",
        page=page_number(),
    )
    rows, page, pages_ = volunteers.volunteers(scope, sought)
    return render_template(
        "oversight/people.html", scope=scope, sought=sought, volunteers=rows, page=page, pages=pages_,
        months=volunteers.months([row.id for row in rows]), skills=volunteers.skills(),
        share=share.share_of_work(scope), for_order=_asked_for(), new_portraits=volunteers.new_portraits(scope),
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
        month=volunteers.months([row.id])[row.id], half_year=share.half_year(row.id),
        work=volunteers.recent_work(row.id), exact=scope_here().exact(row.office.path),
        free=volunteers.free_words(row), faults=portrait_faults(),
    )  # fmt: skip


@pages.post("/desk/people/<volunteer_id>/verification")
@needs("volunteer.verify")
def verify(volunteer_id: str) -> Any:
    looked_at = loaded(PortraitSeen())["portrait_id"]
    volunteer = people.verify_volunteer(volunteer_id, looked_at, actor=g.actor, key=request_key())
    flash(_("已核实 %(name)s。", name=volunteer.name), "good")
    return go(url_for("oversight.volunteer", volunteer_id=volunteer_id))
