"""A day plan: asked for, worked out in the background, and laid before a coordinator. Publishing it: publishing.py."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Flask, current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from app.dispatching import daily, evening, runs, snapshot
from app.dispatching.day_solver import GRACE, SECONDS, day_solver
from app.dispatching.hours import LOOKAHEAD
from app.dispatching.runs import LostLease
from app.kernel.access import Actor, require
from app.kernel.clock import now, today
from app.kernel.errors import Invalid, NotFound, WrongState
from app.kernel.journal import record
from app.kernel.transaction import command
from dispatch import Plan
from models import DispatchRun, Office, db
from models.kinds import EventKind, PlanStage, RunMode, RunStatus

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=SECONDS + 2 * GRACE)
BUTTON = "button"


def plan_day(office_id: str, day: date, *, actor: Actor, cause: str = BUTTON) -> DispatchRun:
    """Have a day planned in the background; raises Invalid for a day gone by or too far, WrongState while one runs."""
    run = ask(office_id, day, actor=actor, cause=cause)
    in_background(work_out, run.id, run.fence, actor)
    return db.session.get_one(DispatchRun, run.id, populate_existing=True)


@command
def ask(office_id: str, day: date, *, actor: Actor, cause: str = BUTTON) -> DispatchRun:
    """Begin a plan of this office's orders for a local day."""
    office = db.session.get(Office, office_id)
    if office is None:
        raise NotFound()
    require(actor, "dispatch.steer", office)
    if day < today():
        raise Invalid({"day": [_l("这一天已经过去了，请选今天或以后的日子。")]})
    if day > today() + LOOKAHEAD:
        raise Invalid({"day": [_l("太早了，请选两周以内的日子。")]})
    run = runs.claim(office.id, cause, mode=RunMode.DAY, day=day, lease=LEASE)
    if run is None:
        raise WrongState(_l("这里正在排一天的单，请等它排完。"))
    record(run, EventKind.DISPATCH_RUN, actor=actor, cause=cause, day=day.isoformat())
    return run


def in_background(work: Callable[..., Any], *args: Any) -> None:
    """Do it in a thread with the app's context; where the solver works inline (tests), at once."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # Flask's own proxy
    if app.config["LINLI"].solver == "inline":
        work(*args)
        return

    def run() -> None:
        with app.app_context():
            work(*args)

    threading.Thread(target=run, name="day plan", daemon=True).start()


def work_out(run_id: str, fence: int, actor: Actor) -> None:
    """Freeze the day, solve it, and lay the plan before the desk. Whatever goes wrong is written into the run."""
    try:
        _go(run_id, fence, actor)
    except LostLease:
        log.warning("day plan %s was taken over", run_id)
    except Exception as failure:
        db.session.rollback()
        log.exception("day plan %s failed", run_id)
        runs.fail(run_id, fence, failure)


def _go(run_id: str, fence: int, actor: Actor) -> None:
    run = db.session.get_one(DispatchRun, run_id)
    office, day = db.session.get_one(Office, run.office_id), run.day or today()
    weights, doubts = runs.weights_of(db.session.get_one(Office, office.lineage[0]))
    skipped = evening.planners_below(office) if run.cause == evening.CAUSE else ()
    frozen = snapshot.of_day(office, daily.orders_of(office.path, day, skipped), day)
    db.session.rollback()  # nobody holds a transaction while the solver thinks
    plan = day_solver().solve(frozen.problem, weights, seed=runs.seed_of(f"{office.id}/{day}"))
    runs.keep(run_id, fence, frozen, plan, "; ".join(part for part in (doubts, plan.degraded) if part)[:200])
    lay_out(run_id, fence, plan, sorted(frozen.moving), actor=actor)


@command
def lay_out(run_id: str, fence: int, plan: Plan, moving: list[str], *, actor: Actor) -> None:
    """The plan may be looked at; an older one of the same office and day that nobody published is put away."""
    counts: dict[str, Any] = {
        "orders": plan.stats.get("orders"), "positions": plan.stats.get("positions"), "proposals": len(plan.proposals),
        "volunteers": len({one.volunteer for one in plan.proposals}), "seconds": plan.stats.get("seconds"),
        "unplaced": sum(one.open_positions for one in plan.unplaced), "moving": moving,
    }  # fmt: skip
    runs.guarded(run_id, fence, status=RunStatus.APPLIED, stage=PlanStage.PREVIEW, ended_at=now(), counts=counts)
    run = db.session.get_one(DispatchRun, run_id, populate_existing=True)
    older = (
        DispatchRun.office_id == run.office_id, DispatchRun.day == run.day, DispatchRun.id != run.id,
        DispatchRun.stage == PlanStage.PREVIEW,
    )  # fmt: skip
    db.session.execute(update(DispatchRun).where(*older).values(stage=PlanStage.DISCARDED))
    record(run, EventKind.DISPATCH_RUN, actor=actor, stage=str(PlanStage.PREVIEW), proposals=len(plan.proposals))
