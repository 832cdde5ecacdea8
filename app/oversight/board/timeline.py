"""The board's timeline: a lane for each volunteer with what is offered, accepted, being done and done, and the ways.

Lanes are the scope's volunteers who are on duty or have something in the hours shown, and whoever else serves an order
of the scope. Work for an office outside the scope is drawn as taken time, without saying what it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from app.kernel.clock import local, now
from app.oversight.lanes import Scale
from app.oversight.scope import Scope
from models import Assignment, Offer, Office, Order, Volunteer, db
from models.states import ASSIGNMENT_TO_COME, OFFER_LIVE, AssignmentStatus, OfferStatus

HOURS = 8
LANES = 60
"""Lanes drawn at most; whoever has nothing to do is left out first."""
BARS = 600
SLOT = timedelta(minutes=15)
A = AssignmentStatus
STAGES: dict[str, tuple[Any, str]] = {
    "offered": (_l("等答复"), "◇"),
    "accepted": (_l("已接"), "✓"),
    "moving": (_l("在路上"), "»"),
    "serving": (_l("服务中"), "●"),
    "done": (_l("做完了"), "■"),
}
"""Stage → its word and its sign; the colour is the third way of telling it."""
_OF_STATUS = {
    OfferStatus.SENT: "offered", OfferStatus.SEEN: "offered", A.ACCEPTED: "accepted", A.ON_THE_WAY: "moving",
    A.CHECKED_IN: "serving", A.CHECKED_OUT: "done", A.CONFIRMED: "done",
}  # fmt: skip
MOVABLE = {_OF_STATUS[status] for status in (*OFFER_LIVE, *ASSIGNMENT_TO_COME)}


@dataclass(frozen=True)
class Bar:
    """A stretch of a lane, in hundredths of its width; `way` is the way there. Work for others has no `order_id`."""

    id: str
    order_id: str
    title: str
    stage: str
    starts_at: datetime
    ends_at: datetime
    travel_minutes: int
    left: float
    width: float
    way: float

    @property
    def word(self) -> str:
        return str(STAGES[self.stage][0])

    @property
    def sign(self) -> str:
        return STAGES[self.stage][1]

    @property
    def hours(self) -> str:
        return f"{local(self.starts_at):%H:%M}–{local(self.ends_at):%H:%M}"

    @property
    def movable(self) -> bool:
        return bool(self.order_id) and self.stage in MOVABLE


@dataclass(frozen=True)
class Lane:
    id: str
    name: str
    path: str
    office_name: str
    is_on_duty: bool
    bars: list[Bar] = field(default_factory=list)


@dataclass(frozen=True)
class Timeline:
    """`now_at` and `window` are places on the scale, None where they lie outside; `more` lanes were left out."""

    first: datetime
    last: datetime
    hours: list[tuple[float, str]]
    now_at: float | None
    window: tuple[float, float] | None
    lanes: list[Lane]
    more: int

    @property
    def stages(self) -> list[tuple[str, str, str]]:
        """Stage, sign and word, for the key."""
        return [(name, sign, str(word)) for name, (word, sign) in STAGES.items()]


def timeline(scope: Scope, at: datetime | None, window: tuple[datetime, datetime] | None) -> Timeline:
    """HOURS from `at` on, else from an hour ago, or where the picked order may be served later only (`window`)."""
    first = at or _hour(now())
    if at is None and window is not None and window[0] >= first + timedelta(hours=HOURS - 1):
        first = _hour(window[0])
    scale = Scale(first, first + timedelta(hours=HOURS))
    bars = _bars(scope, scale)
    people = _people(scope, list(bars))
    lanes = [_lane(row, bars.get(row.id, [])) for row in people]
    lanes.sort(key=lambda lane: (not lane.bars, lane.bars[0].starts_at if lane.bars else first, lane.name))
    moment = now()
    return Timeline(
        scale.first, scale.last, scale.hours, scale.at(moment) if scale.first <= moment <= scale.last else None,
        _span(scale, window), lanes[:LANES], max(0, len(lanes) - LANES),
    )  # fmt: skip


def _hour(moment: datetime) -> datetime:
    """The full hour before the one that runs at a moment."""
    return local(moment).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)


def _span(scale: Scale, window: tuple[datetime, datetime] | None) -> tuple[float, float] | None:
    if window is None or window[1] <= scale.first or window[0] >= scale.last:
        return None
    left = scale.at(window[0])
    return left, round(scale.at(window[1]) - left, 3)


def _work(table: type[Assignment] | type[Offer], travel: Any) -> Any:
    return select(
        table.id, table.volunteer_id, table.status, table.starts_at, table.ends_at, travel.label("travel_minutes"),
        Order.id.label("order_id"), Order.title, Office.path,
    )  # fmt: skip


def _bars(scope: Scope, scale: Scale) -> dict[str, list[Bar]]:
    """By volunteer what lies on the scale, earliest first."""
    mine = select(Volunteer.id).join(Office, Volunteer.office_id == Office.id).where(scope.holds())
    offers = _work(Offer, Offer.travel_minutes).where(Offer.status.in_(OFFER_LIVE))
    held = _work(Assignment, Offer.travel_minutes).outerjoin(Offer, Assignment.offer_id == Offer.id)
    held = held.where(Assignment.status.in_([status for status in _OF_STATUS if isinstance(status, A)]))
    rows: list[Any] = []
    for found, table in ((offers, Offer), (held, Assignment)):
        found = found.join(Order, table.order_id == Order.id).join(Office, Order.office_id == Office.id)
        found = found.where(table.starts_at < scale.last, table.ends_at > scale.first)
        found = found.where(or_(scope.holds(), table.volunteer_id.in_(mine)))
        rows += db.session.execute(found.order_by(table.starts_at).limit(BARS)).all()
    bars: dict[str, list[Bar]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.starts_at):
        bars[row.volunteer_id].append(_bar(scope, scale, row))
    return bars


def _bar(scope: Scope, scale: Scale, row: Any) -> Bar:
    is_ours = row.path.startswith(scope.paths)
    left, travel = scale.at(row.starts_at), row.travel_minutes or 0
    width = max(0.4, scale.at(row.ends_at) - left)
    way = left - scale.at(row.starts_at - timedelta(minutes=travel))
    return Bar(
        row.id, row.order_id if is_ours else "", row.title if is_ours else "", _OF_STATUS[row.status], row.starts_at,
        row.ends_at, travel, left, round(width, 3), round(way, 3),
    )  # fmt: skip


def _people(scope: Scope, busy: list[str]) -> Sequence[Any]:
    """Whoever has a bar, and whoever of ours is on duty."""
    on_duty = (Volunteer.on_duty_until > now()) & Volunteer.is_verified & ~Volunteer.is_paused
    found = (
        select(
            Volunteer.id, Volunteer.name, Office.path, Office.name.label("office_name"),
            on_duty.label("is_on_duty"),
        )
        .join(Office, Volunteer.office_id == Office.id)
        .where(or_(Volunteer.id.in_(busy), on_duty & scope.holds()))
        .limit(BARS)
    )  # fmt: skip
    return db.session.execute(found).all()


def _lane(row: Any, bars: list[Bar]) -> Lane:
    return Lane(row.id, row.name, row.path, row.office_name, bool(row.is_on_duty), bars)
