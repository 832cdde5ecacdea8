"""What the desk does to a visit: its word for an arrival or an end, a no-show, taking somebody off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, g, url_for
from flask_babel import gettext as _

from app.dispatching import service as dispatching
from app.dispatching.schemas import Moving
from app.kernel.access import needs
from app.kernel.web import done, go, loaded, request_key
from app.serving import schemas, service
from app.serving.pages.blueprint import pages
from models import Assignment


def _done(assignment: Assignment, words: str) -> Any:
    flash(words, "good")
    return go(f"/desk/orders/{assignment.order_id}")


def _vouch(verb: Callable[..., Assignment], assignment_id: str, words: str) -> Any:
    return _done(verb(assignment_id, loaded(schemas.Vouch())["at"], actor=g.actor, key=request_key()), words)


@pages.post("/desk/assignments/<assignment_id>/check-in")
@needs("assignment.vouch")
def vouch_check_in(assignment_id: str) -> Any:
    return _vouch(service.vouch_check_in, assignment_id, _("已代为签到。"))


@pages.post("/desk/assignments/<assignment_id>/check-out")
@needs("assignment.vouch")
def vouch_check_out(assignment_id: str) -> Any:
    return _vouch(service.vouch_check_out, assignment_id, _("已代为签退，时长待另一人审核。"))


@pages.post("/desk/assignments/<assignment_id>/no-show")
@needs("assignment.vouch")
def no_show(assignment_id: str) -> Any:
    return _done(service.mark_no_show(assignment_id, actor=g.actor, key=request_key()), _("已记为未到场。"))


@pages.post("/desk/assignments/<assignment_id>/cancellation")
@needs("assignment.vouch")
def cancel_assignment(assignment_id: str) -> Any:
    given = loaded(schemas.Reason())
    left = service.cancel_by_desk(assignment_id, actor=g.actor, key=request_key(), **given)
    return _done(left, _("已请这位志愿者不用来了。"))


@pages.post("/desk/assignments/<assignment_id>/move")
@needs("assignment.vouch")
def move_assignment(assignment_id: str) -> Any:
    """Somebody else, or another time, for what a volunteer has said yes to."""
    made = service.move_assignment(assignment_id, actor=g.actor, key=request_key(), **loaded(Moving()))
    seconds = dispatching.seconds_to_undo(made)
    undo = url_for("dispatching.undo_offer", offer_id=made.id) if seconds else None
    return done(
        _("改好了，正在重新问志愿者。"), f"/desk/orders/{made.order_id}", offer=made.id, undo=undo, seconds=seconds
    )
