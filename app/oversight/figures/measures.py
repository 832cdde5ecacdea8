"""What the figures count: the one place where each is defined.

An order belongs to the local day on which it was placed, and to its office. WHICH names the sets of orders the figures
are made of; the list behind a number asks for the same set, so the two cannot differ. A volunteer's deeds belong to the
day on which they happened, and to the volunteer's office.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import and_, case, func, literal_column, or_, select

from app.kernel.clock import today
from app.oversight.figures.period import Period
from app.oversight.figures.spread import FEW
from app.oversight.figures.sqltime import minutes_between
from app.oversight.scope import Scope
from models import Assignment, Offer, Office, Order, Rating, Resident, Visit, Volunteer, db
from models.kinds import Side
from models.states import AssignmentStatus, OfferStatus, OrderStatus

GRACE = 15
"""Minutes by which a visit may begin after the agreed time and still be on time. Ours; no rule gives a number."""
MISSED = 10_000
"""The lateness, in minutes, of somebody who never came."""
OLD = 80


@dataclass(frozen=True)
class Span:
    """Where and when: a part of the office tree, and local days."""

    scope: Scope
    period: Period

    def orders(self, *columns: Any) -> Any:
        """SELECT of the orders placed there and then, each with its office."""
        return (
            select(*columns)
            .select_from(Order)
            .join(Office, Order.office_id == Office.id)
            .where(Order.created_at >= self.period.begins, Order.created_at < self.period.ends, self.scope.holds())
        )


@dataclass(frozen=True)
class Share:
    """Part of a whole; its value is None while there is no whole to speak of."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None


_lateness = (
    select(
        func.max(
            case(
                (Assignment.status == AssignmentStatus.NO_SHOW, float(MISSED)),
                else_=minutes_between(Assignment.starts_at, Visit.checked_in_at),
            )
        )
    )
    .select_from(Assignment)
    .outerjoin(Visit, Visit.assignment_id == Assignment.id)
    .where(Assignment.order_id == Order.id)
    .correlate(Order)
    .scalar_subquery()
)
"""Minutes after the agreed time at which the last of an order's visits began; NULL where none was due yet."""
_mark = (
    select(func.min(Rating.stars))
    .where(Rating.order_id == Order.id, Rating.side == Side.RESIDENT)
    .correlate(Order)
    .scalar_subquery()
)


def _order() -> Any:
    """What the sets are told apart by: columns of an order, and what must be looked up for each. Old is who has surely
    lived so many years, for of their birth only the year is known."""
    declined = select(Offer.id).where(Offer.order_id == Order.id, Offer.status == OfferStatus.DECLINED)
    old = select(Resident.id).where(Resident.birth_year < today().year - OLD)
    return SimpleNamespace(
        id=Order.id, status=Order.status, opened_at=Order.opened_at, staffed_at=Order.staffed_at,
        served_at=Order.served_at, lateness=_lateness, mark=_mark, refused=declined.correlate(Order).exists(),
        old=Order.resident_id.in_(old),
    )  # fmt: skip


def which(name: str, of: Any = None) -> Any:
    """The set of orders a figure speaks of, as a condition; on `of` where its columns stand elsewhere than in Order.
    Raises KeyError for a name that is none."""
    of = of or _order()
    met = of.served_at.is_not(None)
    unmet = and_(~met, of.status.in_((OrderStatus.UNFILLED, OrderStatus.NO_SHOW, OrderStatus.CLOSED)))
    alone = or_(of.status == OrderStatus.UNFILLED, and_(of.status == OrderStatus.CLOSED, of.staffed_at.is_(None)))
    return {
        "all": of.id.is_not(None),
        "met": met,
        "unmet": unmet,
        "pending": and_(~met, ~unmet),
        "unfilled": and_(unmet, alone),
        "accepted": and_(of.opened_at.is_not(None), of.staffed_at.is_not(None)),
        "on_time": of.lateness <= GRACE,
        "late": of.lateness > GRACE,
        "rated": and_(met, of.mark.is_not(None)),
        "satisfied": and_(met, of.mark == 3),
        "old_met": and_(met, of.old),
        "old_unmet": and_(unmet, of.old),
        "refused": of.refused,
    }[name]


