"""What a day plan changes: each of its proposals against the offers that stand now, or against an earlier plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from models import DispatchRun, Offer, db
from models.kinds import PlanStage, RunMode
from models.states import OFFER_LIVE

Starts = dict[tuple[str, str], int]
"""(order id, volunteer id) → when the service begins (epoch seconds)."""


@dataclass(frozen=True)
class Difference:
    """`changes` has a word for every pair of the new plan (kept, retimed, moved, added); `dropped` are orders that had
    somebody and have nobody any more."""

    changes: dict[tuple[str, str], str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        found = dict.fromkeys(("kept", "retimed", "moved", "added"), 0)
        for change in self.changes.values():
            found[change] += 1
        return {**found, "dropped": len(self.dropped)}


def difference(before: Starts, after: Starts) -> Difference:
    """Kept: the same person at the same time; retimed: the same person; moved: somebody else instead; added: nobody
    before."""
    had = {order for order, _ in before}
    gone = {pair[0] for pair in before if pair not in after}
    changes = {
        pair: ("kept" if before[pair] == start else "retimed")
        if pair in before
        else ("moved" if pair[0] in gone else "added")
        for pair, start in after.items()
    }
    return Difference(changes, tuple(sorted(had - {order for order, _ in after})))


def starts(plan: Mapping[str, Any]) -> Starts:
    return {(one["order"], one["volunteer"]): one["start"] for one in plan.get("proposals") or ()}


def standing(run: DispatchRun) -> Starts:
    """The offers of earlier plans that this plan may move and that still stand."""
    moving = list(run.counts.get("moving", ()))
    rows = select(Offer.order_id, Offer.volunteer_id, Offer.starts_at).where(
        Offer.id.in_(moving), Offer.status.in_(OFFER_LIVE)
    )
    return {(row.order_id, row.volunteer_id): int(row.starts_at.timestamp()) for row in db.session.execute(rows)}


def before(run: DispatchRun) -> DispatchRun | None:
    """The plan of the same office and day that was worked out before this one."""
    rows = select(DispatchRun).where(
        DispatchRun.office_id == run.office_id, DispatchRun.mode == RunMode.DAY, DispatchRun.day == run.day,
        DispatchRun.started_at < run.started_at, DispatchRun.stage.is_not(None),
    )  # fmt: skip
    return db.session.scalar(rows.order_by(DispatchRun.started_at.desc()).limit(1))


def changes(run: DispatchRun) -> Difference:
    """Against the offers that stand; nothing to compare where the plan has gone out or was put away."""
    if run.stage != PlanStage.PREVIEW:
        return Difference()
    return difference(standing(run), starts(run.plan or {}))


def changes_since(run: DispatchRun) -> tuple[DispatchRun, Difference] | None:
    """The earlier plan of that day, and what is different from it."""
    earlier = before(run)
    if earlier is None or not earlier.plan:
        return None
    return earlier, difference(starts(earlier.plan), starts(run.plan or {}))
