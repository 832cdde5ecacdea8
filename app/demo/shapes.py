"""Just enough geometry for a demo city: rings of (lon, lat), distances in metres, points drawn at random."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random

Point = tuple[float, float]
"""(lon, lat), WGS-84 degrees."""
Ring = tuple[Point, ...]
"""Closed: the first point stands again at the end."""
Polygon = tuple[Ring, ...]
"""The outer ring, then its holes."""

_METRES_PER_DEGREE = 111_195.0


def metres(a: Point, b: Point) -> float:
    """Distance between two points, good to 0.1 % within a city."""
    across = (a[0] - b[0]) * math.cos(math.radians((a[1] + b[1]) / 2))
    return math.hypot(across, a[1] - b[1]) * _METRES_PER_DEGREE


def moved(point: Point, distance_m: float, bearing: float) -> Point:
    """The point `distance_m` metres away; `bearing` in radians, 0 is north."""
    north, east = distance_m * math.cos(bearing), distance_m * math.sin(bearing)
    lon, lat = point
    shrink = math.cos(math.radians(lat))
    return lon + east / (_METRES_PER_DEGREE * shrink), lat + north / _METRES_PER_DEGREE


def rounded(point: Point) -> Point:
    """To a metre: more digits would only pretend."""
    return round(point[0], 5), round(point[1], 5)


def _crosses(point: Point, ring: Ring) -> bool:
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def contains(polygons: Sequence[Polygon], point: Point) -> bool:
    """Whether the point lies in one of the polygons and in none of its holes (ray casting)."""
    return any(
        _crosses(point, outer) and not any(_crosses(point, hole) for hole in holes) for outer, *holes in polygons
    )


def _near(around: Point, near_m: float, far_m: float, random: Random) -> Iterator[Point]:
    while True:
        # the square root spreads points evenly over the ring instead of crowding its middle
        distance = math.sqrt(random.uniform(near_m**2, far_m**2))
        yield moved(around, distance, random.uniform(0, 2 * math.pi))


def _within_box(polygons: Sequence[Polygon], random: Random) -> Iterator[Point]:
    lons, lats = zip(*(point for polygon in polygons for point in polygon[0]), strict=True)
    while True:
        yield random.uniform(min(lons), max(lons)), random.uniform(min(lats), max(lats))


def _farthest(tries: Sequence[Point], taken: Sequence[Point]) -> Point:
    return max(tries, key=lambda point: min((metres(point, other) for other in taken), default=math.inf))


def _draw(
    candidates: Iterator[Point], polygons: Sequence[Polygon], taken: Sequence[Point], apart_m: float
) -> Point | None:
    """The first candidate inside and `apart_m` metres from all taken ones, else the loneliest of sixty."""
    tries: list[Point] = []
    for _, point in zip(range(600), candidates, strict=False):
        if polygons and not contains(polygons, point):
            continue
        if all(metres(point, other) >= apart_m for other in taken):
            return rounded(point)
        tries.append(point)
        if len(tries) == 60:
            break
    return rounded(_farthest(tries, taken)) if tries else None


def somewhere(polygons: Sequence[Polygon], taken: Sequence[Point], apart_m: float, random: Random) -> Point:
    """A point of the polygons, `apart_m` metres from the taken ones where there is room for it."""
    return _draw(_within_box(polygons, random), polygons, taken, apart_m) or polygons[0][0][0]


def nearby(
    around: Point,
    near_m: float,
    far_m: float,
    random: Random,
    polygons: Sequence[Polygon] = (),
    taken: Sequence[Point] = (),
    apart_m: float = 0.0,
) -> Point:
    """A point between `near_m` and `far_m` metres from `around`, inside the polygons if any are given."""
    return _draw(_near(around, near_m, far_m, random), polygons, taken, apart_m) or rounded(around)


def _gap(point: Point, start: Point, end: Point) -> float:
    """Distance in degrees from a point to a segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return math.hypot(point[0] - start[0] - along * dx, point[1] - start[1] - along * dy)


def simplified(line: Ring, tolerance: float) -> Ring:
    """The line without the points that lie within `tolerance` degrees of it (Douglas and Peucker, 1973)."""
    if len(line) < 3:
        return line
    start, end = line[0], line[-1]
    widest, at = max((_gap(point, start, end), n) for n, point in enumerate(line[1:-1], 1))
    if widest <= tolerance:
        return start, end
    return simplified(line[: at + 1], tolerance)[:-1] + simplified(line[at:], tolerance)
