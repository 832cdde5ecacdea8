"""docs/asvs.md is whole and true: every requirement of levels 1 and 2 once, and every proof it names exists."""

import re
from collections import Counter

from app.config import ROOT

LINE = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (met|n/a|open) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
REQUIREMENTS = {"1": 70, "2": 183}
"""How many there are of each level in version 5.0.0."""

TEXT = (ROOT / "docs" / "asvs.md").read_text("utf-8")
ROWS = LINE.findall(TEXT)


def test_every_requirement_stands_there_once():
    assert Counter(level for _, level, *_ in ROWS) == REQUIREMENTS
    assert max(Counter(number for number, *_ in ROWS).values()) == 1


def test_what_is_met_names_where():
    assert [number for number, _, state, _, where in ROWS if state == "met" and not where.strip()] == []


def test_every_file_and_test_named_is_there():
    named = set(re.findall(r"`([^`]+)`", "".join(where for *_, where in ROWS)))
    lost = []
    for proof in named:
        path, _, test = proof.partition("::")
        file = ROOT / path
        if not file.is_file() or (test and f"def {test}(" not in file.read_text("utf-8")):
            lost.append(proof)
    assert lost == []


def test_the_summary_counts_what_follows():
    for level in REQUIREMENTS:
        states = Counter(state for _, of, state, *_ in ROWS if of == level)
        assert f"| {level} | {states['met']} | {states['n/a']} | {states['open']} |" in TEXT
