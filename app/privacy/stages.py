"""Which columns of the table somebody stands in for an order: by what they are to it, and how far it has come."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app.kernel.access import WATCH, Actor, may
from app.kernel.clock import now
from app.kernel.settings import order_setting
from models import Assignment, Offer, Order, db
from models.kinds import Role
from models.states import (
    ASSIGNMENT_BUSY,
    ASSIGNMENT_HOLDING,
    OFFER_LIVE,
    ORDER_CLAIMABLE,
    AssignmentStatus,
    OrderStatus,
)

_HELPED = frozenset({OrderStatus.STAFFED, OrderStatus.SERVING})


def columns_of(order: Order, actor: Actor) -> tuple[str, ...]:
    """All columns that hold; empty for whoever is nothing to the order."""
    if actor.key_id is not None:  # another system: never a person's sight, whatever role its scopes lend it
        return ("key",) if actor.covers(order.office.path, *WATCH) else ()
    desk = actor.covers(order.office.path, Role.COORDINATOR)
    found = [*_side(order, actor, desk), *_volunteer(order, actor)]
    if desk:
        found.append("desk")
    if actor.covers(order.office.path, Role.SUPERVISOR):
        found.append("watch")
    if actor.covers(order.office.path, Role.ADMINISTRATOR):
        found.append("admin")
    return tuple(found)


def _side(order: Order, actor: Actor, desk: bool) -> list[str]:
    """The side that is served. At one's own desk one is the desk, but for one's own need: a coordinator who placed an
    order for somebody, through whatever door, learns no start code by it."""
    for_self = actor.resident_id is not None and order.resident_id == actor.resident_id
    if actor.is_system or not (for_self or (not desk and may(actor, "order.see_own", order))):
        return []
    return ["coming" if order.status in _HELPED else "resident"]


def _volunteer(order: Order, actor: Actor) -> list[str]:
    if actor.volunteer_id is None:
        return []
    mine = (Assignment.order_id == order.id, Assignment.volunteer_id == actor.volunteer_id)
    found = {assignment_column(one) for one in db.session.scalars(select(Assignment).where(*mine))}
    offers = select(Offer.status, Offer.expires_at).where(
        Offer.order_id == order.id, Offer.volunteer_id == actor.volunteer_id
    )
    for status, expires_at in db.session.execute(offers):
        found.add("offered" if status in OFFER_LIVE and expires_at > now() else "later")
    if order.status in ORDER_CLAIMABLE and not found - {"later"}:
        found.add("published")
    return sorted(found)


def assignment_column(assignment: Assignment) -> str:
    """How far a volunteer has come with an order, by the clock: giving it back or its end closes it."""
    moment, order = now(), assignment.order
    if assignment.status == AssignmentStatus.CHECKED_IN:
        return "serving"
    if assignment.status not in ASSIGNMENT_HOLDING:
        return "later"
    if moment >= _end(assignment) + timedelta(hours=order_setting(order, "exact_hours_after")):
        return "later"
    if assignment.status not in ASSIGNMENT_BUSY:
        return "after"
    return "near" if moment >= opens_at(assignment) else "accepted"


def opens_at(assignment: Assignment) -> datetime:
    """When the volunteer learns the exact place and the phone."""
    return assignment.starts_at - timedelta(hours=order_setting(assignment.order, "exact_hours_before"))


def _end(assignment: Assignment) -> datetime:
    return assignment.ended_at or assignment.ends_at
