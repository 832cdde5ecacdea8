"""No error in the console, nothing the content policy had to stop, nothing that could not be fetched, on any page."""

from __future__ import annotations

from collections.abc import Iterator

from tests.pages.bars import Bar, Part
from tests.pages.places import Place
from tests.pages.walk import Seen, counts
from tests.pages.windows import DESK, PHONE, View, Window

WINDOWS = (PHONE, DESK)
LEADS_ON = "leads on"
KINDS = ("console", "exception", "policy", "failed", "4", "5")


def look(window: Window, place: Place, view: View) -> list[str]:
    """What the window complained of since the page was opened, and whether it was the page at all."""
    wrong = list(window.troubles)
    wrong += [f"policy: {one}" for one in window.page.evaluate("() => window.__violations || []")]
    if window.answer >= 400 and str(window.answer) != place.note:
        wrong.append(f"no page: {window.answer}")
    elif (
        not place.press
        and place.note != LEADS_ON
        and (there := window.page.url.removeprefix(window.town.address)) != place.path
    ):
        wrong.append(f"no page: led to {there}")
    return wrong


def bars(seen: Seen) -> Iterator[Bar]:
    found = counts(seen, KINDS)
    said = found["console"] + found["exception"]
    fetched = found["failed"] + found["4"] + found["5"]
    rest = len(seen.wrong) - said - fetched - found["policy"]
    parts = [Part("console errors", said, "==", 0), Part("policy violations", found["policy"], "==", 0),
             Part("failed requests", fetched, "==", 0), Part("pages not there", rest, "==", 0)]  # fmt: skip
    yield Bar("console: no error, no violation of the policy", parts, seen.more())
