"""When something must next be done about an order. The row is the timer; APScheduler only ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from app.kernel.clock import now
from app.kernel.settings import order_setting
from models import Assignment, Order, db
from models.states import ASSIGNMENT_HOLDING, OrderStatus


def reset(order: Order) -> None:
    """Wind the order's timer for the status it is in now. Called by every move; call it after changing a counter."""
    order.next_action_at = _due(order)


def _due(order: Order) -> datetime | None:
    status = OrderStatus(order.status)
    match status:
        case OrderStatus.SUBMITTED | OrderStatus.TRANSFERRED | OrderStatus.REOPENED:
            return now() + timedelta(minutes=order_setting(order, "review_minutes"))
        case OrderStatus.RETURNED:
            return now() + timedelta(days=order_setting(order, "returned_days"))
        case OrderStatus.OPEN | OrderStatus.OFFERING:
            return _next_look(order)
        case OrderStatus.STAFFED:
            return _held(order, func.min(Assignment.starts_at)) + timedelta(
                minutes=order_setting(order, "no_show_minutes")
            )
        case OrderStatus.SERVING:
            return _held(order, func.max(Assignment.ends_at)) + timedelta(
                minutes=order_setting(order, "overdue_minutes")
            )
        case OrderStatus.SERVED:
            return _after_service(order)
        case OrderStatus.RATED:
            return now()
        case _:
            return None


def _next_look(order: Order) -> datetime:
    """The usual pause; sooner where the last step of its offers asked to be looked at before (dispatching/cases.py)."""
    usual = now() + timedelta(seconds=order_setting(order, "redispatch_seconds"))
    look_again = (order.asking or {}).get("look_again")
    wished = datetime.fromtimestamp(look_again, UTC) if look_again else usual
    return wished if now() < wished < usual else usual


def _held(order: Order, edge: object) -> datetime:
    """The earliest start or latest end among the order's held assignments; never in the past by more than now."""
    db.session.flush()
    found = select(edge).where(Assignment.order_id == order.id, Assignment.status.in_(ASSIGNMENT_HOLDING))  # type: ignore[call-overload]  # an aggregate
    moment: datetime | None = db.session.scalar(found)
    return max(moment or order.window_from, now())


def _after_service(order: Order) -> datetime:
    """The next time to ask for a rating; when all asks are used up, the time to close unrated."""
    served = order.served_at or now()
    asks = order_setting(order, "rating_ask_minutes")
    minutes = asks[order.rating_asks] if order.rating_asks < len(asks) else order_setting(order, "auto_close_minutes")
    return served + timedelta(minutes=minutes)
