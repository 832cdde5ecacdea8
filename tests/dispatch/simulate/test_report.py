"""What is written down of a comparison: table, CSV, picture, and the door for a command."""

import csv
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from dispatch.simulate import cli, report
from dispatch.simulate.compare import Result
from dispatch.simulate.measures import MEASURES
from dispatch.simulate.picture import frontier

RUN = dict.fromkeys(MEASURES, 0.5)
RESULTS = [Result("broadcast", "3 km", [RUN, RUN | {"fill": 0.7}]), Result("ours", "defaults", [RUN, RUN])]


def test_the_table_has_a_row_a_policy_with_its_intervals() -> None:
    lines = report.table(RESULTS).splitlines()
    assert len(lines) == 4
    assert "60.0 ± 127.1" in lines[2]
    assert all(line.count("|") == lines[0].count("|") for line in lines)


def test_the_csv_has_a_row_a_figure_and_says_what_it_means() -> None:
    rows = list(csv.DictReader(report.as_csv([("base", RESULTS)]).splitlines()))
    assert len(rows) == 2 * len(MEASURES)
    assert rows[0]["mean"] == "0.6" and rows[0]["seeds"] == "2"
    assert all(row["meaning"] for row in rows)


def test_the_picture_is_sound_svg_and_names_everybody() -> None:
    text = cli.plot(RESULTS)
    words = "".join(ET.fromstring(text).itertext())  # noqa: S314
    assert "broadcast" in words and "ours" in words
    with pytest.raises(ValueError, match="nothing to draw"):
        frontier({}, "", "", "")


def test_the_command_plays_what_is_asked_and_refuses_what_is_not_there(tmp_path: Path) -> None:
    text = cli.run(1, volunteers=40, orders=15, weeks=1, policies=["broadcast"], tune=False, out=tmp_path)
    assert "| broadcast | 3 km |" in text
    assert {path.name for path in tmp_path.iterdir()} == {"offers.md", "offers.csv", "offers.svg"}
    with pytest.raises(ValueError, match="no such policy"):
        cli.run(1, policies=["telepathy"])
