"""Lighthouse's verdict: a phone on a slow line for residents and volunteers, a desk for the board. Long form only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser

from tests.pages import node, peer
from tests.pages.bars import Bar, Part, Size
from tests.pages.places import Place, places
from tests.pages.town import Town

SECONDS = 180
RUNS = 3
CATEGORIES = ("performance", "accessibility", "best-practices")
ORDERING = "/orders/new"
LOST, TRIES = "NO_NAVSTART", 3
"""Now and then Lighthouse loses the beginning of its own trace, and asks to be run again."""
HALF = 0.5
"""Our first paint against that of the same page built with Vue and Vant (tests/pages/peer.py)."""


@dataclass(frozen=True)
class Wanted:
    """Least scores, and the most seconds of the largest paint where they are promised."""

    performance: int
    lcp: float | None
    desktop: bool = False


KINDS = {"site": Wanted(98, 1.5), "resident": Wanted(98, 1.5), "order": Wanted(98, 1.5), "volunteer": Wanted(98, 1.6),
         "board": Wanted(95, None, True)}  # fmt: skip


def run(town: Town, chromium: Browser, size: Size) -> Iterator[Bar]:
    program = node.program()
    if program is None or not node.LIGHTHOUSE.is_file():
        yield Bar("lighthouse", [], why="needs tests/pages/requirements.txt and `python -m tests.pages.node`")
        return
    chosen = [place for place in places() if place.main and place.kind in KINDS and not place.note.isdigit()]
    paints = {}
    for place in chosen:
        found = [_audit(program, town, place) for _number in range(size.pick(1, RUNS))]
        if place.path.startswith(ORDERING):
            paints[place.path] = _seconds(found)["FCP"]
        yield _bar(place, found)
    if paints:
        yield _against_peers(program, paints, size.pick(1, RUNS))


def _against_peers(program: Path, paints: dict[str, float], runs: int) -> Bar:
    """Our slowest page of ordering against one page of the usual make, built in two ways."""
    parts, more = [], {"our FCP seconds": {path: round(paint, 2) for path, paint in paints.items()}}
    for name, files in {"lean": peer.lean(program), "whole": peer.whole(program)}.items():
        its, of_it = _seconds_served(program, files, runs)
        parts.append(Part(f"share of the {name} build's FCP", max(paints.values()) / its["FCP"], "<=", HALF))
        more[f"the {name} build"] = of_it
    more["a page of one word"] = _seconds_served(program, peer.one_word(), runs)[1]
    return Bar("lighthouse: first paint against the same page built with Vue and Vant", parts, more)


def _seconds_served(program: Path, files: dict[str, bytes], runs: int) -> tuple[dict[str, float], dict[str, Any]]:
    """First and largest paint of a page that is not ours, and all that is known of it."""
    with peer.served(files) as (address, weight):
        found = [_run(program, address, []) for _number in range(runs)]
    its, report = _seconds(found), _middle(found)
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}
    return its, {f"{key} seconds": round(value, 2) for key, value in its.items()} | {
        "kB": round(weight / 1000, 1), "scores": scores,
    }  # fmt: skip


def _middle(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The middle run by performance speaks for the page."""
    return sorted(found, key=lambda report: report["categories"]["performance"]["score"] or 0)[len(found) // 2]


def _seconds(found: list[dict[str, Any]]) -> dict[str, float]:
    """The median of the runs."""
    named = (("FCP", "first-contentful-paint"), ("LCP", "largest-contentful-paint"))
    return {key: median(one["audits"][name]["numericValue"] for one in found) / 1000 for key, name in named}


def _bar(place: Place, found: list[dict[str, Any]]) -> Bar:
    report, wanted, seconds = _middle(found), KINDS[place.kind], _seconds(found)
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}
    parts = [Part("performance", scores["performance"], ">=", wanted.performance)]
    parts += [Part(name, scores[name], ">=", 100) for name in CATEGORIES[1:]]
    if wanted.lcp:
        parts.append(Part("LCP seconds", seconds["LCP"], "<=", wanted.lcp))
    failed = [f"{name}: {audit['title']}" for name, audit in report["audits"].items() if audit.get("score") == 0]
    figures = {"TBT ms": "total-blocking-time", "CLS": "cumulative-layout-shift"}
    more = {
        "runs of performance": [round(100 * one["categories"]["performance"]["score"]) for one in found],
        "FCP seconds": round(seconds["FCP"], 2),
        **{key: round(report["audits"][name]["numericValue"], 3) for key, name in figures.items()},
        "failed": failed[:8],
    }
    return Bar(f"lighthouse: {place.name}", parts, more)


def _audit(program: Path, town: Town, place: Place) -> dict[str, Any]:
    """One run of it, signed in by the cookie that goes along."""
    token = town.token(place.account_id, "zh") if place.account_id else ""
    headers = json.dumps({"Cookie": f"{town.cookie_name}={token}"} if token else {})
    more = [f"--extra-headers={headers}", *(["--preset=desktop"] if KINDS[place.kind].desktop else [])]
    return _run(program, town.address + place.path, more)


def _run(program: Path, address: str, more: Sequence[str]) -> dict[str, Any]:
    for tries_left in reversed(range(TRIES)):
        found = _report(program, address, more)
        error = found.get("runtimeError")
        if not error:
            return found
        if error["code"] != LOST or not tries_left:
            break
    raise RuntimeError(f"{address}: {error['message'][:200]}")


def _report(program: Path, address: str, more: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="linli-lighthouse-") as folder:
        output = Path(folder) / "report.json"
        words = [
            str(program), str(node.LIGHTHOUSE), address, "--quiet", "--output=json", f"--output-path={output}",
            f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
            *more,
        ]  # fmt: skip
        chrome = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
        said = subprocess.run(
            words,
            env={**os.environ, "CHROME_PATH": chrome},
            timeout=SECONDS,
            check=False,
            capture_output=True,
            text=True,
        )
        if not output.is_file():
            raise RuntimeError(f"lighthouse ended with {said.returncode}: {said.stderr[-300:]}")
        found: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
        return found
