"""`make pages` measures what people see, `make pages T="axe bytes"` only these families, `QUICK=1` a part of each.

    .venv/bin/python -m tests.pages axe targets --only /volunteer     only pages whose path begins so
    .venv/bin/python -m tests.pages screenshots --only /board --language en

One server with the tiny city and one Chromium serve all families. Each bar prints one JSON line; what was wrong is
told in words before. The exit code is 0 when no bar was missed (and, in CI, none was left out).
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from playwright.sync_api import Browser

from tests.bench.book import Book
from tests.databases import IN_CI
from tests.integrity.bars import Size
from tests.integrity.results import broken
from tests.pages import places, say, town, walk, windows
from tests.pages.bars import FAMILIES, Bar, Part
from tests.pages.places import Place
from tests.pages.town import Town

SEED = 20261122
book = Book("pages", list(FAMILIES), "Pages: what people see, measured", "make pages")


def main(words: list[str], quick: bool) -> int:
    """Run the families that were asked for; the exit code says whether every bar held."""
    wanted = _asked(words)
    chosen = wanted.families or [name for name, family in FAMILIES.items() if family.quick or not quick]
    logging.getLogger("linli").addHandler(logging.NullHandler())
    begun = time.monotonic()
    found = {name: _module(name) for name in chosen}
    for name in (name for name in chosen if found[name] is None):
        book.report(name, Bar(FAMILIES[name].title, [], why="not there yet"), quick=quick)
    modules = {name: found[name] for name in FAMILIES if found.get(name) is not None}
    try:
        with town.town() as there, windows.browser() as chromium:
            say(f"set up: {time.monotonic() - begun:.0f} s")
            _all(modules, there, chromium, wanted, quick)
    except LookupError as missing:
        for name in chosen:
            book.report(name, Bar(FAMILIES[name].title, [], why=str(missing)), quick=quick)
    if not (wanted.only or wanted.language or wanted.device):
        book.write(chosen, quick)
    return book.exit_code(IN_CI)


def _asked(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.pages")
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=f"of {', '.join(FAMILIES)}; default: all")
    parser.add_argument("--only", default="", help="only pages whose path begins so, or matches this kind")
    parser.add_argument("--language", choices=windows.LANGUAGES, help="only in this language")
    parser.add_argument("--device", choices=("phone", "desk"), help="only on this device")
    wanted = parser.parse_args(words)
    if unknown := set(wanted.families) - set(FAMILIES):
        parser.error(f"no such families: {', '.join(sorted(unknown))}")
    return wanted


def _module(name: str) -> ModuleType | None:
    full = f"tests.pages.bars.{name}"
    return importlib.import_module(full) if importlib.util.find_spec(full) else None


def _all(
    modules: dict[str, ModuleType], there: Town, chromium: Browser, wanted: argparse.Namespace, quick: bool
) -> None:
    lookers: dict[str, Any] = {name: module for name, module in modules.items() if hasattr(module, "look")}
    languages = (wanted.language,) if wanted.language else windows.LANGUAGES
    if lookers:
        chosen = _places(wanted.only, quick)
        begun = time.monotonic()
        devices = (wanted.device == "phone",) if wanted.device else (True, False)
        seen = walk.walk(chromium, there, walk.rounds(chosen, languages, devices, quick), lookers, quick)
        for name, looker in lookers.items():
            _reported(name, quick, lambda looker=looker, name=name: looker.bars(seen[name]))
        say(f"{len(chosen)} pages looked at by {', '.join(lookers)}: {time.monotonic() - begun:.1f} s")
    for name, module in modules.items():
        if name not in lookers:
            begun = time.monotonic()
            size = Size(quick, SEED, 0)
            _reported(name, quick, lambda module=module, size=size: module.run(there, chromium, size))
            say(f"{name}: {time.monotonic() - begun:.1f} s")


def _places(only: str, quick: bool) -> list[Place]:
    """Those to be looked at; that none is missing is a bar of its own."""
    every = places.places()
    if only:
        return [place for place in every if place.path.startswith(only) or place.kind == only]
    missing = places.unlisted(every)
    bar = Bar("pages: every page is looked at", [Part("pages no place opens", len(missing), "==", 0)],
              {"pages": len(every), "missing": missing})  # fmt: skip
    book.report("console", bar, quick=quick)
    return [place for place in every if place.main] if quick else every


def _reported(name: str, quick: bool, bars: Callable[[], Iterator[Bar]]) -> None:
    """Each bar as it is known; what breaks off is a bar that was missed."""
    try:
        for bar in bars():
            book.report(name, bar, quick=quick)
    except Exception as failure:
        traceback.print_exc()
        book.report(name, broken(FAMILIES[name].title, f"{type(failure).__name__}: {failure}"[:300]), quick=quick)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ.get("QUICK", "") not in ("", "0")))
