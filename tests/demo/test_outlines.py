"""Outlines of districts: read from the package, kept in the instance folder, drawn by the board."""

import json
from pathlib import Path

from app.demo.outlines import CREDIT, District, districts, outlines, write
from app.demo.places import DISTRICTS_EN
from app.demo.shapes import contains, simplified

SQUARE = ((0.0, 0.0), (0.0, 2.0), (2.0, 2.0), (2.0, 0.0), (0.0, 0.0))
HOLE = ((0.5, 0.5), (0.5, 1.5), (1.5, 1.5), (1.5, 0.5), (0.5, 0.5))


def test_where_nothing_was_set_up_the_board_draws_nothing(tmp_path: Path) -> None:
    assert outlines(tmp_path) == {"type": "FeatureCollection", "credit": "", "features": []}


def test_what_was_written_is_read_again_with_its_credit(tmp_path: Path) -> None:
    write(tmp_path / "instance", [District("1", "方城区", (1.0, 1.0), ((SQUARE,),))])
    found = outlines(tmp_path / "instance")
    assert found["credit"] == CREDIT
    assert found["features"][0]["properties"] == {"code": "1", "name": "方城区", "label": [1.0, 1.0]}
    assert found["features"][0]["geometry"]["coordinates"] == [[[list(point) for point in SQUARE]]]


def test_a_point_in_a_hole_is_outside() -> None:
    assert contains([(SQUARE, HOLE)], (0.25, 0.25))
    assert not contains([(SQUARE, HOLE)], (1.0, 1.0))
    assert not contains([(SQUARE,)], (3.0, 1.0))


def test_points_that_change_nothing_are_left_out() -> None:
    assert simplified(((0.0, 0.0), (0.5, 0.0001), (1.0, 0.0)), 0.001) == ((0.0, 0.0), (1.0, 0.0))
    assert len(simplified(SQUARE, 0.001)) == len(SQUARE)


def test_hangzhous_eight_districts_are_a_small_file_of_closed_rings(tmp_path: Path) -> None:
    found = districts(DISTRICTS_EN)
    assert [district.code for district in found] == sorted(DISTRICTS_EN)
    path = write(tmp_path, found)
    assert path.stat().st_size < 16_000
    for feature in json.loads(path.read_text("utf-8"))["features"]:
        for polygon in feature["geometry"]["coordinates"]:
            assert all(ring[0] == ring[-1] and len(ring) >= 4 for ring in polygon)


def test_west_lake_lies_in_xihu_district() -> None:
    holding = [district.name for district in districts(DISTRICTS_EN) if district.holds((120.1415, 30.2467))]
    assert holding == ["西湖区"]
