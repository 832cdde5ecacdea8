"""What the board shows: orders that wait (by risk of lateness, see risk.py), offers out, visits, people on duty.

Every read is bounded, goes through an index (orders by status, offers by status, visits by order) and costs the same
number of queries for five orders and for five hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, or_, select

from app.kernel.clock import midnight, now, today
from app.oversight.board.risk import Risk, UsualWaits, risk
from app.oversight.scope import Scope
from models import Assignment, Offer, Office, Order, ServiceItem, Visit, Volunteer, db
from models.states import ASSIGNMENT_HOLDING, OFFER_LIVE, AssignmentStatus, OrderStatus

REVIEWING = (OrderStatus.SUBMITTED, OrderStatus.TRANSFERRED, OrderStatus.REOPENED)
WAITING = (*REVIEWING, OrderStatus.OPEN, OrderStatus.OFFERING, OrderStatus.UNFILLED)
GROUPS: dict[str, tuple[OrderStatus, ...]] = {
    "review": REVIEWING,
    "open": (OrderStatus.OPEN,),
    "offering": (OrderStatus.OFFERING,),
    "unfilled": (OrderStatus.UNFILLED,),
}
"""The tabs above the waiting list."""
SERVED = (OrderStatus.SERVED, OrderStatus.RATED, OrderStatus.CLOSED)
ROWS = 50
"""Rows on one page of the waiting list."""
SIDE = 40
"""Rows in each list at the side."""
MOST = 2000
"""Waiting orders that are ranked at all; an office with more has another problem than their order."""
MEMORY = timedelta(days=30)
"""How far back the usual waits are learned from."""
SOON = timedelta(hours=2)
"""An accepted visit that begins within this stands among the visits under way."""


@dataclass(frozen=True)
class Wanted:
    """What the coordinator narrowed the waiting list to."""

    q: str = ""
    status: str = ""
    urgency: str = ""
    alert: str = ""
    page: int = 1

    def parts(self) -> dict[str, str]:
        """As the query string's names and values, without what is not set."""
        found = {"q": self.q, "status": self.status, "urgency": self.urgency, "alert": self.alert}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class Waiting:
    """One waiting order as the list shows it: no name, no address, no phone."""

    row: Any
    risk: Risk
    rank: int = 0
    offers: int = 0

    @property
    def filled(self) -> int:
        """How many of its places somebody has taken."""
        return int(self.row.filled)

    @property
    def since(self) -> datetime:
        """When it began to wait."""
        return self.row.opened_at or self.row.created_at


@dataclass(frozen=True)
class WaitingPage:
    rows: list[Waiting]
    total: int
    page: int
    pages: int


_filled = (
    select(func.count())
    .where(Assignment.order_id == Order.id, Assignment.status.in_(ASSIGNMENT_HOLDING))
    .correlate(Order)
    .scalar_subquery()
)


def _waiting_rows(scope: Scope, wanted: Wanted) -> Sequence[Any]:
    statuses = GROUPS.get(wanted.status, WAITING)
    found = (
        select(
            Order.id, Order.number, Order.title, Order.status, Order.urgency, Order.is_now, Order.item_id,
            Order.window_from, Order.window_until, Order.duration_minutes, Order.positions_wanted, Order.opened_at,
            Order.created_at, Order.escalated_to_id, Order.lat, Order.lon, Office.name.label("office_name"),
            Office.path, Office.lat.label("office_lat"), Office.lon.label("office_lon"), ServiceItem.limits,
            _filled.label("filled"),
        )
        .join(Office, Order.office_id == Office.id)
        .outerjoin(ServiceItem, Order.item_id == ServiceItem.id)
        .where(Order.status.in_(statuses), scope.holds())
        .order_by(Order.window_until)
        .limit(MOST)
    )  # fmt: skip
    return db.session.execute(searched(found, wanted)).all()


