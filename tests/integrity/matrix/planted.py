"""Canaries: values found nowhere else, one for each personal field of the order at each stage, and who may see them.

Who may see what is asked of the privacy table, by the column each person stands in; which column that is, is written
here by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.privacy.table import TABLE, Level
from tests.integrity.matrix.expected import STAGES

FIELDS = ("contact_name", "contact_phone", "address", "access_notes", "words", "start_code", "place")
_COLUMNS: dict[str, dict[str, str]] = {
    "resident": dict.fromkeys(STAGES, "resident") | {"offering": "coming", "serving": "coming"},
    "offered": {"offering": "offered", "serving": "offered", "served": "later", "later": "later"},
    "accepted": {"offering": "near", "serving": "serving", "served": "after", "later": "later"},
    "coordinator own": dict.fromkeys(STAGES, "desk"),
    "coordinator parent": dict.fromkeys(STAGES, "desk"),
    "supervisor own": dict.fromkeys(STAGES, "watch"),
    "supervisor parent": dict.fromkeys(STAGES, "watch"),
    "key own": dict.fromkeys(STAGES, "key"),
    "key parent": dict.fromkeys(STAGES, "key"),
}
"""Everybody else is nobody to the order at every stage."""


def planted(stage: str) -> dict[str, Any]:
    """The order's fields at this stage."""
    number = STAGES.index(stage)
    return {
        "contact_name": f"雀{'甲乙丙丁戊'[number]}金丝", "contact_phone": f"+8613877{number}65544",
        "address": f"青年路 73{number} 号 9 幢 19{number}9", "access_notes": f"钥匙在第{'甲乙丙丁戊'[number]}个鞋盒",
        "words": f"老伴卧床{'甲乙丙丁戊'[number]}年", "start_code": f"ZQX{number}",
        "lat": 30.27131 + number / 1000, "lon": 120.15317 + number / 1000,
    }  # fmt: skip


def traces() -> Iterator[tuple[str, str, str]]:
    """(stage, field, text that gives it away)."""
    for stage in STAGES:
        held = planted(stage)
        digits = held["contact_phone"].removeprefix("+86")
        yield from (
            (stage, "contact_name", held["contact_name"]), (stage, "contact_phone", digits),
            (stage, "address", held["address"][4:]), (stage, "access_notes", held["access_notes"]),
            (stage, "words", held["words"]), (stage, "start_code", held["start_code"]),
            (stage, "place", f"{held['lat']:.5f}"), (stage, "place", f"{held['lon']:.5f}"),
        )  # fmt: skip


def found_in(text: str) -> set[tuple[str, str]]:
    """(stage, field) of every canary that can be read in a text."""
    return {(stage, field) for stage, field, trace in traces() if trace in text}


def allowed(name: str) -> set[tuple[str, str]]:
    """What this person may read in full, of the order at each stage."""
    return {
        (stage, field)
        for stage, column in _COLUMNS.get(name, {}).items()
        for field in FIELDS
        if TABLE[field][column] == Level.PLAIN
    }