LISTED = ("all", "met", "unmet", "pending", "unfilled", "accepted", "on_time", "late", "rated", "refused")
"""The sets that open a list. Who was satisfied, and who is over 80, is nobody's list to read."""
COUNTED = (*LISTED, "satisfied", "old_met", "old_unmet")
AT_SIGHT = frozenset(LISTED[:6])
"""Sets that an order's own columns tell."""

Tally = dict[Any, Counter[str]]


def tally(span: Span, key: Any = Office.path, names: Sequence[str] = COUNTED, *, kinds: Any = ()) -> Tally:
    """How many orders each set holds, by what `key` says of them: one query. `kinds` joins what the key needs."""
    if set(names) <= AT_SIGHT:
        found = span.orders(key.label("key"), *_sums(names, _order()))
        for target, on in kinds:
            found = found.outerjoin(target, on)
        found = found.group_by(key)
    else:  # what is looked up is looked up once for each order, and then counted
        seen = [column.label(name) for name, column in vars(_order()).items()]
        orders = span.orders(key.label("key"), *seen).cte().prefix_with("MATERIALIZED")
        found = select(orders.c.key, *_sums(names, orders.c)).group_by(orders.c.key)
    rows = db.session.execute(found).all()
    return {row[0]: Counter(dict(zip(names, row[1:], strict=True))) for row in rows}


def _sums(names: Sequence[str], of: Any) -> list[Any]:
    return [func.sum(case((which(name, of), 1), else_=0)).label(f"in_{name}") for name in names]


# ---------- shares of orders, from what was counted ----------


def met_need(of: Counter[str]) -> Share:
    """Orders in which a visit took place ÷ orders whose outcome is known: those, and the unmet (nobody found, nobody
    came, closed unserved). Orders still waiting, withdrawn or not accepted for service count on neither side."""
    return Share(of["met"], of["met"] + of["unmet"])


def unfilled(of: Counter[str]) -> Share:
    """Orders for which nobody was found ÷ orders whose outcome is known (see met_need)."""
    return Share(of["unfilled"], of["met"] + of["unmet"])


def filled(of: Counter[str]) -> Share:
    """Orders for which somebody was found ÷ orders whose outcome is known: the rest of unfilled."""
    whole = met_need(of).whole
    return Share(whole - of["unfilled"], whole)


def on_time(of: Counter[str]) -> Share:
    """Orders whose every visit began at most GRACE minutes after the agreed time ÷ orders with a visit that began or
    was missed. Somebody who did not come at all was not on time."""
    return Share(of["on_time"], of["on_time"] + of["late"])


def rated(of: Counter[str]) -> Share:
    """Orders about which the resident said a word ÷ orders served."""
    return Share(of["rated"], of["met"])


def satisfied(of: Counter[str], raters: int) -> Share | None:
    """Orders whose worst mark was "good" (3 of 3) ÷ orders rated; None where fewer than FEW people gave one."""
    return Share(of["satisfied"], of["rated"]) if raters >= FEW else None


def old_people(of: Counter[str]) -> Share | None:
    """met_need of orders for people of 80 and more, whose year of birth is known; None for fewer than FEW orders."""
    share = Share(of["old_met"], of["old_met"] + of["old_unmet"])
    return share if share.whole >= FEW else None


# ---------- queries of their own ----------


def waits(span: Span) -> dict[str, list[float]]:
    """Minutes from an order's opening to the last of its places being taken, by office path; median and p90 are taken
    over all orders that were staffed, however they ended."""
    spent = minutes_between(Order.opened_at, Order.staffed_at)
    found: dict[str, list[float]] = defaultdict(list)
    for path, minutes in db.session.execute(span.orders(Office.path, spent).where(which("accepted"))):
        found[path].append(minutes)
    return found