def searched(found: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """Orders with their offices, narrowed to the urgency and the words that were asked for."""
    if wanted.urgency:
        found = found.where(Order.urgency == wanted.urgency)
    for word in wanted.q.split()[:5]:
        named = [column.icontains(word, autoescape=True) for column in (Order.number, Order.title, Office.name)]
        found = found.where(or_(*named))
    return found


def usual_waits(scope: Scope) -> UsualWaits:
    """How long people here usually wait for a yes."""
    past = (
        select(Order.item_id, Order.urgency, Order.opened_at, Order.staffed_at)
        .join(Office, Order.office_id == Office.id)
        .where(Order.created_at >= now() - MEMORY, Order.opened_at.is_not(None), Order.staffed_at.is_not(None))
        .where(scope.holds())
        .order_by(Order.created_at.desc())
        .limit(MOST)
    )
    return UsualWaits(db.session.execute(past).all())


def waiting(scope: Scope, wanted: Wanted | None = None) -> list[Waiting]:
    """All waiting orders that fit what was asked for, the most endangered first."""
    usual, moment = usual_waits(scope), now()
    judged = [
        Waiting(
            row,
            risk(
                row.status, row.urgency, row.window_until, row.duration_minutes, row.escalated_to_id is not None,
                usual.of(row.item_id, row.urgency), moment, row.positions_wanted - row.filled,
            ),
        )
        for row in _waiting_rows(scope, wanted or Wanted())
    ]  # fmt: skip
    return sorted(judged, key=lambda one: (one.risk.key, one.row.window_until, one.row.id))


def page_of(rows: list[Waiting], page: int) -> WaitingPage:
    """One page of a sorted list, with how many offers of each order are out."""
    pages = max(1, -(-len(rows) // ROWS))
    page = min(max(1, page), pages)
    shown = rows[(page - 1) * ROWS : page * ROWS]
    ids = [one.row.id for one in shown]
    offers = offers_of(ids)
    ranked = [
        Waiting(one.row, one.risk, (page - 1) * ROWS + place, offers.get(one.row.id, 0))
        for place, one in enumerate(shown, 1)
    ]
    return WaitingPage(ranked, len(rows), page, pages)


def offers_of(ids: list[str]) -> dict[str, int]:
    """How many offers of these orders wait for an answer."""
    found = (
        select(Offer.order_id, func.count())
        .where(Offer.order_id.in_(ids), Offer.status.in_(OFFER_LIVE))
        .group_by(Offer.order_id)
    )
    return dict(db.session.execute(found).all()) if ids else {}


def waiting_counts(scope: Scope) -> dict[str, int]:
    """How many orders wait, by tab; `all` is their sum."""
    found = (
        select(Order.status, func.count())
        .join(Office, Order.office_id == Office.id)
        .where(Order.status.in_(WAITING), scope.holds())
        .group_by(Order.status)
    )
    by_status = dict(db.session.execute(found).all())
    counts = {name: sum(by_status.get(status, 0) for status in group) for name, group in GROUPS.items()}
    return {"all": sum(counts.values()), **counts}


def _live_offers(scope: Scope, *columns: Any) -> Any:
    return (
        select(*columns)
        .join(Order, Offer.order_id == Order.id)
        .join(Office, Order.office_id == Office.id)
        .where(Offer.status.in_(OFFER_LIVE), scope.holds())
    )


def offers_out(scope: Scope) -> Sequence[Any]:
    """Offers nobody has answered yet, the one that runs out next on top."""
    found = _live_offers(
        scope, Offer.id, Offer.order_id, Offer.status, Offer.expires_at, Offer.sent_at, Order.number, Order.title,
        Order.urgency, Volunteer.name, Office.name.label("office_name"), Office.path,
    ).join(Volunteer, Offer.volunteer_id == Volunteer.id)  # fmt: skip
    return db.session.execute(found.order_by(Offer.expires_at).limit(SIDE)).all()


def _visits(scope: Scope, *columns: Any) -> Any:
    """Assignments that are being served, on the way, due within two hours, or overdue."""
    begins_soon = Assignment.starts_at <= now() + SOON
    return (
        select(*columns)
        .join(Order, Assignment.order_id == Order.id)
        .join(Office, Order.office_id == Office.id)
        .where(
            Order.status.in_((*WAITING, OrderStatus.STAFFED, OrderStatus.SERVING)),
            or_(
                Assignment.status.in_((AssignmentStatus.ON_THE_WAY, AssignmentStatus.CHECKED_IN)),
                (Assignment.status == AssignmentStatus.ACCEPTED) & begins_soon,
            ),
            scope.holds(),
        )
    )


def visits(scope: Scope, limit: int = SIDE) -> Sequence[Any]:
    """Visits under way or about to be, the earliest first."""
    found = (
        _visits(
            scope, Assignment.id, Assignment.order_id, Assignment.status, Assignment.starts_at, Assignment.ends_at,
            Order.number, Order.title, Order.urgency, Order.lat, Order.lon, Volunteer.name, Visit.checked_in_at,
            Office.name.label("office_name"), Office.path, Office.lat.label("office_lat"),
            Office.lon.label("office_lon"), ServiceItem.limits,
        )
        .join(Volunteer, Assignment.volunteer_id == Volunteer.id)
        .outerjoin(Visit, Visit.assignment_id == Assignment.id)
        .outerjoin(ServiceItem, Order.item_id == ServiceItem.id)
    )  # fmt: skip
    return db.session.execute(found.order_by(Assignment.starts_at).limit(limit)).all()


def _on_duty(scope: Scope, *columns: Any) -> Any:
    return (
        select(*columns)
        .join(Office, Volunteer.office_id == Office.id)
        .where(Volunteer.on_duty_until > now(), Volunteer.is_verified, ~Volunteer.is_paused, scope.holds())
    )


def on_duty(scope: Scope, limit: int = SIDE) -> Sequence[Any]:
    """Volunteers who said they are ready now, the free ones first."""
    mine = Assignment.volunteer_id == Volunteer.id
    serving = exists().where(mine, Assignment.status == AssignmentStatus.CHECKED_IN)
    moving = exists().where(mine, Assignment.status == AssignmentStatus.ON_THE_WAY)
    asked = exists().where(Offer.volunteer_id == Volunteer.id, Offer.status.in_(OFFER_LIVE))
    found = _on_duty(
        scope, Volunteer.id, Volunteer.name, Volunteer.team, Volunteer.on_duty_until,
        Office.name.label("office_name"), Office.path, Office.lat.label("office_lat"),
        Office.lon.label("office_lon"), serving.label("is_serving"), moving.label("is_moving"),
        asked.label("is_asked"),
    )  # fmt: skip
    return db.session.execute(found.order_by("is_serving", "is_moving", "is_asked", Volunteer.name).limit(limit)).all()


def counts(scope: Scope) -> dict[str, int]:
    """The figures on top of the board."""
    served_today = (
        select(func.count())
        .select_from(Order)
        .join(Office, Order.office_id == Office.id)
        .where(Order.status.in_(SERVED), Order.served_at >= midnight(today()))
        .where(Order.created_at >= now() - 2 * MEMORY, scope.holds())
    )
    return {
        **{f"waiting_{name}": number for name, number in waiting_counts(scope).items()},
        "offers": db.session.scalar(_live_offers(scope, func.count(Offer.id))) or 0,
        "visits": db.session.scalar(_visits(scope, func.count(Assignment.id))) or 0,
        "on_duty": db.session.scalar(_on_duty(scope, func.count(Volunteer.id))) or 0,
        "served_today": db.session.scalar(served_today) or 0,
    }
