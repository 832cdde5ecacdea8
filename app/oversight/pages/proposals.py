"""建议: what automatic dispatch would do now, to be looked at and published by the desk."""

from __future__ import annotations

from flask import g, render_template

from app.dispatching import queries as dispatching
from app.kernel.access import needs
from app.oversight import runs
from app.oversight.pages.desk import pages, scope_here
from models.kinds import Role


@pages.get("/desk/proposals")
@needs("dispatch.steer")
def proposals() -> str:
    """For each office looked at in which the reader may steer."""
    scope = scope_here()
    own = [scope.office] if scope.office else list(scope.roots)
    offices = [office for office in own if g.actor.covers(office.path, Role.COORDINATOR)]
    shown = [(office, dispatching.preview(office, actor=g.actor, lang=runs.language())) for office in offices]
    return render_template("oversight/proposals.html", scope=scope, shown=shown)
