"""How soon an order is needed, and whether its window makes sense."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from app.kernel.clock import now
from app.kernel.errors import Invalid
from models import Order, ServiceItem
from models.kinds import Urgency

NOW_WITHIN = timedelta(hours=1)
URGENT_WITHIN = timedelta(hours=4)
PLANNED_BEYOND = timedelta(days=3)
MOST_AHEAD = timedelta(days=90)
LONGEST_WINDOW = timedelta(days=14)
GRACE = timedelta(minutes=15)
"""A start this far back still counts as now: filling in the pages takes its time."""

_RAISED = {Urgency.PLANNED: Urgency.NORMAL, Urgency.NORMAL: Urgency.URGENT, Urgency.URGENT: Urgency.URGENT}


def urgency_of(window_from: datetime, item: ServiceItem | None) -> Urgency:
    """By the time that is left; an item that is urgent by nature is raised one step."""
    left = window_from - now()
    by_time = Urgency.NORMAL
    if left <= URGENT_WITHIN:
        by_time = Urgency.URGENT
    elif left > PLANNED_BEYOND:
        by_time = Urgency.PLANNED
    return _RAISED[by_time] if item is not None and item.urgency == Urgency.URGENT else by_time


def set_urgency(order: Order) -> None:
    """Say again how soon the order is needed: time has gone by, or the window has changed."""
    order.urgency = urgency_of(order.window_from, order.item)
    order.is_now = order.window_from - now() <= NOW_WITHIN


def is_over(order: Order) -> bool:
    """There is no longer time to do it inside the window."""
    return order.window_until - order.duration < now() - GRACE


def check_window(window_from: datetime, window_until: datetime, minutes: int) -> None:
    """Raise Invalid, naming the field, for a window nobody could serve in."""
    problems: dict[str, list[Any]] = {}
    if window_until <= window_from:
        problems["window_until"] = [_("结束时间要晚于开始时间。")]
    elif window_until - window_from < timedelta(minutes=minutes):
        problems["window_until"] = [_("这段时间太短，做完需要 %(minutes)s 分钟。", minutes=minutes)]
    elif window_until - window_from > LONGEST_WINDOW:
        problems["window_until"] = [_("这段时间太长，请选 14 天以内。")]
    if window_from < now() - GRACE:
        problems["window_from"] = [_("这个时间已经过去了，请重新选。")]
    elif window_from > now() + MOST_AHEAD:
        problems["window_from"] = [_("太早了，请选 90 天以内的日子。")]
    if problems:
        raise Invalid(problems)
