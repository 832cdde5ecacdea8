"""The bars of `make pages`, one module a family, of two kinds.

A family that *looks* is shown every page in every window it names, all such families in one walk:

    WINDOWS = (PHONE, DESK)                                   # tests/pages/windows.py
    def look(page, place, view) -> list[str]                  # what is wrong there, in words
    def bars(seen: Seen) -> Iterator[Bar]                     # once, at the end

A family that *measures* goes its own ways: `def run(town, browser, size) -> Iterator[Bar]`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.integrity.bars import Bar, Part, Size

__all__ = ["FAMILIES", "Bar", "Family", "Part", "Size"]


@dataclass(frozen=True, slots=True)
class Family:
    """What a module shows; `quick` says whether it has a part in QUICK."""

    title: str
    quick: bool = True


FAMILIES = {
    "console": Family("console errors, policy violations, failed requests"),
    "axe": Family("axe-core: WCAG 2.2 A/AA and best practice"),
    "targets": Family("size of what one presses: 60, 44, 24 px"),
    "reflow": Family("nothing scrolls sideways, is cut off or hides what has the focus"),
    "sentences": Family("untranslated sentences"),
    "screenshots": Family("a picture of every page", quick=False),
    "bytes": Family("bytes and requests of a cold load"),
    "board": Family("a frame of the board's map"),
    "live": Family("a change in one browser seen in another"),
    "lighthouse": Family("Lighthouse", quick=False),
}
"""In the order in which they run; the walk comes first, and in it the console, before other tools leave their marks.
A module that is not there yet is reported as not run."""
