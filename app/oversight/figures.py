"""The figures no platform publishes: whether needs were met, how soon, how often people said no, and why nobody came.

    met            visits took place ÷ orders whose outcome is known (served; unfilled; nobody came; closed unserved).
                   Orders still waiting, withdrawn or not accepted for service count on neither side
    to accept      minutes from an order's opening to the last of its places being taken: median and 90th percentile
    refused        offers answered no ÷ offers answered; those that ran out are counted beside it, as their own share
    rated          orders with a word of the resident ÷ orders served
    satisfied      marks of 3 out of 3 ÷ marks; never shown without the number of people who gave one

An order belongs to the day on which it was placed. What the engine counted when it found nobody gives the reasons.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.kernel.clock import now
from app.oversight.scope import Scope
from models import Offer, Office, Order, Rating, db
from models.kinds import Side
from models.states import OfferStatus, OrderStatus

PERIODS = (7, 30, 90)
MOST = 50_000
UNMET = (OrderStatus.UNFILLED, OrderStatus.NO_SHOW)
RULES: dict[str, Any] = {
    "active": _l("没有核实或暂停服务"),
    "skills": _l("没有需要的技能"),
    "credentials": _l("没有有效的证书"),
    "minimum_age": _l("年龄不到"),
    "sex": _l("性别不合要求"),
    "on_duty": _l("当时不在班"),
    "radius": _l("离得太远"),
    "reach": _l("赶不过来"),
    "availability": _l("那段时间没空"),
    "overlap": _l("时间和别的任务冲突"),
    "daily_limit": _l("当天接够了"),
    "weekly_limit": _l("这周接够了"),
    "banned": _l("拒绝过、回避或已邀请"),
    "taken_by_others": _l("合适的人都在做别的单"),
    "": _l("没有记下原因"),
}
"""What kept people from an order, in short words."""


@dataclass(frozen=True)
class Figures:
    """One office's figures for a period. A share is None where nothing has been counted yet."""

    orders: int
    met: int
    unmet: int
    accept_median: int | None
    accept_p90: int | None
    accepted: int
    asked: int
    yes: int
    no: int
    lapsed: int
    served: int
    rated: int
    marks: int
    satisfied: int
    reasons: tuple[tuple[str, int], ...] = ()

    @property
    def met_share(self) -> float | None:
        return _share(self.met, self.met + self.unmet)

    @property
    def refusal_share(self) -> float | None:
        return _share(self.no, self.yes + self.no)

    @property
    def lapsed_share(self) -> float | None:
        return _share(self.lapsed, self.yes + self.no + self.lapsed)

    @property
    def rated_share(self) -> float | None:
        return _share(self.rated, self.served)

    @property
    def satisfied_share(self) -> float | None:
        return _share(self.satisfied, self.marks)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def figures(scope: Scope, days: int = 30) -> tuple[Figures, list[tuple[Office, Figures]]]:
    """The figures of what is looked at, and of each office right below it that has any orders."""
    since = now() - timedelta(days=days)
    orders, offers, marks = _orders(scope, since), _offers(scope, since), _marks(scope, since)
    whole = _figures(orders, offers, marks)
    parts = []
    for child in scope.children:
        mine = [[row for row in rows if row.path.startswith(child.path)] for rows in (orders, offers, marks)]
        if mine[0]:
            parts.append((child, _figures(*mine)))
    return whole, parts


def _orders(scope: Scope, since: datetime) -> Sequence[Any]:
    found = (
        select(Order.id, Order.status, Order.opened_at, Order.staffed_at, Order.served_at, Order.unplaced, Office.path)
        .join(Office, Order.office_id == Office.id)
        .where(Order.created_at >= since, scope.holds())
        .limit(MOST)
    )
    return db.session.execute(found).all()


def _offers(scope: Scope, since: datetime) -> Sequence[Any]:
    found = (
        select(Offer.status, Office.path, func.count().label("number"))
        .join(Order, Offer.order_id == Order.id)
        .join(Office, Order.office_id == Office.id)
        .where(Order.created_at >= since, scope.holds())
        .group_by(Offer.status, Office.path)
    )
    return db.session.execute(found).all()


def _marks(scope: Scope, since: datetime) -> Sequence[Any]:
    """One row an order: the mark its resident gave (the same for each of its visits)."""
    found = (
        select(Rating.order_id, func.min(Rating.stars).label("stars"), Office.path)
        .join(Order, Rating.order_id == Order.id)
        .join(Office, Order.office_id == Office.id)
        .where(Rating.side == Side.RESIDENT, Order.created_at >= since, scope.holds())
        .group_by(Rating.order_id, Office.path)
        .limit(MOST)
    )
    return db.session.execute(found).all()


def _figures(orders: Sequence[Any], offers: Sequence[Any], marks: Sequence[Any]) -> Figures:
    waits = sorted(
        (row.staffed_at - row.opened_at).total_seconds() / 60 for row in orders if row.opened_at and row.staffed_at
    )
    served = sum(1 for row in orders if row.served_at)
    answers = Counter[str]()
    for row in offers:
        answers[row.status] += row.number
    return Figures(
        orders=len(orders),
        met=served,
        unmet=sum(1 for row in orders if _is_unmet(row)),
        accept_median=round(statistics.median(waits)) if waits else None,
        accept_p90=round(percentile(waits, 0.9)) if waits else None,
        accepted=len(waits),
        asked=sum(answers.values()),
        yes=answers[OfferStatus.ACCEPTED],
        no=answers[OfferStatus.DECLINED],
        lapsed=answers[OfferStatus.EXPIRED],
        served=served,
        rated=len(marks),
        marks=len(marks),
        satisfied=sum(1 for row in marks if row.stars == 3),
        reasons=tuple(_reasons(row.unplaced for row in orders if row.status == OrderStatus.UNFILLED)),
    )


def _is_unmet(row: Any) -> bool:
    closed_unserved = row.status == OrderStatus.CLOSED and row.served_at is None
    return row.status in UNMET or closed_unserved


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of the sorted values lies, between neighbours in proportion."""
    at = (len(ordered) - 1) * share
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def _reasons(found: Iterable[dict[str, Any] | None]) -> list[tuple[str, int]]:
    """What most often kept people from the unfilled orders: each order counts once, by its weightiest rule."""
    causes = Counter[str]()
    for unplaced in found:
        causes[main_reason(unplaced)] += 1
    return causes.most_common()


def main_reason(unplaced: dict[str, Any] | None) -> str:
    """The rule that cost an order the most people; '' where the engine had not counted."""
    if not unplaced:
        return ""
    if unplaced.get("verdict") == "taken_by_others":
        return "taken_by_others"
    lost = unplaced.get("lost") or {}
    return max(lost, key=lambda rule: lost[rule]) if lost else ""
