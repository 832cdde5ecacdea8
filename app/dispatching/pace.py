"""What offices set about asking: how fast, how many, how often one person; read for many orders by one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from functools import cache
from typing import Any

from sqlalchemy import select

from app.kernel.settings import DEFAULTS
from dispatch.offering import Mode, Offering, Rules
from models import OfficeSetting, Order, db
from models.kinds import Urgency

_PACE = (
    "offering_mode", "offers_per_position", "offers_most", "offer_target", "offer_promise_minutes",
    "offer_wave_minutes", "answer_minutes",
)  # fmt: skip
_RULES = (
    "alerts_daily", "alerts_weekly", "alerts_daily_on_duty", "alerts_quiet_from", "alerts_quiet_until", "digest_at",
    "digest_hours",
)  # fmt: skip


class Kept:
    """The offices' own values of some settings, read once."""

    def __init__(self, names: Iterable[str]) -> None:
        rows = select(OfficeSetting.office_id, OfficeSetting.name, OfficeSetting.value)
        found = db.session.execute(rows.where(OfficeSetting.name.in_(list(names))))
        self._own = {(office_id, name): value for office_id, name, value in found}

    def of(self, name: str, lineage: list[str], limits: Mapping[str, Any] | None = None) -> Any:
        """A service item's own limit, else the value of the nearest office of the lineage, else our default."""
        if limits and limits.get(name) is not None:
            return limits[name]
        nearest = (self._own[one, name] for one in reversed(lineage) if (one, name) in self._own)
        value, default = next(nearest, DEFAULTS[name]), DEFAULTS[name]
        return {**default, **value} if isinstance(default, dict) and isinstance(value, dict) else value

    def of_order(self, name: str, order: Order) -> Any:
        """The same for an order; of a setting by urgency, its own urgency's."""
        value = self.of(name, order.office.lineage, order.item.limits if order.item is not None else None)
        return value[order.urgency] if isinstance(value, dict) and order.urgency in value else value


def of_orders(orders: list[Order], name: str) -> dict[str, Any]:
    """One setting for each of these orders (id → value)."""
    kept = Kept([name])
    return {order.id: kept.of_order(name, order) for order in orders}


class Paces:
    """How each order is to be asked for, and what its office promises the people asked."""

    def __init__(self) -> None:
        self._kept = Kept((*_PACE, *_RULES))

    def offering(self, order: Order) -> Offering:
        """The settings that hold for this order, as the policy reads them."""
        return _offering(order.urgency, *(self._kept.of_order(name, order) for name in _PACE))

    def rules(self, order: Order) -> Rules:
        """What the order's office promises everybody who might be messaged."""
        return _rules(*(self._kept.of_order(name, order) for name in _RULES))


@cache
def _offering(
    urgency: str, mode: str, at_once: int, most: int, target: float, promise: float, wave: float, answer: float
) -> Offering:
    pace = {
        "target": min(0.99, max(0.01, target / 100)), "promise_minutes": promise, "wave_minutes": wave,
        "answer_minutes": answer, "most_at_once": max(1, int(at_once)), "most_asked": max(1, int(most)),
    }  # fmt: skip
    return Offering.from_dict({"paces": {str(Urgency(urgency)): pace}, "mode": str(Mode(mode))})


@cache
def _rules(daily: int, weekly: int, on_duty: int, begins: str, ends: str, digest: str, hours: float) -> Rules:
    quiet = (minute_of(begins), minute_of(ends)) if begins and ends else (0, 0)
    return Rules(
        daily=int(daily), weekly=int(weekly), daily_on_duty=int(on_duty), quiet=quiet,
        digest=(minute_of(digest),) if digest else (), digest_notice=float(hours),
    )  # fmt: skip


def minute_of(clock: str) -> int:
    """HH:MM as minutes after local midnight."""
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute
