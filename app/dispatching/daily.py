"""Which orders a day plan is about, and the part of that local day in which each may begin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from app.dispatching import needs
from app.dispatching.hours import seconds
from app.kernel.clock import local, midnight
from app.kernel.clock import now as this_moment
from dispatch import OrderSpec
from models import Assignment, DispatchRun, Offer, Order, db
from models.kinds import OfferOrigin, RunMode
from models.states import ASSIGNMENT_HOLDING, OFFER_LIVE

NOTICE = timedelta(hours=1)
"""Nobody is planned to begin sooner than this: people must be asked first."""
STEP = timedelta(minutes=15)
_DAY = timedelta(days=1)


def orders_of(path: str, day: date, but_below: Iterable[str] = ()) -> list[Order]:
    """Orders of the subtree that still look for people and may begin on that day, `but_below` some offices' paths.

    Orders to be served at once are not for a plan.
    """
    skipped, moment = tuple(but_below), this_moment()
    return [
        order
        for order in needs.seeking(path)
        if not order.is_now and not order.office.path.startswith(skipped or ("?",)) and _fits(order, day, moment)
    ]


def _fits(order: Order, day: date, moment: datetime) -> bool:
    begins, ends = _span(order, day, moment)
    return begins + order.duration <= ends


def _span(order: Order, day: date, moment: datetime) -> tuple[datetime, datetime]:
    """The part of the order's window in which the service may take place, were it to begin on that day."""
    first, last = midnight(day), midnight(day + _DAY)
    soonest = first + -(-(moment + NOTICE - first) // STEP) * STEP
    return max(order.window_from, first, soonest), min(order.window_until, last + order.duration - timedelta(seconds=1))


def on_the_day(specs: tuple[OrderSpec, ...], orders: list[Order], day: date, moment: datetime) -> tuple[OrderSpec, ...]:
    """The same orders with their windows cut to the day; who joins others comes when these do."""
    by_id, met = {order.id: order for order in orders}, _agreed_starts([order.id for order in orders])
    found = []
    for spec in specs:
        begins, ends = _span(by_id[spec.id], day, moment)
        if spec.id in met and begins <= met[spec.id] and met[spec.id] + by_id[spec.id].duration <= ends:
            begins, ends = met[spec.id], met[spec.id] + by_id[spec.id].duration
        found.append(replace(spec, window_start=seconds(begins), window_end=seconds(ends)))
    return tuple(found)


def _agreed_starts(order_ids: list[str]) -> dict[str, datetime]:
    """When those who have accepted already begin, for orders that look for more people."""
    rows = select(Assignment.order_id, func.min(Assignment.starts_at).label("at")).where(
        Assignment.order_id.in_(order_ids), Assignment.status.in_(ASSIGNMENT_HOLDING)
    )
    return {row.order_id: row.at for row in db.session.execute(rows.group_by(Assignment.order_id))}


def days_of(specs: Iterable[OrderSpec]) -> list[date]:
    """The local days that any of these windows touches."""
    days: set[date] = set()
    for spec in specs:
        first, last = (local(datetime.fromtimestamp(at, UTC)).date() for at in (spec.window_start, spec.window_end - 1))
        days |= {first + _DAY * n for n in range((last - first).days + 1)}
    return sorted(days)


def movable_offers(order_ids: list[str], day: date) -> dict[str, Offer]:
    """Offers of earlier plans for that day which nobody has answered: a new plan may move them."""
    rows = (
        select(Offer)
        .join(DispatchRun, DispatchRun.id == Offer.run_id)
        .where(Offer.order_id.in_(order_ids), Offer.status.in_(OFFER_LIVE), Offer.origin == OfferOrigin.DISPATCH)
        .where(DispatchRun.mode == RunMode.DAY, Offer.expires_at > this_moment())
        .where(Offer.starts_at >= midnight(day), Offer.starts_at < midnight(day + _DAY))
    )
    return {offer.id: offer for offer in db.session.scalars(rows)}
