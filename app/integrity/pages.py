"""The administrators' page about the system itself: open alarms, and what the doctor last found."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from app.extensions import limiter
from app.integrity import alarms, doctor, words
from app.integrity.invariants import INVARIANTS
from app.kernel.access import needs, require
from app.offices.queries import roots

pages = Blueprint("integrity", __name__)


def _require_whole_system() -> None:
    """The whole system is the business of those who administer a root office."""
    for office in roots():
        require(g.actor, "system.see", office)


@pages.get("/system")
@needs("system.see")
def system() -> Any:
    _require_whole_system()
    return render_template(
        "integrity/system.html", alarms=alarms.open_alarms(), settled=alarms.settled_lately(),
        checkup=doctor.last_checkup(), words=words, rules=[one.name for one in INVARIANTS],
    )  # fmt: skip


@pages.post("/system/checkups")
@needs("system.see")
@limiter.limit("6 per minute")
def check_up() -> Any:
    """Have the doctor look now."""
    _require_whole_system()
    report = doctor.round_of_the_night()
    flash(_("检查过了，一切正常。") if report.ok else _("检查过了，有问题，请看下面。"), "good" if report.ok else "bad")
    return redirect(url_for("integrity.system"), 303)
