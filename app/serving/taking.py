"""Taking a place: what accepting an offer and claiming an open order have in common."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l

from app.dispatching import queries as dispatching
from app.kernel.access import Actor
from app.kernel.errors import AlreadyTaken, NotFitting, OfferOver, Overlaps, WrongState
from app.kernel.journal import record
from app.kernel.lifecycle import move
from app.serving import places
from app.serving.reserves import answered
from models import Assignment, Offer, Order, Position, Volunteer, db
from models.kinds import EventKind
from models.states import ORDER_CLAIMABLE, OfferMove, OrderStatus

FULL = frozenset({OrderStatus.STAFFED, OrderStatus.SERVING})


def take(
    order: Order,
    volunteer: Volunteer,
    starts_at: datetime,
    ends_at: datetime,
    *,
    actor: Actor,
    offer: Offer | None,
    moment: datetime,
) -> Assignment:
    """Fill the lowest free place; the yes was said at `moment`. The caller holds the order's and volunteer's locks."""
    position = _place_on(order, volunteer)
    _refuse_unfit(order, volunteer, starts_at, ends_at)
    assignment = Assignment(
        order=order, position=position, volunteer=volunteer, offer=offer,
        starts_at=starts_at, ends_at=ends_at, accepted_at=moment,
    )  # fmt: skip
    db.session.add(assignment)
    db.session.flush()  # a rival for the same place or time clashes here
    if offer is not None:
        offer.answered_at = moment
        move(offer, OfferMove.ACCEPT, actor=actor)
    record(assignment, EventKind.ASSIGNMENT_MAKE, actor=actor, after=assignment.status, position=position.number)
    answered(order, volunteer)
    places.settle(order, actor=actor)
    return assignment


def _place_on(order: Order, volunteer: Volunteer) -> Position:
    if places.holding(order.id, volunteer.id) is not None:
        raise WrongState(_l("这个单子您已经接过了，请到“我的任务”里看。"))
    if order.status in FULL:
        raise AlreadyTaken()
    if order.status not in ORDER_CLAIMABLE:
        raise OfferOver(_l("这个单子已经不需要人了，谢谢您。"))
    position = places.free_position(order)
    if position is None:
        raise AlreadyTaken()
    return position


def _refuse_unfit(order: Order, volunteer: Volunteer, starts_at: datetime, ends_at: datetime) -> None:
    """Raise Overlaps or NotFitting where a hard rule speaks against it at this moment."""
    if places.overlapping(volunteer.id, starts_at, ends_at) is not None:
        raise Overlaps()
    against = dispatching.conflicts(order, volunteer, starts_at)
    rules = {one.rule for one in against}
    if "blocked" in rules:
        raise OfferOver(_l("这个单子已经不需要人了，谢谢您。"))  # who blocked whom is nobody's business
    if "overlap" in rules:
        raise Overlaps(_l("和您已接的任务挨得太近，路上来不及。"))
    if against:
        raise NotFitting(conflicts=[one.words for one in against])
