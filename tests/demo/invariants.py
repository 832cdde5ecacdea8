"""What must hold of any database of Linli, read independently of the services: each gives back the offenders."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from app.kernel import clock
from models import (
    Account,
    Assignment,
    Block,
    Event,
    HoursEntry,
    Notification,
    Offer,
    Order,
    Position,
    Rating,
    Volunteer,
    db,
)
from models.states import (
    ASSIGNMENT_HOLDING,
    ASSIGNMENT_MOVES,
    OFFER_LIVE,
    OFFER_MOVES,
    ORDER_FINAL,
    ORDER_MOVES,
    AssignmentMove,
    OfferMove,
    OrderMove,
    next_status,
)

SLEEPING = ORDER_FINAL | {"unfilled", "no_show", "disputed"}
_TABLES = {
    "orders": ("order", ORDER_MOVES, OrderMove),
    "offer": ("offer", OFFER_MOVES, OfferMove),
    "assignment": ("assignment", ASSIGNMENT_MOVES, AssignmentMove),
}


def _all(table: Any) -> list[Any]:
    return list(db.session.scalars(select(table)))


def _held() -> list[Assignment]:
    return [one for one in _all(Assignment) if one.status in ASSIGNMENT_HOLDING]


def overlapping_assignments() -> list[str]:
    """Nobody is in two places at once, past work included."""
    by_volunteer: dict[str, list[Assignment]] = defaultdict(list)
    for one in _held():
        by_volunteer[one.volunteer_id].append(one)
    days = [sorted(held, key=lambda one: one.starts_at) for held in by_volunteer.values()]
    return [later.id for held in days for earlier, later in pairwise(held) if later.starts_at < earlier.ends_at]


def orders_over_capacity() -> list[str]:
    """No more people than places, one place one person, one person one place, no place beyond those wanted."""
    held, places = _held(), Counter(position.order_id for position in _all(Position))
    doubled = [
        key
        for pairs in (
            Counter(one.position_id for one in held),
            Counter((one.order_id, one.volunteer_id) for one in held),
        )
        for key, number in pairs.items()
        if number > 1
    ]
    wrong = [order.number for order in _all(Order) if places[order.id] != order.positions_wanted]
    return [*map(str, doubled), *wrong]


def orders_staffed_in_part() -> list[str]:
    """Somebody holds each place of an order that says so, and no place of one that says the opposite."""
    held = Counter(one.order_id for one in _held())
    full = {"staffed", "serving", "served", "rated"}
    empty = {"submitted", "returned", "rejected", "unfilled", "cancelled", "no_show", "transferred", "merged"}
    return [
        order.number
        for order in _all(Order)
        if (order.status in full and held[order.id] != order.positions_wanted)
        or (order.status in empty and held[order.id])
    ]


def broken_journals() -> list[str]:
    """Versions 1..n without a gap, times that never run backwards, nothing from the future."""
    by_order: dict[str, list[Event]] = defaultdict(list)
    for event in db.session.scalars(select(Event).order_by(Event.version, Event.number)):
        if event.order_id:
            by_order[event.order_id].append(event)
    return [order.number for order in _all(Order) if not _is_sound(order, by_order[order.id])]


def _is_sound(order: Order, events: list[Event]) -> bool:
    gapless = [event.version for event in events] == list(range(1, order.version + 1))
    forward = all(one.at <= next_.at for one, next_ in pairwise(events))
    return gapless and forward and events[0].kind == "order.place" and events[-1].at <= clock.now()


def statuses_that_do_not_replay() -> list[str]:
    """The moves of the journal, played again over the tables, lead to the status of the row."""
    played: dict[tuple[str, str], str] = {}
    wrong: list[str] = []
    rows = select(Event).where(Event.after.is_not(None)).order_by(Event.order_id, Event.version)
    for event in db.session.scalars(rows):
        wrong += _play(event, played)
    for table in (Order, Offer, Assignment):
        for row in _all(table):
            if played.get((table.__tablename__, row.id)) != row.status:
                wrong.append(f"{table.__tablename__} {row.id} {row.status}")
    return wrong


def _play(event: Event, played: dict[tuple[str, str], str]) -> Iterable[str]:
    subject = event.subject_type, event.subject_id
    if event.before is not None:
        noun, table, moves = _TABLES[event.subject_type]
        move = moves(event.kind.removeprefix(f"{noun}."))
        if played.get(subject) != event.before or next_status(table, event.before, move) != event.after:
            yield f"{event.kind} {event.subject_id}"
    played[subject] = str(event.after)


def offers_out_of_time() -> list[str]:
    """No live offer has run out, none was accepted after it had, and none is out for an order that seeks nobody."""
    return [
        offer.id
        for offer in _all(Offer)
        if (offer.status in OFFER_LIVE and (offer.expires_at <= clock.now() or offer.order.status != "offering"))
        or (offer.status == "accepted" and offer.answered_at >= offer.expires_at)
    ]


def orders_nobody_will_wake() -> list[str]:
    """Every order that is not at rest has a timer, and none is overdue."""
    overdue = clock.now() - timedelta(seconds=60)
    return [
        order.number
        for order in _all(Order)
        if order.status not in SLEEPING and (order.next_action_at is None or order.next_action_at < overdue)
    ]


def hours_out_of_order() -> list[str]:
    """Credited once a visit, no more than was served; never approved by whoever entered or earned them."""
    entries = _all(HoursEntry)
    credits = Counter(entry.assignment_id for entry in entries if entry.kind == "credit")
    done = {one.id for one in _all(Assignment) if one.status in ("checked_out", "confirmed")}
    own = [e.id for e in entries if e.approved_by_id and e.approved_by_id in (e.entered_by_id, e.volunteer.account_id)]
    return [*own, *(key for key, number in credits.items() if number > 1), *(done ^ set(credits))]


def ratings_out_of_place() -> list[str]:
    """One word of each side about a visit that took place, by a party to it, after it."""
    pairs = Counter((rating.assignment_id, rating.side) for rating in _all(Rating))
    wrong = [
        rating.id
        for rating in _all(Rating)
        if rating.assignment.visit is None or rating.created_at < rating.assignment.visit.checked_out_at
    ]
    return [*wrong, *(str(pair) for pair, number in pairs.items() if number > 1)]


def people_sent_against_the_rules() -> list[str]:
    """Whoever holds a place is verified, old enough, has the skills, valid papers, and is not blocked."""
    blocked = {(block.volunteer_id, block.resident_id) for block in _all(Block)}
    return [
        one.id
        for one in _held()
        if (one.volunteer_id, one.order.resident_id) in blocked or not _may_serve(one.volunteer, one.order, one.ends_at)
    ]


def _may_serve(volunteer: Volunteer, order: Order, ends_at: datetime) -> bool:
    day = clock.local(ends_at).date()
    valid = {paper.kind for paper in volunteer.credentials if paper.expires_on is None or paper.expires_on >= day}
    return (
        volunteer.is_verified
        and not volunteer.is_paused
        and {row.skill_id for row in order.skills} <= {row.skill_id for row in volunteer.skills}
        and set(order.credentials) <= valid
        and (order.minimum_age is None or day.year - (volunteer.birth_year or day.year) >= order.minimum_age)
    )


def leaking_notices() -> list[str]:
    """No notice carries a phone number, a name or an address."""
    secrets = {order.id: (order.contact_phone, order.contact_name, order.address) for order in _all(Order)}
    return [
        notice.id
        for notice in _all(Notification)
        if any(secret in str(notice.particulars) for secret in secrets.get(notice.order_id or "", ()))
    ]


def people_not_labelled() -> list[str]:
    return [account.phone for account in _all(Account) if not account.is_demo]


INVARIANTS = (
    overlapping_assignments,
    orders_over_capacity,
    orders_staffed_in_part,
    broken_journals,
    statuses_that_do_not_replay,
    offers_out_of_time,
    orders_nobody_will_wake,
    hours_out_of_order,
    ratings_out_of_place,
    people_sent_against_the_rules,
    leaking_notices,
    people_not_labelled,
)
