"""Words after the tap: what was good or bad, and what came of it, once the mark itself is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l

from app.kernel import locks
from app.kernel.access import Actor, require
from app.kernel.errors import AlreadyRated, WrongState
from app.kernel.idempotency import once
from app.kernel.journal import record
from app.kernel.transaction import command
from app.rating import queries
from app.rating.follow_ups import Cause, open_follow_up, unresolved
from app.rating.ratings import cause_for_follow_up
from models import FollowUp, Order, Rating
from models.kinds import EventKind, Outcome, Side
from models.states import OrderStatus

BY_RATING = frozenset({Cause.BAD_MARK, Cause.NOT_DONE, Cause.HALF_DONE})


@command
def add_words(
    order_id: str,
    *,
    actor: Actor,
    outcome: str = Outcome.DONE,
    tags: Sequence[str] = (),
    words: str = "",
    key: str | None = None,
) -> Order:
    """Say more about a mark given by one tap: its author, once, within days, until the order is opened again.

    Work that was not fully done is followed up as if it had been said at once; the closed order stays closed.
    """
    order = locks.locked_order(order_id)
    require(actor, "order.rate", order)
    more = {"outcome": str(outcome), "tags": list(tags), "words": words}
    once(key, actor, "order.rate.words", [order_id, more], lambda: _add(order, actor, more))
    return order


def _add(order: Order, actor: Actor, more: Mapping[str, object]) -> str:
    rows = _bare_rows(order, actor)
    for row in rows:
        for name, value in more.items():
            setattr(row, name, value)
    record(order, EventKind.RATING_ADD, actor=actor, outcome=more["outcome"], side=Side.RESIDENT)
    _follow_up(order, rows[0], actor)
    return order.id


def _bare_rows(order: Order, actor: Actor) -> Sequence[Rating]:
    """The rows of the tap; refuses where there is none, or no more may be said."""
    rows = queries.last_word(order.id)
    if not rows or order.status == OrderStatus.SERVED:
        raise WrongState(_l("请先点一个：满意、一般，还是不满意。"))
    if order.status not in queries.WORDS_WHILE:
        raise WrongState(state=order.status)
    if rows[0].author_id != actor.account_id:
        raise AlreadyRated(_l("这次评价是别人给的，只有给评价的人能补充。"))
    if not queries.is_bare(rows[0]):
        raise AlreadyRated()
    if not queries.may_add_words(rows[0], actor):
        raise WrongState(_l("评价过了 7 天就不能再补充了；有事请打电话给社区。"))
    return rows


def _follow_up(order: Order, row: Rating, actor: Actor) -> None:
    """A bad tap is being looked into already: the words go there. Else what was not done is a reason to begin."""
    cause, known = cause_for_follow_up(row.stars, row.outcome), _opened_by(row)
    if known is not None:
        known.words, known.cause = row.words, cause or known.cause
    elif row.outcome in (Outcome.NOT_DONE, Outcome.HALF_DONE) and cause is not None:
        open_follow_up(order, cause, row.words, actor)


def _opened_by(row: Rating) -> FollowUp | None:
    since = [one for one in unresolved(row.order_id) if one.cause in BY_RATING and one.created_at >= row.created_at]
    return since[0] if since else None
