"""Ratings: one word of each side about a visit, hidden from the other until both have spoken or some days passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.kernel import locks
from app.kernel.access import Actor, require
from app.kernel.clock import now
from app.kernel.errors import AlreadyRated, NotAllowed, WrongState
from app.kernel.idempotency import once, repeatable
from app.kernel.journal import record
from app.kernel.lifecycle import move
from app.kernel.settings import order_setting
from app.kernel.transaction import command
from app.rating import settling
from app.rating.follow_ups import Cause, open_follow_up
from models import Assignment, FollowUp, Order, Rating, db
from models.kinds import EventKind, Outcome, Side
from models.states import AssignmentStatus, OrderMove, OrderStatus

BAD = 1
DONE = frozenset({AssignmentStatus.CHECKED_OUT, AssignmentStatus.CONFIRMED})


@command
def rate(
    order_id: str,
    *,
    actor: Actor,
    stars: int,
    outcome: str = Outcome.DONE,
    tags: Sequence[str] = (),
    words: str = "",
    key: str | None = None,
) -> Order:
    """The word of the person served, given by themselves, by whoever asked for them, or to the desk by phone.

    It counts for every visit of the order. A bad mark, or work not fully done, is followed up; otherwise the order
    closes at once.
    """
    order = locks.locked_order(order_id)
    require(actor, "order.rate", order)
    said = {"stars": stars, "outcome": str(outcome), "tags": list(tags), "words": words}
    once(key, actor, "order.rate", [order_id, said], lambda: _rate(order, actor, said))
    return order


def _rate(order: Order, actor: Actor, said: dict[str, object]) -> str:
    visits = settling.unconfirmed(order.id)
    _refuse_unless_served(order)
    if actor.volunteer_id in {visit.volunteer_id for visit in visits}:
        raise NotAllowed(_l("自己的服务不能自己评，请同事打电话问居民。"))
    at = now()  # the same for every visit: by it the rows of one word are known
    for visit in visits:
        _write(visit, Side.RESIDENT, actor, said, at)
    record(order, EventKind.RATING_GIVE, actor=actor, stars=said["stars"], outcome=said["outcome"], side=Side.RESIDENT)
    move(order, OrderMove.RATE, actor=actor)
    cause = cause_for_follow_up(said["stars"], said["outcome"])
    if cause is not None:
        open_follow_up(order, cause, str(said["words"]), actor)
    settling.confirm_all(order, actor)
    settling.close_if_nothing_is_open(order, actor)
    return order.id


def _refuse_unless_served(order: Order) -> None:
    if order.status in (OrderStatus.RATED, OrderStatus.CLOSED):
        raise AlreadyRated()
    if order.status != OrderStatus.SERVED:
        raise WrongState(_l("服务完成以后才能评价。"))


def cause_for_follow_up(stars: object, outcome: object) -> Cause | None:
    """Why a word like this must be looked into; None where all is well."""
    by_outcome = {Outcome.NOT_DONE: Cause.NOT_DONE, Outcome.HALF_DONE: Cause.HALF_DONE}
    cause = by_outcome.get(Outcome(str(outcome)))
    return cause or (Cause.BAD_MARK if stars == BAD else None)


@command
def speak(
    assignment_id: str,
    *,
    actor: Actor,
    stars: int,
    outcome: str = Outcome.DONE,
    tags: Sequence[str] = (),
    words: str = "",
    key: str | None = None,
) -> Rating:
    """The volunteer's own word about the visit; a bad one is followed up too."""
    order = locks.locked_order(locks.order_of(Assignment, assignment_id))
    assignment = locks.locked(Assignment, assignment_id)
    require(actor, "assignment.serve", assignment)
    said = {"stars": stars, "outcome": str(outcome), "tags": list(tags), "words": words}

    def effect() -> str:
        if assignment.status not in DONE:
            raise WrongState(_l("服务完成以后才能写。"))
        if settling.rated(assignment_id, Side.VOLUNTEER) is not None:
            raise AlreadyRated()
        row = _write(assignment, Side.VOLUNTEER, actor, said, now())
        record(assignment, EventKind.RATING_GIVE, actor=actor, side=Side.VOLUNTEER)
        if stars == BAD:
            open_follow_up(order, Cause.VOLUNTEER_WORD, words, actor)
        return row.id

    rating_id, _replayed = once(key, actor, "assignment.word", [assignment_id, said], effect)
    return db.session.get_one(Rating, rating_id)


def _write(assignment: Assignment, side: Side, actor: Actor, said: dict[str, object], at: datetime) -> Rating:
    """Write the row down; with it the second word of a visit makes both visible."""
    hidden = timedelta(days=order_setting(assignment.order, "rating_hidden_days"))
    other = settling.rated(assignment.id, Side.VOLUNTEER if side is Side.RESIDENT else Side.RESIDENT)
    row = Rating(
        order_id=assignment.order_id, assignment=assignment, side=side, author_id=actor.account_id,
        created_at=at, visible_at=at if other else at + hidden, **said,
    )  # fmt: skip
    if other is not None:
        other.visible_at = min(other.visible_at, at)
    db.session.add(row)
    db.session.flush()
    return row


@command
@repeatable(FollowUp)
def question(assignment_id: str, words: str, *, actor: Actor, key: str | None = None) -> FollowUp:
    """The volunteer says that something in their record is wrong: hours, a no-show, what was said about them."""
    order = locks.locked_order(locks.order_of(Assignment, assignment_id))
    require(actor, "assignment.serve", locks.locked(Assignment, assignment_id))
    return open_follow_up(order, Cause.RECORD_QUESTIONED, words, actor)
