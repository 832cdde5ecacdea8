"""A local day at the desk: what still seeks people, what is settled, and the plans made for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from app.dispatching import queries as dispatching
from app.kernel.clock import midnight, today
from app.oversight.runs import concerns
from app.oversight.scope import Scope
from models import Assignment, DispatchRun, Offer, Office, Order, db
from models.kinds import Role, RunMode
from models.states import ASSIGNMENT_HOLDING, OFFER_LIVE

SHOWN_PLANS = 20


@dataclass(frozen=True)
class DayView:
    """A local day: what still seeks, what is settled, and the plans made for it."""

    day: date
    scope: Scope
    waiting: int
    settled: int
    asked: int
    plans: Sequence[tuple[DispatchRun, Office]]

    @property
    def is_past(self) -> bool:
        return self.day < today()

    @property
    def before(self) -> date:
        return self.day - timedelta(days=1)

    @property
    def after(self) -> date:
        return self.day + timedelta(days=1)

    @property
    def offices(self) -> list[Office]:
        """The offices looked at whose orders the reader may plan."""
        own = [self.scope.office] if self.scope.office else list(self.scope.roots)
        return [office for office in own if self.scope.actor.covers(office.path, Role.COORDINATOR)]


def day_view(day: date, scope: Scope) -> DayView:
    """What there is to plan on this day, as far as the reader watches."""
    waiting = [] if day < today() else [order for path in scope.paths for order in dispatching.orders_of(path, day)]
    first, last = midnight(day), midnight(day + timedelta(days=1))
    return DayView(
        day,
        scope,
        len(waiting),
        _number(Assignment, Assignment.status.in_(ASSIGNMENT_HOLDING), first, last, scope),
        _number(Offer, Offer.status.in_(OFFER_LIVE), first, last, scope),
        _plans(day, scope),
    )


def _number(table: Any, which: Any, first: datetime, last: datetime, scope: Scope) -> int:
    found = select(func.count(table.id)).join(table.order).join(Office, Office.id == Order.office_id)
    found = found.where(which, table.starts_at >= first, table.starts_at < last, scope.holds())
    return db.session.scalar(found) or 0


def _plans(day: date, scope: Scope) -> Sequence[tuple[DispatchRun, Office]]:
    found = (
        select(DispatchRun, Office)
        .join(Office, DispatchRun.office_id == Office.id)
        .where(DispatchRun.mode == RunMode.DAY, DispatchRun.day == day, concerns(scope))
        .options(defer(DispatchRun.problem), defer(DispatchRun.plan))
        .order_by(DispatchRun.started_at.desc())
        .limit(SHOWN_PLANS)
    )
    return [(row[0], row[1]) for row in db.session.execute(found)]
