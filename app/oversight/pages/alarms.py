"""The lists behind the numbers of the board's alerts that are about visits."""

from __future__ import annotations

from flask import abort, render_template

from app.kernel.access import needs
from app.oversight.board import visit_alerts
from app.oversight.pages.desk import pages, scope_here


@pages.get("/desk/alerts/<code>")
@needs("board.see")
def alert_list(code: str) -> str:
    if code not in visit_alerts.CODES:
        abort(404)
    scope = scope_here()
    return render_template("oversight/alert.html", scope=scope, code=code, rows=visit_alerts.visits_behind(scope, code))
