"""The practice of an offer: sent on request, answered without any consequence."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.extensions import limiter
from app.kernel.access import needs
from app.serving import queries, service
from app.serving.pages.blueprint import pages
from app.serving.practice import sample


@pages.post("/volunteer/practice")
@needs("volunteer.self")
@limiter.limit("6 per hour")
def practise() -> Any:
    service.practise(actor=g.actor)
    return redirect(url_for("serving.practice"), 303)


@pages.get("/volunteer/practice")
@needs("volunteer.self")
def practice() -> Any:
    """An offer as it would come, plainly marked as none."""
    return render_template("serving/practice.html", sample=sample(queries.self_of(g.actor)))


@pages.post("/volunteer/practice/answer")
@needs("volunteer.self")
def answer_practice() -> Any:
    """Whichever button it was, nothing happens but a word of what would have."""
    if request.form.get("answer") == "yes":
        flash(_("练习完成。真的单子接下后，这里会有任务，上门前一天起显示地址和电话。"), "good")
    else:
        flash(_("练习完成。真的单子也一样：不接没有任何影响。"), "good")
    return redirect(url_for("serving.home"), 303)
