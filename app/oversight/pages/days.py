"""A day and its plans."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import abort, redirect, render_template, request, url_for

from app.kernel.access import needs
from app.kernel.clock import read_day, today
from app.oversight import dayplans, days
from app.oversight.pages.desk import pages, scope_here


@pages.get("/desk/days")
@needs("dispatch.see")
def tomorrow() -> Any:
    """The day one usually plans; or the one picked from the calendar."""
    picked = request.args.get("day") or (today() + timedelta(days=1)).isoformat()
    return redirect(url_for("oversight.day", day=_day(picked).isoformat(), office=request.args.get("office")))


@pages.get("/desk/days/<day>")
@needs("dispatch.see")
def day(day: str) -> str:
    return render_template("oversight/day.html", view=days.day_view(_day(day), scope_here()), scope=scope_here())


def _day(typed: str) -> date:
    found = read_day(typed)
    if found is None:
        abort(404)
    return found


@pages.get("/desk/plans/<run_id>")
@needs("dispatch.see")
def plan(run_id: str) -> str:
    return render_template("oversight/plan.html", view=dayplans.plan_view(run_id, scope_here()))


@pages.get("/desk/plans/<run_id>/state")
@needs("dispatch.see")
def plan_state(run_id: str) -> str:
    """The live part of the page: progress, then the plan, then what became of it."""
    return render_template("oversight/plan_state.html", view=dayplans.plan_view(run_id, scope_here()))
