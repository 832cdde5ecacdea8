"""Runs whose process died in the middle: closed, or gone on with, as soon as their lease is over."""

from __future__ import annotations

import logging

from sqlalchemy import select

from app.dispatching import publishing, runs
from app.kernel.access import SYSTEM
from app.kernel.clock import now
from app.kernel.errors import WrongState
from app.kernel.transaction import command
from models import DispatchRun, db
from models.kinds import PlanStage, RunStatus

log = logging.getLogger(__name__)
OVER = "the lease ran out"


def free() -> int:
    """Free every run that nobody works on any more; gives how many there were."""
    left = select(DispatchRun.id, DispatchRun.stage).where(
        DispatchRun.status == RunStatus.RUNNING, DispatchRun.lease_until <= now()
    )
    rows = db.session.execute(left).all()
    db.session.rollback()
    for run_id, stage in rows:
        log.warning("run %s was left behind", run_id)
        if stage != PlanStage.PUBLISHING or not _go_on(run_id):
            close(run_id)
    return len(rows)


def _go_on(run_id: str) -> bool:
    """A plan of which half the offers are out is published to its end, unless that has become too late."""
    try:
        publishing.publish(run_id, actor=SYSTEM)
    except WrongState:
        return False
    return True


@command
def close(run_id: str) -> None:
    """Write down that it came to nothing; harmless when somebody has it in hand again."""
    run = db.session.get(DispatchRun, run_id, with_for_update=True, populate_existing=True)
    if run is not None and run.status == RunStatus.RUNNING and run.lease_until <= now():
        runs.guarded(run.id, run.fence, status=RunStatus.FAILED, error=OVER, ended_at=now())