def raters(span: Span) -> dict[str, set[str]]:
    """The people (residents served) behind the marks, by office path: so many stand beside the satisfaction."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, resident in db.session.execute(span.orders(Office.path, Order.resident_id).where(which("rated"))):
        found[path].add(resident)
    return found


def answers(span: Span) -> Tally:
    """Offers of these orders by what became of them. Refusal rate: declined ÷ answered (accepted + declined); those
    that ran out unanswered ÷ all three are counted beside it, as their own share."""
    found: Tally = defaultdict(Counter)
    rows = span.orders(Office.path, Offer.status, func.count()).join(Offer, Offer.order_id == Order.id)
    for path, status, number in db.session.execute(rows.group_by(Office.path, Offer.status)):
        found[path][status] += number
    return found


def causes(span: Span) -> list[tuple[str, str, str]]:
    """What kept people from each unfilled order: (order id, office path, weightiest rule). Each order counts once."""
    rows = db.session.execute(span.orders(Order.id, Office.path, Order.unplaced).where(which("unfilled"))).all()
    return [(row[0], row[1], main_reason(row[2])) for row in rows]


def main_reason(unplaced: dict[str, Any] | None) -> str:
    """The rule that cost an order the most people; '' where the engine had not counted."""
    if not unplaced:
        return ""
    if unplaced.get("verdict") == "taken_by_others":
        return "taken_by_others"
    lost = unplaced.get("lost") or {}
    return max(lost, key=lambda rule: lost[rule]) if lost else ""


@dataclass(frozen=True)
class Worker:
    """What one volunteer was asked and did in the period. `ready`: verified and not paused, so they could be asked.

    `asked`: offers they were told of, by the day they were sent; `accepted`: to how many of those they said yes.
    """

    id: str
    path: str
    ready: bool
    asked: int
    accepted: int
    visits: int
    minutes: float


# Grouped by an expression, for SQLite would else walk its index by volunteer, which takes four times as long.
_worked = func.coalesce(Assignment.volunteer_id, literal_column("''"))
_asked = func.coalesce(Offer.volunteer_id, literal_column("''"))


def workers(span: Span) -> list[Worker]:
    """Volunteers of the area who could be asked or did something. Active: began a visit in the period. Fairness looks
    at how offers (by the day they were sent) and minutes served (check-in to check-out) spread over those ready."""
    begins, ends = span.period.begins, span.period.ends
    spent = func.sum(minutes_between(Visit.checked_in_at, Visit.checked_out_at))
    visits = (
        select(_worked, func.count(), func.coalesce(spent, 0.0))
        .join(Visit, Visit.assignment_id == Assignment.id)
        .where(Visit.checked_in_at >= begins, Visit.checked_in_at < ends)
        .group_by(_worked)
    )
    yes = func.sum(case((Offer.status == OfferStatus.ACCEPTED, 1), else_=0))
    told = (Offer.sent_at >= begins, Offer.sent_at < ends, Offer.held_until.is_(None))
    offers = select(_asked, func.count(), yes).where(*told).group_by(_asked)
    done = {row[0]: (row[1], row[2]) for row in db.session.execute(visits)}
    asked = {row[0]: (row[1], row[2]) for row in db.session.execute(offers)}
    ready = and_(Volunteer.is_verified, ~Volunteer.is_paused, Volunteer.created_at < ends)
    people = select(Volunteer.id, Office.path, ready).join(Office, Volunteer.office_id == Office.id)
    return [
        Worker(key, path, is_ready, *asked.get(key, (0, 0)), *done.get(key, (0, 0.0)))
        for key, path, is_ready in db.session.execute(people.where(span.scope.holds()))
        if is_ready or key in done
    ]
