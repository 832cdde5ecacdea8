"""One walk through all pages for all families that look at pages: each page is opened once a device and language.

QUICK sees each page on the device it is made for alone, residents and volunteers in Chinese, the desk in English;
pages of the phone are opened once more in English for what stays in Chinese there.
"""

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


@dataclass(frozen=True)
class Round:
    """Pages in one window: which device, which language, and the families that look (none named: all)."""

    phone: bool
    language: str
    places: Sequence[Place]
    families: tuple[str, ...] = ()


class Looker(Protocol):
    """A module of bars/ that looks at pages; one that takes long may name fewer windows for QUICK."""

    WINDOWS: Sequence[View]

    def look(self, window: Window, place: Place, view: View) -> list[str]: ...

    def bars(self, seen: Seen) -> Iterator[Bar]: ...


def rounds(places: Sequence[Place], languages: Sequence[str], devices: Sequence[bool], quick: bool) -> list[Round]:
    """The windows in which these pages are looked at, without those of other languages and devices."""
    if quick:
        carried, seated = ([place for place in places if place.is_for_desk == desk] for desk in (False, True))
        every = [Round(True, "zh", carried), Round(False, "en", seated),
                 Round(True, "en", carried, ("console", "sentences"))]  # fmt: skip
    else:
        every = [Round(phone, language, places) for phone in (True, False) for language in windows.LANGUAGES]
    return [one for one in every if one.language in languages and one.phone in devices]


def walk(
    chromium: Browser, town: Town, every: Sequence[Round], lookers: dict[str, Looker], quick: bool
) -> dict[str, Seen]:
    """Show every page to every family, in the views that it wants."""
    seen = {name: Seen() for name in lookers}
    for one in every:
        wanted = {
            name: set((quick and getattr(looker, "QUICK", ())) or looker.WINDOWS)
            for name, looker in lookers.items()
            if name in (one.families or lookers)
        }
        views = [view for view in windows.VIEWS if view.phone == one.phone and any(view in w for w in wanted.values())]
        if views:
            with windows.window(chromium, town, one.language, phone=one.phone) as window:
                for place in one.places:
                    _show(window, place, {view: [n for n in wanted if view in wanted[n]] for view in views},
                          lookers, seen)  # fmt: skip
            say(f"seen: {one.language}, {'phone' if one.phone else 'desk'}")
    return seen


def _show(
    window: Window, place: Place, views: dict[View, list[str]], lookers: dict[str, Looker], seen: dict[str, Seen]
) -> None:
    try:
        window.open(place, next(iter(views)))
        for view, names in views.items():
            window.show(view)
            for name in names:
                found = lookers[name].look(window, place, view)
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
