"""The screen on the wall: for whoever watches, or for a wall that was let in by a link of its own."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, g, redirect, render_template, url_for

from app.assets import current_version
from app.demo import outlines
from app.kernel.access import needs, public
from app.kernel.clock import local, now
from app.kernel.errors import NotSignedIn
from app.oversight.figures.wall import HIGH, WIDE, wall
from app.oversight.pages.desk import pages, scope_here
from app.people import wall_pass


def _screen(template: str) -> str:
    scope = scope_here()
    shown = wall(scope, outlines.outlines(current_app.instance_path))
    return render_template(
        template, scope=scope, wall=shown, now=now(), said_at=local(now()).strftime("%m-%d %H:%M:%S"),
        version=current_version(), wide=WIDE, high=HIGH, topics=scope.topics if g.actor.account_id else "",
    )  # fmt: skip


@pages.get("/screen")
@needs("board.see")
def screen() -> str:
    return _screen("oversight/screen.html")


@pages.get("/screen/now")
@needs("board.see")
def screen_now() -> str:
    """The part that changes."""
    return _screen("oversight/screen_now.html")


@pages.get("/screen/key/<token>")
@public
def screen_key(token: str) -> Any:
    """A wall comes in by its link: then its cookie says who it is, and the address holds no secret any more."""
    try:
        row = wall_pass.row_of(token)
    except NotSignedIn:
        abort(404)
    return wall_pass.hand_over(redirect(url_for("oversight.screen"), 303), token, row.expires_at)
