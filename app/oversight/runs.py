"""Dispatch runs as the desk may read them: those of the offices above and below, and in them only its own orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import defer

from app.dispatching import queries as dispatching
from app.kernel.errors import NotFound
from app.offices import queries as offices
from app.oversight.event_words import SENTENCES
from app.oversight.scope import Scope
from app.oversight.worklists import page
from models import DispatchRun, Offer, Office, Order, Volunteer, db

CAUSES: dict[str, Any] = {
    "tick": _l("定时检查"),
    "command": _l("命令行"),
    "button": _l("调度员要排的"),
    "evening": _l("每晚自动排的"),
    **{str(kind): words for kind, words in SENTENCES.items()},
}
"""What set a run off: the clock, or something that happened."""
SOLVERS: dict[str, Any] = {
    "augmenting_paths": _l("一次配齐（增广路）"),
    "columns": _l("整天一起排（列生成）"),
    "components": _l("分成几块重排"),
    "greedy": _l("一单一单地排"),
}
"""How a run was reckoned, in words; with the name that a specialist knows."""


def reason_words(proposal: dict[str, Any]) -> list[str]:
    """Why this person was proposed, in the reader's language."""
    return dispatching.offer_words(Offer(terms={"reasons": proposal["reasons"]}), "coordinator", language())


def unplaced_words(unplaced: dict[str, Any]) -> list[str]:
    return dispatching.unplaced_words(unplaced, language())


def language() -> str:
    """The page's language as the engine names it."""
    return "en" if offices.in_english() else "zh"


def moment(seconds: int) -> datetime:
    """The engine counts in seconds since 1970, UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def concerns(scope: Scope) -> Any:
    """SQL: the run's office lies in what is looked at, or above it (a run of the city places everybody's orders)."""
    above = {key for path in scope.paths for key in path.strip("/").split("/")}
    return or_(scope.holds(), Office.id.in_(above))


def runs(scope: Scope, number: int) -> tuple[Sequence[DispatchRun], int, int]:
    """One page of runs, the latest first, without their questions and answers."""
    found = (
        select(DispatchRun)
        .join(Office, DispatchRun.office_id == Office.id)
        .where(concerns(scope))
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
        .where(DispatchRun.id == run_id, concerns(scope))
        .options(defer(DispatchRun.problem))
    )
    row = db.session.execute(found).first()
    if row is None:
        raise NotFound()
    plan = row[0].plan or {}
    proposals, unplaced = plan.get("proposals") or [], plan.get("unplaced") or []
    orders = own_orders(scope, {str(one["order"]) for one in [*proposals, *unplaced]})
    mine = [one for one in proposals if one["order"] in orders]
    named = _names({str(one["volunteer"]) for one in mine})
    alone = [one for one in unplaced if one["order"] in orders]
    elsewhere = len(proposals) + len(unplaced) - len(mine) - len(alone)
    return RunView(row[0], row[1], mine, alone, orders, named, elsewhere)


def own_orders(scope: Scope, ids: set[str]) -> dict[str, Any]:
    found = (
        select(Order.id, Order.number, Order.title, Order.status, Office.name.label("office_name"), Office.path)
        .join(Office, Order.office_id == Office.id)
        .where(Order.id.in_(ids), scope.holds())
    )
    return {row.id: row for row in db.session.execute(found)} if ids else {}


def _names(ids: set[str]) -> dict[str, str]:
    found = select(Volunteer.id, Volunteer.name).where(Volunteer.id.in_(ids))
    return dict(db.session.execute(found).all()) if ids else {}
