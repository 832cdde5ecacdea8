"""Distances in metres and travel times in seconds, both whole numbers and rounded up.

A place is a point in space on the mean sphere, and a distance is the straight line between two such points:
over 10 km it is a millimetre shorter than the way along the ground, and it needs no map projection, so the
distance of a pair never depends on who else is in the problem. Rounding up keeps the triangle inequality.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_M = 6_371_008.8

# Straight-line speed in decimetres a second (streets are crooked, so slower than the speedometer says) and
# the seconds lost before moving: unlocking, parking, waiting at the stop. Our own figures, not a standard.
MODES: dict[str, tuple[int, int]] = {
    "walk": (12, 0),
    "bike": (30, 120),
    "ebike": (45, 120),
    "car": (55, 300),
    "transit": (40, 480),
}
WALK_SPEED = MODES["walk"][0]

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def place(lat: float, lon: float) -> tuple[float, float, float]:
    """WGS-84 degrees → metres from the centre of the Earth."""
    phi, lam = math.radians(lat), math.radians(lon)
    flat = EARTH_RADIUS_M * math.cos(phi)
    return flat * math.cos(lam), flat * math.sin(lam), EARTH_RADIUS_M * math.sin(phi)


def places(points: list[tuple[float, float]]) -> FloatArray:
    """Many (lat, lon) → array of shape (3, n)."""
    spots = np.array([place(lat, lon) for lat, lon in points], dtype=np.float64)
    return np.ascontiguousarray(spots.reshape(-1, 3).T)


def metres(spots: FloatArray, spot: FloatArray) -> IntArray:
    """Distances from many places (3, n) to one (3,) or pairwise to as many (3, n), rounded up."""
    gap = spots - (spot[:, None] if spot.ndim == 1 else spot)
    gap *= gap
    squares: FloatArray = gap[0] + gap[1] + gap[2]
    return np.ceil(np.sqrt(squares)).astype(np.int64)


def travel_seconds(distance: Any, speed: Any, delay: Any) -> Any:
    """Seconds for whole metres at a mode's speed and delay; nobody unlocks a bicycle for fifty metres, so
    never slower than walking. Whole numbers in and out, so every machine agrees."""
    tenfold = distance * 10
    walking = -(-tenfold // WALK_SPEED)
    riding = delay - (-tenfold // speed)
    return np.minimum(walking, riding)
