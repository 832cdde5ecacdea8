"""Between streets: where orders stay unfilled more often than in the city, they are tried harder until they do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.kernel.settings import setting
from dispatch.offering import Bound, boosts
from models import Assignment, Office, Order, Position, db
from models.kinds import OfficeLevel
from models.states import ASSIGNMENT_HOLDING, OrderStatus

WEEKS = timedelta(days=28)
DECIDED = (
    OrderStatus.STAFFED, OrderStatus.SERVING, OrderStatus.SERVED, OrderStatus.RATED, OrderStatus.CLOSED,
    OrderStatus.UNFILLED,
)  # fmt: skip
"""Orders of which it is known whether somebody came forward."""


def boosts_of(orders: list[Order], moment: datetime) -> dict[str, float]:
    """Order id → boost of its street, 0 where the street does not trail its city by more than the setting."""
    if not orders:
        return {}
    city_id = orders[0].office.lineage[0]
    positions = filled(city_id, moment)
    gap = float(setting(city_id, "district_gap")) / 100
    found = boosts(positions, Bound(gap=gap)) if gap > 0 else {}
    streets = streets_of(city_id)
    return {order.id: found.get(street_in(order.office.lineage, streets), 0.0) for order in orders}


def filled(city_id: str, moment: datetime) -> dict[str, tuple[int, int]]:
    """Street → (positions filled, all positions) of the orders opened within the last four weeks and decided."""
    streets, path = streets_of(city_id), f"/{city_id}/"
    recent = (
        Order.opened_at >= moment - WEEKS, Order.status.in_(DECIDED), Office.path.startswith(path, autoescape=True),
    )  # fmt: skip
    every = select(Office.path, func.count()).join(Order, Order.office_id == Office.id)
    every = every.join(Position, Position.order_id == Order.id).where(*recent).group_by(Office.path)
    held = select(Office.path, func.count()).join(Order, Order.office_id == Office.id)
    held = held.join(Assignment, Assignment.order_id == Order.id).where(*recent)
    held = held.where(Assignment.status.in_(ASSIGNMENT_HOLDING)).group_by(Office.path)
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for place, rows in ((1, every), (0, held)):
        for office_path, count in db.session.execute(rows):
            found[street_in(office_path.strip("/").split("/"), streets)][place] += count
    return {street: (min(row), row[1]) for street, row in found.items()}


def streets_of(city_id: str) -> frozenset[str]:
    rows = select(Office.id).where(
        Office.level == OfficeLevel.STREET, Office.path.startswith(f"/{city_id}/", autoescape=True)
    )
    return frozenset(db.session.scalars(rows))


def street_in(lineage: Iterable[str], streets: frozenset[str]) -> str:
    """The street that an office lies in; for offices above the streets, the office itself."""
    below = list(lineage)
    return next((one for one in below if one in streets), below[-1])
