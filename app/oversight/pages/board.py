"""The dispatch board: the page, its fragments, what its map draws. The whole look is in the address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.demo import outlines
from app.kernel.access import needs
from app.kernel.clock import LOCAL, YEARS
from app.kernel.web import go, loaded
from app.oversight import desk as desks
from app.oversight.board import alerts, picked, points, queries, views
from app.oversight.board.look import VIEWS, Board, Looked
from app.oversight.board.queries import Wanted
from app.oversight.pages.desk import LONGEST_SEARCH, page_number, pages, scope_here
from app.oversight.schemas import ViewKept, ViewNamed
from models.kinds import Urgency

FRAGMENTS = ("bar", "waiting", "offers", "visits", "duty", "timeline", "kanban", "centre", "picked")
SIDE = ("bar", "waiting", "offers", "visits", "duty", "centre", "picked")
"""What the whole page is made of; the centre draws one of the views."""


def wanted_of(given: Mapping[str, str], page: int = 1) -> Wanted:
    """What was asked for by name and value; what it does not know it ignores."""
    known = {"status": queries.GROUPS, "urgency": set(Urgency), "alert": alerts.OF_ORDERS}
    chosen = {name: given[name] for name, values in known.items() if given.get(name) in values}
    return Wanted(q=given.get("q", "")[:LONGEST_SEARCH].strip(), page=page, **chosen)


def _looked() -> Looked:
    view = request.args.get("view", "")
    return Looked(view if view in VIEWS else VIEWS[0], request.args.get("order", "")[:20], _hour())


def _hour() -> datetime | None:
    try:
        found = datetime.strptime(request.args.get("at", ""), "%Y-%m-%dT%H").replace(tzinfo=LOCAL)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def board_here() -> Board:
    """The board as the address describes it."""
    return Board(scope_here(), wanted_of(request.args, page_number()), _looked())


def _shared(board: Board) -> dict[str, Any]:
    """What every pane is drawn with; `here(...)` is the address of the same look with something changed."""
    look = {**board.wanted.parts(), **board.looked.parts(), "office": board.scope.office_id}

    def here(**changes: Any) -> str:
        return url_for("oversight.board", **{**look, **changes})

    def part(name: str, **changes: Any) -> str:
        return url_for("oversight.fragment", name=name, **{**look, **changes})

    return {
        "scope": board.scope,
        "wanted": board.wanted,
        "looked": board.looked,
        "here": here,
        "part": part,
        "saved_views": views.views(g.actor),
    }


def _pane(board: Board, name: str) -> dict[str, Any]:
    return _picked(board) if name == "picked" else board.pane(name)


def _picked(board: Board) -> dict[str, Any]:
    """The picked order with its candidates; none when nothing, or nothing of ours, is picked."""
    order_id = board.looked.order
    desk = desks.desk(order_id, g.actor) if order_id else None
    return {
        "desk": desk, "board_held": picked.held, "week_of": picked.weeks, "times_for": picked.times,
        "people_for": lambda desk: picked.people(desk, board.scope),
    }  # fmt: skip


@pages.get("/board")
@needs("board.see")
def board() -> str:
    look = board_here()
    needed = {key: value for name in SIDE for key, value in _pane(look, name).items()}
    return render_template("oversight/board.html", **_shared(look), **needed)


@pages.post("/board/views")
@needs("board.see")
def keep_view() -> Any:
    """Give what the list is narrowed to a name; the filters stand in hidden fields."""
    given = loaded(ViewKept())
    row = views.keep_view(given.pop("name"), wanted_of(given), actor=g.actor)
    flash(_("已存为「%(name)s」。", name=row.name), "good")
    look: dict[str, Any] = {**row.wanted, "office": request.form.get("office") or None}
    return redirect(url_for("oversight.board", **look), 303)


@pages.post("/board/views/removal")
@needs("board.see")
def drop_view() -> Any:
    views.drop_view(loaded(ViewNamed())["name"], actor=g.actor)
    return go(url_for("oversight.board"))


@pages.get("/board/fragments/<name>")
@needs("board.see")
def fragment(name: str) -> str:
    look = board_here()
    if name not in FRAGMENTS:
        abort(404)
    return render_template(f"oversight/board_{name}.html", **_shared(look), **_pane(look, name))


@pages.get("/board/points.json")
@needs("board.see")
def board_points() -> Any:
    look = board_here()
    on_duty = list(queries.on_duty(look.scope, points.MOST))
    return {"points": points.points(look.scope, look.found, on_duty, plain=not look.wanted.parts())}


@pages.get("/board/outlines.json")
@needs("board.see")
def board_outlines() -> Response:
    """Outlines of the districts looked at; they change only when the city is set up anew."""
    found = points.outlines(scope_here(), outlines.outlines(current_app.instance_path))
    response = Response(json.dumps(found, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
