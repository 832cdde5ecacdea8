"""Dispatch runs as the desk may read them: those of the offices above and below, and in them only its own orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import defer

from app.kernel.errors import NotFound
from app.oversight.scope import Scope
from app.oversight.worklists import page
from models import DispatchRun, Office, Order, Volunteer, db


def _concerns(scope: Scope) -> Any:
    """SQL: the run's office lies in what is looked at, or above it (a run of the city places everybody's orders)."""
    above = {key for path in scope.paths for key in path.strip("/").split("/")}
    return or_(scope.holds(), Office.id.in_(above))


def runs(scope: Scope, number: int) -> tuple[Sequence[DispatchRun], int, int]:
    """One page of runs, the latest first, without their questions and answers."""
    found = (
        select(DispatchRun)
        .join(Office, DispatchRun.office_id == Office.id)
        .where(_concerns(scope))
        .options(defer(DispatchRun.problem), defer(DispatchRun.plan))
        .order_by(DispatchRun.started_at.desc())
    )
    rows, number, pages = page(found, number)
    return [row[0] for row in rows], number, pages


@dataclass(frozen=True)
class RunView:
    """A run with what it decided about the reader's own orders."""

    run: DispatchRun
    office: Office
    proposals: list[dict[str, Any]]
    unplaced: list[dict[str, Any]]
    orders: dict[str, Any]
    volunteers: dict[str, str]
    elsewhere: int


def run_view(run_id: str, scope: Scope) -> RunView:
    """One run; NotFound where its office is neither above nor below the reader's."""
    found = (
        select(DispatchRun, Office)
        .join(Office, DispatchRun.office_id == Office.id)
        .where(DispatchRun.id == run_id, _concerns(scope))
        .options(defer(DispatchRun.problem))
    )
    row = db.session.execute(found).first()
    if row is None:
        raise NotFound()
    plan = row[0].plan or {}
    proposals, unplaced = plan.get("proposals") or [], plan.get("unplaced") or []
    orders = _own_orders(scope, {str(one["order"]) for one in [*proposals, *unplaced]})
    mine = [one for one in proposals if one["order"] in orders]
    named = _names({str(one["volunteer"]) for one in mine})
    alone = [one for one in unplaced if one["order"] in orders]
    elsewhere = len(proposals) + len(unplaced) - len(mine) - len(alone)
    return RunView(row[0], row[1], mine, alone, orders, named, elsewhere)


def _own_orders(scope: Scope, ids: set[str]) -> dict[str, Any]:
    found = (
        select(Order.id, Order.number, Order.title, Order.status, Office.name.label("office_name"), Office.path)
        .join(Office, Order.office_id == Office.id)
        .where(Order.id.in_(ids), scope.holds())
    )
    return {row.id: row for row in db.session.execute(found)} if ids else {}


def _names(ids: set[str]) -> dict[str, str]:
    found = select(Volunteer.id, Volunteer.name).where(Volunteer.id.in_(ids))
    return dict(db.session.execute(found).tuples().all()) if ids else {}
