"""What somebody must look at now. Each alert comes up with the row that causes it and goes with it; none is stored.

- `safety`: a volunteer called for help, and nobody has written down what was done
- `late`: the latest moment to begin has passed, and nobody has said yes
- `review_late`: nobody has looked at an order within the time its office allows for review
- `waiting_long`: an open order has waited past the time after which it is escalated
- `unfilled`: nobody was found
- `escalated`: a lower office passed an order up to one of ours, and it still waits
- `will_be_late`, `silent`, `not_arrived`, `not_left`: visits that go wrong, see visit_alerts.py
- `rough_place`: only the community is known of where it is, so that distances are guesses
- `follow_up`: a bad mark or a complaint that nobody has looked into
- `hours`: hours entered by hand that wait for a second person's approval
- `day_plan`: a day plan that was worked out and waits for somebody's look
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.kernel.clock import now, today
from app.oversight.board.limits import Limits
from app.oversight.board.queries import REVIEWING, Waiting
from app.oversight.board.visit_alerts import late_visits
from app.oversight.scope import Scope
from app.rating.service import Cause
from models import Assignment, DispatchRun, Event, FollowUp, HoursEntry, Office, Order, db
from models.kinds import EventKind, HoursStatus, PlanStage
from models.states import OrderStatus

WORDS: dict[str, tuple[Any, str]] = {
    "safety": (_l("志愿者求助"), "bad"),
    "late": (_l("过点还没人接"), "bad"),
    "review_late": (_l("审核超时"), "bad"),
    "unfilled": (_l("无人接单"), "bad"),
    "not_arrived": (_l("到点没签到"), "bad"),
    "will_be_late": (_l("快要迟到"), "wait"),
    "silent": (_l("志愿者没动静"), "wait"),
    "waiting_long": (_l("等得太久"), "wait"),
    "escalated": (_l("升级上来的"), "wait"),
    "not_left": (_l("到点没签退"), "wait"),
    "follow_up": (_l("待回访"), "wait"),
    "hours": (_l("时长待审核"), "busy"),
    "day_plan": (_l("安排等您看"), "busy"),
    "rough_place": (_l("没有准确位置"), "calm"),
}
"""What each is called, and its tone; the order in which they are shown."""
OF_ORDERS = ("late", "review_late", "waiting_long", "unfilled", "escalated", "rough_place")
"""Alerts about waiting orders: the waiting list can be narrowed to them."""
CAME_IN = (EventKind.ORDER_PLACE, EventKind.ORDER_RESUBMIT, EventKind.ORDER_RECEIVE, EventKind.ORDER_TRANSFER,
           EventKind.ORDER_REOPEN)  # fmt: skip
"""Steps after which an order waits for review."""
_NAMES = ("review_minutes", "escalate_minutes", "no_show_minutes", "overdue_minutes")
__all__ = ["OF_ORDERS", "WORDS", "Alert", "alerts", "late_visits", "limits", "of_orders"]


@dataclass(frozen=True)
class Alert:
    code: str
    label: str
    count: int
    tone: str
    href: str


def limits() -> Limits:
    """The time limits that alerts go by."""
    return Limits(*_NAMES)


def of_orders(scope: Scope, rows: list[Waiting], held: Limits | None = None) -> dict[str, list[Waiting]]:
    """The waiting orders behind each alert about orders."""
    held, moment = held or limits(), now()
    came_in = _came_in([one.row.id for one in rows if one.row.status in REVIEWING])

    def is_over(one: Waiting, name: str, since: datetime) -> bool:
        minutes = held.of(name, one.row.path, one.row.urgency, one.row.limits)
        return since + timedelta(minutes=minutes) <= moment

    found: dict[str, list[Waiting]] = {code: [] for code in OF_ORDERS}
    for one in rows:
        if one.row.status in REVIEWING and is_over(one, "review_minutes", came_in.get(one.row.id, one.row.created_at)):
            found["review_late"].append(one)
        if one.row.status in (OrderStatus.OPEN, OrderStatus.OFFERING) and is_over(one, "escalate_minutes", one.since):
            found["waiting_long"].append(one)
        if one.risk.left <= 0:
            found["late"].append(one)
        if (one.row.lat, one.row.lon) == (one.row.office_lat, one.row.office_lon):
            found["rough_place"].append(one)
        if one.row.status == OrderStatus.UNFILLED:
            found["unfilled"].append(one)
        if one.row.escalated_to_id in {path.strip("/").split("/")[-1] for path in scope.paths}:
            found["escalated"].append(one)
    return found


def _came_in(order_ids: list[str]) -> dict[str, datetime]:
    """When each order last came to wait for review."""
    found = (
        select(Event.order_id, func.max(Event.at))
        .where(Event.order_id.in_(order_ids), Event.kind.in_(CAME_IN))
        .group_by(Event.order_id)
    )
    return {str(row[0]): row[1] for row in db.session.execute(found)} if order_ids else {}


def open_follow_ups(scope: Scope) -> dict[str, int]:
    """Open ones by their alert: calls for help apart from all others."""
    is_call = FollowUp.cause == Cause.SAFETY
    found = select(is_call, func.count(FollowUp.id)).join(Office, FollowUp.office_id == Office.id).group_by(is_call)
    rows = db.session.execute(found.where(FollowUp.resolved_at.is_(None), scope.holds()))
    numbers = {bool(row[0]): int(row[1]) for row in rows}
    return {"safety": numbers.get(True, 0), "follow_up": numbers.get(False, 0)}


def pending_hours(scope: Scope) -> int:
    found = (
        select(func.count(HoursEntry.id))
        .join(Assignment, HoursEntry.assignment_id == Assignment.id)
        .join(Order, Assignment.order_id == Order.id)
        .join(Office, Order.office_id == Office.id)
    )
    return db.session.scalar(found.where(HoursEntry.status == HoursStatus.PENDING, scope.holds())) or 0


def waiting_plans(scope: Scope) -> int:
    """Day plans of offices looked at, for a day still to come."""
    found = select(func.count(DispatchRun.id)).join(Office, DispatchRun.office_id == Office.id)
    waits = (DispatchRun.stage == PlanStage.PREVIEW, DispatchRun.day > today(), scope.holds())
    return db.session.scalar(found.where(*waits)) or 0


def alerts(scope: Scope, rows: list[Waiting]) -> list[Alert]:
    """Every alert with its number, also those that have nothing to say; `rows` are all waiting orders of the scope."""
    held = limits()
    numbers = {code: len(found) for code, found in of_orders(scope, rows, held).items()}
    numbers |= {code: len(found) for code, found in late_visits(scope, held).items()}
    numbers |= open_follow_ups(scope) | {"hours": pending_hours(scope), "day_plan": waiting_plans(scope)}
    return [
        Alert(code, str(label), numbers[code], tone, _where(code, scope.office_id))
        for code, (label, tone) in WORDS.items()
    ]


def _where(code: str, office: str | None) -> str:
    """The page, or the part of the board, that lists what the alert counts."""
    if code in OF_ORDERS:
        return url_for("oversight.board", alert=code, office=office)
    pages = {
        "safety": "oversight.follow_ups",
        "follow_up": "oversight.follow_ups",
        "hours": "oversight.hours",
        "day_plan": "oversight.tomorrow",
    }
    if code in pages:
        return url_for(pages[code], office=office)
    return url_for("oversight.alert_list", code=code, office=office)
