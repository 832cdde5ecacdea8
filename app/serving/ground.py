"""Distances on the ground within a city: a flat earth is exact enough for a doorstep and for a list of orders."""

from __future__ import annotations

from math import cos, hypot, radians

METRES_PER_DEGREE = 111_195
Spot = tuple[float, float]
"""Latitude and longitude in degrees, WGS-84."""


def metres(one: Spot, other: Spot) -> int:
    """Straight-line distance."""
    north = (one[0] - other[0]) * METRES_PER_DEGREE
    east = (one[1] - other[1]) * METRES_PER_DEGREE * cos(radians(other[0]))
    return round(hypot(north, east))


def box(centre: Spot, radius_m: float) -> tuple[float, float, float, float]:
    """(south, north, west, east) around a spot: what a database can compare before distances are reckoned."""
    up = radius_m / METRES_PER_DEGREE
    aside = up / max(cos(radians(centre[0])), 0.01)
    return centre[0] - up, centre[0] + up, centre[1] - aside, centre[1] + aside
