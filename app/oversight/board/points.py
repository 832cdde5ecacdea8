"""The board's map: one point for each waiting order, each visit and each volunteer on duty.

Somebody who works in the office sees an order in its cell of 500 m; the door is only told when asked for. Volunteers'
homes, and for those who only watch also the orders, are shown about their office: spread a little by their key, so that
they do not hide one another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import or_, select

from app.oversight.board.queries import REVIEWING, Waiting, visits
from app.oversight.board.risk import Level
from app.oversight.scope import Scope
from app.privacy.masks import name as masked
from app.privacy.masks import spot
from app.words import status_word
from models import Office, db
from models.kinds import OfficeLevel, Urgency
from models.states import OrderStatus

SPREAD = 0.004
"""Degrees, about 400 m: the size of a community."""
NUMBERED = 9
"""The most endangered orders carry their place in the list."""
MOST = 1000
"""Points of each kind; more would be a stain, not a map."""


def coarse(key: str, lat: float, lon: float) -> tuple[float, float]:
    """A place near an office that says nothing about where the person is, the same for the same key."""
    digest = hashlib.sha256(key.encode()).digest()
    north, east = (digest[0] / 255 - 0.5) * 2, (digest[1] / 255 - 0.5) * 2
    return round(lat + north * SPREAD, 5), round(lon + east * SPREAD, 5)


def points(scope: Scope, waiting: Sequence[Waiting], on_duty: list[Any], *, plain: bool = True) -> list[dict[str, Any]]:
    """What the map module draws; `number` and shape say what the colour says. `waiting` are the orders by risk; where
    they are but some (not `plain`), visits of other orders are left out."""
    ranked = waiting[:MOST]
    drawn = [_order(scope, one.row, _kind(one), rank) for rank, one in enumerate(ranked, 1)]
    known = {one.row.id for one in ranked}
    under_way = [row for row in visits(scope, MOST) if row.order_id not in known] if plain else []
    drawn += [_visit(scope, row) for row in under_way]
    return [_volunteer(row) for row in on_duty] + list(reversed(drawn))


def _kind(one: Any) -> str:
    if one.risk.level == Level.LATE or one.row.urgency == Urgency.URGENT:
        return "urgent"
    return "offering" if one.row.status == OrderStatus.OFFERING else "waiting"


def _place(scope: Scope, key: str, row: Any) -> dict[str, float]:
    if scope.exact(row.path):
        lat, lon = spot(key, row.lat, row.lon)
    else:
        lat, lon = coarse(key, row.office_lat, row.office_lon)
    return {"lat": lat, "lon": lon}


def _order(scope: Scope, row: Any, kind: str, rank: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": row.id,
        **_place(scope, row.id, row),
        "kind": kind,
        "label": f"{row.title} · {status_word('order', row.status)[0]} · {row.office_name}",
        "url": url_for("oversight.order", order_id=row.id),
    }
    return {**found, "number": rank} if rank <= NUMBERED and row.status not in REVIEWING else found


def _visit(scope: Scope, row: Any) -> dict[str, Any]:
    return {
        "id": row.order_id,
        **_place(scope, row.order_id, row),
        "kind": "serving",
        "label": f"{row.title} · {status_word('assignment', row.status)[0]} · {row.office_name}",
        "url": url_for("oversight.order", order_id=row.order_id),
    }


def _volunteer(row: Any) -> dict[str, Any]:
    lat, lon = coarse(row.id, row.office_lat, row.office_lon)
    url = url_for("oversight.volunteer", volunteer_id=row.id)
    return {"id": row.id, "lat": lat, "lon": lon, "kind": "volunteer", "label": masked(row.name), "url": url}


def outlines(scope: Scope, city: dict[str, Any]) -> dict[str, Any]:
    """The outlines of the districts that hold the scope, or all where none has one; with a place for each name."""
    above = {key for path in scope.paths for key in path.strip("/").split("/")}
    held = select(Office.name).where(Office.level == OfficeLevel.DISTRICT, or_(scope.holds(), Office.id.in_(above)))
    names = set(db.session.scalars(held))
    mine = [one for one in city["features"] if one["properties"]["name"] in names] or city["features"]
    drawn = [
        {**one, "properties": {"name": one["properties"]["name"], "label": one["properties"]["label"]}} for one in mine
    ]
    return {**city, "features": drawn}
