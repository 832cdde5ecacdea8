"""Holds what callers were told against what the database has: every ok once, every fail absent, every doubt 0 or 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from models import Assignment, HoursEntry, Order, Rating, Visit, db
from models.kinds import HoursKind, Side
from tests.integrity.ledger import FAIL, OK, Operation

STUCK_SECONDS = 60.0
Outage = tuple[float, float]


@dataclass
class Findings:
    """Counts of what must not be, and the first few of each by name."""

    lost: int = 0
    doubled: int = 0
    refused_but_there: int = 0
    other_than_told: int = 0
    stuck: int = 0
    named: list[str] = field(default_factory=list)

    def add(self, kind: str, one: Operation, count: int) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.named) < 12:
            self.named.append(f"{kind}: {one.what} {one.about} {one.outcome} {one.words[-3:]} in the database {count}")


class Database:
    """Everything that operations may have brought about, read once."""

    def __init__(self) -> None:
        orders = db.session.execute(select(Order.id, Order.status)).all()
        marks = [order.words for order in db.session.scalars(select(Order)).unique()]
        claims = db.session.execute(select(Assignment.order_id, Assignment.volunteer_id)).all()
        self.status: dict[str, str] = {row.id: row.status for row in orders}
        self.marks = Counter(marks)
        self.claims = Counter((order_id, volunteer_id) for order_id, volunteer_id in claims)
        self.assignments = set(db.session.scalars(select(Assignment.id)))
        self.came = Counter(db.session.scalars(select(Visit.assignment_id)))
        self.went = Counter(db.session.scalars(select(Visit.assignment_id).where(Visit.checked_out_at.is_not(None))))
        credits = select(HoursEntry.assignment_id).where(HoursEntry.kind == HoursKind.CREDIT)
        self.credits = Counter(db.session.scalars(credits))
        rated = select(Rating.assignment_id).where(Rating.side == Side.RESIDENT)
        self.ratings = Counter(db.session.scalars(rated))

    def count(self, one: Operation) -> int:
        """How often the operation has had its effect."""
        about = one.about
        counts: dict[str, Callable[[], int]] = {
            "place": lambda: self.marks[about["mark"]],
            "claim": lambda: self.claims[about["order"], about["volunteer"]],
            "cancel": lambda: int(self.status[about["order"]] == "cancelled"),
            "check_in": lambda: self.came[about["assignment"]],
            "check_out": lambda: self.went[about["assignment"]],
            "rate": lambda: self.ratings[about["assignment"]],
        }
        return counts[one.what]()

    def knows(self, one: Operation) -> bool:
        """Whether what the caller was given is there under that name."""
        if one.what == "place":
            return one.given in self.status
        return one.given in self.assignments if one.what == "claim" else True


def longest(operations: Sequence[Operation], outages: Sequence[Outage]) -> float:
    """Seconds that the slowest operation took while somebody was there to answer."""
    return max((_waited(one, outages) for one in operations), default=0.0)


def _waited(one: Operation, outages: Sequence[Outage]) -> float:
    away = sum(max(0.0, min(one.ended, until) - max(one.begun, since)) for since, until in outages)
    return one.ended - one.begun - away


def compare(operations: Sequence[Operation], outages: Sequence[Outage]) -> Findings:
    """All of them. `outages` are the spans of time in which nobody could have answered: nobody is stuck then."""
    db.session.remove()
    found, rows = Findings(), Database()
    for one in operations:
        count = rows.count(one)
        if one.outcome == OK and count == 0:
            found.add("lost", one, count)
        elif one.outcome == OK and not rows.knows(one):
            found.add("other_than_told", one, count)
        if count > 1:
            found.add("doubled", one, count)
        if one.outcome == FAIL and count:
            found.add("refused_but_there", one, count)
        if _waited(one, outages) > STUCK_SECONDS:
            found.add("stuck", one, count)
        if one.what == "check_out" and one.outcome == OK and rows.credits[one.about["assignment"]] != 1:
            found.add("doubled" if rows.credits[one.about["assignment"]] else "lost", one, count)
    return found
