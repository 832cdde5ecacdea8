"""One walk through all pages for all families that look at pages: each page is opened once a device and language."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from tests.pages import say, windows
from tests.pages.bars import Bar
from tests.pages.places import Place
from tests.pages.town import Town
from tests.pages.windows import View, Window

MOST_NAMED = 40
"""So many different things are named in the line of a bar; all are told on stderr."""


@dataclass
class Seen:
    """What a family found: how often it looked, and what was wrong where."""

    looks: int = 0
    pages: set[str] = field(default_factory=set)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    """(where, what)"""

    def note(self, family: str, where: str, found: Sequence[str]) -> None:
        """Keep it, and tell whoever waits of each kind of thing when it is first seen."""
        for what in found:
            if kind_of(what) not in {kind_of(known) for _where, known in self.wrong}:
                print(f"   {family}: {what} [{where}]", file=sys.stderr, flush=True)
            self.wrong.append((where, what))

    def named(self) -> list[str]:
        """The same kind of thing in many places is one line: what stands before the words on it."""
        places: dict[str, list[str]] = {}
        words: dict[str, str] = {}
        for where, what in self.wrong:
            kind = kind_of(what)
            places.setdefault(kind, []).append(where)
            words.setdefault(kind, what)
        said = [f"{words[kind]} [{where[0]}{f' and {len(where) - 1} more' if len(where) > 1 else ''}]"
                for kind, where in places.items()]  # fmt: skip
        return said

    def more(self) -> dict[str, Any]:
        """What a reader needs beside the figures."""
        return {"pages": len(self.pages), "looks": self.looks, "found": self.named()[:MOST_NAMED]}


def kind_of(what: str) -> str:
    """What stands before the words on the thing."""
    return what.partition(' "')[0]


class Looker(Protocol):
    """A module of bars/ that looks at pages."""

    WINDOWS: Sequence[View]

    def look(self, window: Window, place: Place, view: View) -> list[str]: ...

    def bars(self, seen: Seen) -> Iterator[Bar]: ...


def walk(
    chromium: Browser,
    town: Town,
    places: Sequence[Place],
    lookers: dict[str, Looker],
    languages: Sequence[str],
    devices: Sequence[bool] = (True, False),
) -> dict[str, Seen]:
    """Show every page to every family, in the views that it wants."""
    seen = {name: Seen() for name in lookers}
    for phone in devices:
        views = [
            view
            for view in windows.VIEWS
            if view.phone == phone and any(view in one.WINDOWS for one in lookers.values())
        ]
        for language in languages if views else ():
            with windows.window(chromium, town, language, phone=phone) as window:
                for place in places:
                    _show(window, place, views, lookers, seen)
            say(f"seen: {language}, {'phone' if phone else 'desk'}")
    return seen


def _show(
    window: Window, place: Place, views: Sequence[View], lookers: dict[str, Looker], seen: dict[str, Seen]
) -> None:
    try:
        window.open(place, views[0])
        for view in views:
            window.show(view)
            for name, looker in lookers.items():
                if view in looker.WINDOWS:
                    found = looker.look(window, place, view)
                    seen[name].looks += 1
                    seen[name].pages.add(place.name)
                    seen[name].note(name, f"{place.name}, {view.name}, {window.language}", found)
    except PlaywrightError as failure:
        for name, one in seen.items():
            one.note(name, f"{place.name}, {window.language}", [f"not looked at: {str(failure).splitlines()[0]}"])


def counts(seen: Seen, keys: Sequence[str]) -> dict[str, int]:
    """How many of what was found begin with each word."""
    found = Counter(next((key for key in keys if what.startswith(key)), "") for _where, what in seen.wrong)
    return {key: found[key] for key in keys}
