"""A picture of every page on a phone and on a desk, in both languages, to be looked at: test-results/pages/."""

from __future__ import annotations

from collections.abc import Iterator

from app.config import ROOT
from tests.pages.bars import Bar, Part
from tests.pages.places import Place
from tests.pages.walk import Seen
from tests.pages.windows import DESK, PHONE, View, Window

WINDOWS = (PHONE, DESK)
IN_PLACE = ".tabbar, .sticky-end, .site-head { position: static !important; }"
"""Bars that stay on the glass would lie across the middle of a picture of the whole page."""
FOLDER = ROOT / "test-results" / "pages"


def look(window: Window, place: Place, view: View) -> list[str]:
    folder = FOLDER / f"{window.language}-{view.name}"
    folder.mkdir(parents=True, exist_ok=True)
    window.page.screenshot(path=folder / f"{place.slug}.png", full_page=True, animations="disabled",
                           style=IN_PLACE)  # fmt: skip
    return []


def bars(seen: Seen) -> Iterator[Bar]:
    yield Bar("screenshots: every page, to be looked at", [Part("not taken", len(seen.wrong), "==", 0)],
              {"folder": str(FOLDER.relative_to(ROOT)), **seen.more()})  # fmt: skip
