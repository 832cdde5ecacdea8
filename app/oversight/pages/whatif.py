"""What if: a coordinator asks the simulator about their own last weeks, waits for it, and reads the answer."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, url_for

from app.dispatching import service as dispatching
from app.kernel.access import needs
from app.kernel.errors import DomainError, Invalid, WrongState
from app.kernel.web import form_page, loaded, request_key
from app.oversight import whatif
from app.oversight.pages.desk import pages, scope_here
from app.oversight.schemas import WhatIfAsked

FORM = {"kind": "people", "people": 5, "mode": "ebike", "minutes": 10, "urgency": "normal", "weeks": 4}
"""What the form says before anybody touches it."""


@pages.get("/desk/what-if")
@needs("dispatch.see")
def what_if() -> Any:
    return _form()


@pages.post("/desk/what-if")
@needs("dispatch.steer")
def ask_what_if() -> Any:
    """Begin to work it out; the page of the question shows how far it is."""
    try:
        given = loaded(WhatIfAsked())
        row = dispatching.suppose(given.pop("office"), given, actor=g.actor, key=request_key())
    except (Invalid, WrongState) as error:
        return _form(error)
    return redirect(url_for("oversight.what_if_answer", what_if_id=row.id), 303)


def _form(error: DomainError | None = None) -> Any:
    view = whatif.asking(scope_here())
    more: dict[str, Any] = {} if error else {"values": FORM}
    return form_page("oversight/what_if.html", error, beside="kind", view=view, scope=view.scope, **more)


@pages.get("/desk/what-if/<what_if_id>")
@needs("dispatch.see")
def what_if_answer(what_if_id: str) -> str:
    return render_template("oversight/what_if_answer.html", view=whatif.answer(what_if_id, g.actor))


@pages.get("/desk/what-if/<what_if_id>/state")
@needs("dispatch.see")
def what_if_state(what_if_id: str) -> str:
    """The live part of the page: progress, then the answer."""
    return render_template("oversight/what_if_state.html", view=whatif.answer(what_if_id, g.actor))
