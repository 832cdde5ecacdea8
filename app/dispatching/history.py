"""What past orders and past runs tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import defer

from app.kernel.access import Actor, within
from app.kernel.clock import now
from app.kernel.errors import NotFound
from models import DispatchRun, Office, Order, ServiceItem, db
from models.kinds import Role

MEMORY = timedelta(days=60)
ENOUGH = 5
"""Fewer cases say nothing."""


def expected_wait(office: Office, item: ServiceItem | None) -> int | None:
    """How many minutes it took until somebody said yes: the median of the last 60 days, None where too few know.

    The narrowest office with enough cases of this very item speaks, else the narrowest with enough of any.
    """
    opened = select(Order.item_id, Office.path, Order.opened_at, Order.staffed_at).join(
        Office, Office.id == Order.office_id
    )
    rows = db.session.execute(
        opened.where(
            Order.opened_at >= now() - MEMORY,
            Order.staffed_at >= Order.opened_at,
            Office.path.startswith(f"/{office.lineage[0]}/", autoescape=True),
        )
    ).all()
    cases = [(row.item_id, row.path, (row.staffed_at - row.opened_at).total_seconds() / 60) for row in rows]
    same = [case for case in cases if item is not None and case[0] == item.id]
    return _narrowest(same, office) or _narrowest(cases, office)


def _narrowest(cases: list[tuple[str | None, str, float]], office: Office) -> int | None:
    lineage = office.lineage
    for depth in range(len(lineage), 0, -1):
        path = f"/{'/'.join(lineage[:depth])}/"
        waits = [minutes for _, where, minutes in cases if where.startswith(path)]
        if len(waits) >= ENOUGH:
            return max(1, round(median(waits)))
    return None


def runs(actor: Actor, limit: int = 50) -> Sequence[DispatchRun]:
    """The latest runs that concern the actor's offices, without their questions and answers."""
    rows = (
        select(DispatchRun)
        .join(Office, Office.id == DispatchRun.office_id)
        .where(_concerns(actor))
        .options(defer(DispatchRun.problem), defer(DispatchRun.plan))
        .order_by(DispatchRun.started_at.desc())
        .limit(limit)
    )
    return db.session.scalars(rows).all()


def run(run_id: str, actor: Actor) -> dict[str, Any]:
    """One run with its plan, of which only the actor's own orders are shown; NotFound elsewhere."""
    row = db.session.scalar(
        select(DispatchRun)
        .join(Office, Office.id == DispatchRun.office_id)
        .where(DispatchRun.id == run_id, _concerns(actor))
        .options(defer(DispatchRun.problem))
    )
    if row is None:
        raise NotFound()
    plan = row.plan or {}
    parts = {name: plan.get(name) or [] for name in ("proposals", "unplaced")}
    mine = _own(actor, {one["order"] for part in parts.values() for one in part})
    return {"run": row, **{name: [one for one in part if one["order"] in mine] for name, part in parts.items()}}


def _paths(actor: Actor) -> tuple[str, ...]:
    return actor.paths(Role.COORDINATOR, Role.SUPERVISOR)


def _concerns(actor: Actor) -> Any:
    """SQL: the run's office lies in the actor's subtrees, or above them: a city's run places everybody's orders."""
    above = {key for path in _paths(actor) for key in path.strip("/").split("/")}
    return or_(within(Office.path, _paths(actor)), Office.id.in_(above))


def _own(actor: Actor, order_ids: set[str]) -> set[str]:
    rows = select(Order.id).join(Office, Office.id == Order.office_id)
    return set(db.session.scalars(rows.where(Order.id.in_(order_ids), within(Office.path, _paths(actor)))))
