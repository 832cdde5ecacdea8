"""Pages of privacy: looking at details with a reason, the call list, who looked (one's own list, the office's)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.kernel.access import may, needs
from app.kernel.errors import Invalid, TooManyLooks
from app.kernel.web import form_page, go, loaded, request_key
from app.people.phones import masked
from app.people.stepup import fresh
from app.privacy import blocks, calls, looks, queries, sampling, schemas, service
from app.privacy.reveals import is_minor
from models import Assignment, Order, Reveal

pages = Blueprint("privacy", __name__)
pages.add_app_template_filter(masked, "masked_phone")
pages.add_app_template_global(looks.reasons, "look_reasons")
HIDE_AFTER = int(looks.SHOWN_FOR.total_seconds())
"""Seconds after which a page with plain values leaves by itself."""


@pages.app_template_global()
def view_of(order: Order) -> queries.View:
    """What the signed-in person may see of an order."""
    return queries.view_of(order, g.actor)


@pages.app_template_global()
def may_block(assignment: Assignment) -> bool:
    """Whether to offer it: for the two of them, and not twice."""
    return blocks.side_of(assignment, g.actor) is not None and not blocks.is_blocked(assignment, g.actor)


@pages.app_template_global()
def needs_second(order: Order) -> bool:
    """Whether a colleague must say yes before the details are shown."""
    return is_minor(order.resident, order.office)


def _shown(rows: list[Reveal], back: str, missed: int = 0) -> Any:
    """The values, on a page that nobody keeps and that goes back by itself."""
    found = [(row, looks.values(row, g.actor)) for row in rows]
    answer = make_response(
        render_template("privacy/shown.html", found=found, back=back, seconds=HIDE_AFTER, missed=missed)
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Refresh"] = f"{HIDE_AFTER}; url={back}"
    return answer


@pages.post("/desk/orders/<order_id>/reveal")
@needs("reveal.make")
def reveal(order_id: str) -> Any:
    """Who and where of one order, for the reason given."""
    back = f"/desk/orders/{order_id}"
    try:
        given = loaded(schemas.Asking())
        what = schemas.WHAT[given.pop("what")]
        row = service.reveal(order_id, actor=g.actor, key=request_key(), fields=what, **given)
    except Invalid as error:
        return _again(error, request.path, back, with_what=True)
    return _shown([row], back)


@pages.post("/desk/people/<volunteer_id>/reveal")
@needs("reveal.make")
def reveal_volunteer(volunteer_id: str) -> Any:
    """A volunteer's telephone number, for the reason given."""
    order_id = request.form.get("order_id", "")
    back = f"/desk/orders/{order_id}" if order_id.isalnum() else f"/desk/people/{volunteer_id}"
    try:
        given = loaded(schemas.AskingPhone())
        row = service.reveal_volunteer(volunteer_id, actor=g.actor, key=request_key(), **given)
    except Invalid as error:
        return _again(error, request.path, back, order_id=order_id)
    return _shown([row], back)


def _again(error: Invalid, action: str, back: str, **more: Any) -> Any:
    return form_page("privacy/asked.html", error, action=action, back=back, **more)


@pages.get("/desk/calls")
@needs("reveal.make")
def call_list() -> Any:
    """Orders of today and tomorrow, to ring many people at once: a storm, a street without water."""
    return render_template("privacy/calls.html", orders=calls.upcoming(g.actor), errors={}, values={})


@pages.post("/desk/calls")
@needs("reveal.make")
@fresh
def reveal_many() -> Any:
    """The chosen people's names and numbers, one look each; it stops where the hour's or day's number is used up."""
    try:
        given = loaded(schemas.AskingMany())
        rows, missed = calls.reveal_many(given["orders"], given["reason"], given["words"], actor=g.actor)
    except Invalid as error:
        return form_page("privacy/calls.html", error, orders=calls.upcoming(g.actor))
    if not rows:
        raise TooManyLooks()
    return _shown(rows, "/desk/calls", missed)


@pages.get("/desk/reads")
@needs("reveal.see")
def office_reads() -> Any:
    """Who at the desk looked at how many people's details, and what a colleague is waiting for."""
    return render_template(
        "privacy/board.html", board=looks.board(g.actor), fields=looks.FIELDS, reasons=looks.REASONS,
        odd=looks.at_odd_hours, is_lookup=looks.is_lookup, desk=may(g.actor, "reveal.approve"),
        drawn=sampling.drawn(g.actor) if may(g.actor, "reveal.check") else None, week=sampling.week(),
    )  # fmt: skip


@pages.post("/desk/reveals/<reveal_id>/check")
@needs("reveal.check")
def check(reveal_id: str) -> Any:
    """A second person has gone over a look that was drawn by lot."""
    sampling.check(reveal_id, actor=g.actor)
    flash(_("记下了。"), "good")
    return go(url_for("privacy.office_reads"))


@pages.post("/desk/reveals/<reveal_id>/approval")
@needs("reveal.approve")
def approve(reveal_id: str) -> Any:
    """A second person's yes."""
    service.approve(reveal_id, actor=g.actor)
    flash(_("已同意。同事一小时内可以看一次。"), "good")
    return go(url_for("privacy.office_reads"))


@pages.get("/me/reads")
@needs("account.self")
def own_reads() -> Any:
    """谁看过我的信息: when, which office in which role, at what, why."""
    return render_template("privacy/reads.html", looks=looks.about(g.actor))


@pages.post("/assignments/<assignment_id>/block")
@needs("block.make")
def block(assignment_id: str) -> Any:
    """以后不再见面: for the resident and for the volunteer."""
    service.block(assignment_id, actor=g.actor)
    flash(_("记下了。以后不会再安排你们见面，也不会告诉对方。"), "good")
    return go("/")
