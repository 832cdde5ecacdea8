"""Reads the reviewed table of expectations (expected.txt)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("expected.txt")
STAGES = ("submitted", "offering", "serving", "served", "later")
IN, AWAY, BARRED, SIGN_IN = "in", "not found", "barred", "sign in"
BROKEN = "broken"
"""An answer of 500 is never the right one."""


@dataclass(frozen=True)
class Audience:
    """Who gets in, and whose door it is at all."""

    doors: frozenset[str]
    inside: tuple[str, ...]

    def admits(self, name: str) -> bool:
        return any(name == one or (one.endswith(" *") and name.startswith(one[:-1])) for one in self.inside)

    def expects(self, name: str, role: str) -> str:
        """What this person must be answered."""
        if self.admits(name) or self.admits("everybody"):
            return IN
        if "everybody" in self.doors:
            return AWAY
        if role == "nobody":
            return SIGN_IN
        return AWAY if role in self.doors else BARRED


@dataclass(frozen=True)
class Door:
    """One method of one path (or one socket event with its topic), and the stages in which it is asked."""

    method: str
    path: str
    stages: tuple[str, ...]
    audiences: dict[str, str]
    """Stage ("" where the order does not matter) → name of the audience."""


@cache
def audiences() -> dict[str, Audience]:
    found = {}
    for name, doors, inside in _rows("audiences", 3):
        found[name] = Audience(frozenset(doors.split()), tuple(one.strip() for one in inside.split(",")))
    return found


@cache
def doors() -> dict[tuple[str, str], Door]:
    """All doors, by (method, path)."""
    found = {}
    for what, audience, *rest in _rows("doors", 2):
        method, path = what.split(None, 1)
        stages = tuple((rest[0] if rest else "-").replace("all", " ".join(STAGES)).split())
        held = _by_stage(audience, ("",) if stages == ("-",) else stages)
        found[method, path] = Door(method, path, tuple(held), held)
    return found


def _by_stage(text: str, stages: tuple[str, ...]) -> dict[str, str]:
    """`see` for all stages, or `see; submitted: see, unoffered`: a stage's own audience after the colon."""
    usual, *own = [part.strip() for part in text.split(";")]
    held = dict.fromkeys(stages, usual)
    for part in own:
        names, audience = part.split(":", 1)
        held.update({stage: audience.strip() for stage in names.split() if stage in held})
    unknown = set(held.values()) - set(audiences())
    if unknown:
        raise ValueError(f"no such audience: {unknown}")
    return held


def _rows(part: str, least: int) -> list[list[str]]:
    text = FILE.read_text(encoding="utf-8").split(f"[{part}]", 1)[1].split("\n[", 1)[0]
    lines = [line.split("|") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    rows = [[cell.strip() for cell in line] for line in lines]
    if any(len(row) < least for row in rows):
        raise ValueError(f"a row of [{part}] is too short")
    return rows
