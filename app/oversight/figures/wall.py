"""The screen on the wall: a map of how many orders wait where, and six figures. Sums only; nothing about anybody."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.offices.queries import named
from app.oversight.board import queries
from app.oversight.board.points import outlines
from app.oversight.figures import measures
from app.oversight.figures.measures import Span
from app.oversight.figures.period import last_days
from app.oversight.figures.tables import minutes, percent
from app.oversight.scope import Scope
from models import Office, Order, db

WIDE, HIGH = 1160, 900
"""The map's drawing, in pixels of a screen 1920 wide."""
EDGE = 40
EDGE_OF_NAMES = 110
"""Without outlines around them the outermost offices stand at the edge itself, and their names need room."""
DAYS = 30
SMALL, LARGE = 22.0, 64.0
"""Radius of a circle with a number in it."""
ENDINGS = (" District", " Subdistrict", " Community")
LEAST_LATITUDES = 0.02
"""Degrees that the map shows at least: of a single community one would see nothing but a dot."""


@dataclass(frozen=True)
class Figure:
    label: str
    value: str
    hint: str


@dataclass(frozen=True)
class Dot:
    """An office: where it is drawn, how many orders wait in its subtree."""

    name: str
    x: float
    y: float
    waiting: int
    radius: float = SMALL


@dataclass(frozen=True)
class Wall:
    figures: list[Figure]
    areas: list[Dot]
    """Right below what is looked at, with their numbers."""
    dots: list[Dot]
    """One step further down, as mere dots."""
    outlines: list[str]
    """Of the districts, as SVG paths."""


def wall(scope: Scope, city: dict[str, Any]) -> Wall:
    """Everything the screen shows, as of now."""
    drawn = outlines(scope, city)["features"] if city.get("features") else []
    labels = {one["properties"]["name"]: one["properties"]["label"] for one in drawn}
    areas, places = _below(scope)
    middles = {one.id: tuple(labels.get(one.name) or (one.lon, one.lat)) for one in (*areas, *places)}
    frame = _Frame([*_corners(drawn), *middles.values()], EDGE if drawn else EDGE_OF_NAMES)
    waiting = _waiting(scope)

    def dot(office: Office) -> Dot:
        number = sum(n for path, n in waiting.items() if path.startswith(office.path))
        return Dot(_short(named(office)), *frame.place(*middles[office.id]), number, _radius(number))

    return Wall(
        _figures(scope), [dot(one) for one in areas], [dot(one) for one in places], [_path(one, frame) for one in drawn]
    )


def _figures(scope: Scope) -> list[Figure]:
    now = queries.counts(scope)
    span = Span(scope, last_days(DAYS))
    tally = measures.tally(span, names=("met", "unmet"))
    share = measures.met_need(sum(tally.values(), Counter[str]()))
    waits = [spent for found in measures.waits(span).values() for spent in found]
    return [
        Figure(_("等人接的单子"), str(now["waiting_all"]), _("现在")),
        Figure(_("在班志愿者"), str(now["on_duty"]), _("现在")),
        Figure(_("正在服务或马上出发"), str(now["visits"]), _("现在")),
        Figure(_("今天做完"), str(now["served_today"]), _("单")),
        Figure(_("需要得到满足"), percent(share).said, _("近 %(n)s 天", n=DAYS)),
        Figure(
            _("多久有人接"), minutes(round(statistics.median(waits)) if waits else None).said,
            _("近 %(n)s 天，中位", n=DAYS),
        ),
    ]  # fmt: skip


def _below(scope: Scope) -> tuple[list[Office], list[Office]]:
    """The offices right below what is looked at (or it itself, with nothing below), and those right below them."""
    areas = scope.children or ([scope.office] if scope.office else [])
    found = select(Office).where(Office.parent_id.in_([one.id for one in areas])).order_by(Office.path)
    return areas, list(db.session.scalars(found)) if scope.children else []


def _waiting(scope: Scope) -> dict[str, int]:
    found = (
        select(Office.path, func.count(Order.id))
        .join(Order, Order.office_id == Office.id)
        .where(Order.status.in_(queries.WAITING), scope.holds())
        .group_by(Office.path)
    )
    return {row[0]: row[1] for row in db.session.execute(found)}


def _short(name: str) -> str:
    """On the map Gongshu District is Gongshu: the long English names would lie over one another."""
    return next((name.removesuffix(end) for end in ENDINGS if name.endswith(end)), name)


def _radius(number: int) -> float:
    return round(min(SMALL + 5 * math.sqrt(number), LARGE), 1)


class _Frame:
    """Puts degrees on the drawing: as large as it fits, in the middle, north up."""

    def __init__(self, corners: list[tuple[float, float]], edge: int) -> None:
        lons, lats = [lon for lon, _lat in corners] or [0.0], [lat for _lon, lat in corners] or [0.0]
        self.lon, self.lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
        self.squeeze = math.cos(math.radians(self.lat))
        wide = (max(lons) - min(lons)) * self.squeeze
        high = max(max(lats) - min(lats), LEAST_LATITUDES)
        self.scale = min((HIGH - 2 * edge) / high, (WIDE - 2 * edge) / wide if wide else math.inf)

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        x = WIDE / 2 + (lon - self.lon) * self.squeeze * self.scale
        return round(x, 1), round(HIGH / 2 - (lat - self.lat) * self.scale, 1)


def _rings(feature: dict[str, Any]) -> Iterable[list[list[float]]]:
    shape = feature["geometry"]
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    return (ring for polygon in polygons for ring in polygon)


def _corners(features: list[dict[str, Any]]) -> Iterable[tuple[float, float]]:
    return ((lon, lat) for one in features for ring in _rings(one) for lon, lat in ring)


def _path(feature: dict[str, Any], frame: _Frame) -> str:
    rings = ([frame.place(lon, lat) for lon, lat in ring] for ring in _rings(feature))
    return "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in ring) + "Z" for ring in rings)
