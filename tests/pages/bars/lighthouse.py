"""Lighthouse's verdict: a phone on a slow line for residents and volunteers, a desk for the board. Long form only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.pages import node
from tests.pages.bars import Bar, Part, Size
from tests.pages.places import Place, places
from tests.pages.town import Town

SECONDS = 180
RUNS = 3
CATEGORIES = ("performance", "accessibility", "best-practices")
VUE_FCP = 1.7
"""First paint of the same order page built with Vue and Vant, tree-shaken, measured the same way (seconds)."""


@dataclass(frozen=True)
class Wanted:
    """Least scores, and the most seconds of the largest paint where they are promised."""

    performance: int
    lcp: float | None
    desktop: bool = False


KINDS = {"site": Wanted(98, 1.5), "resident": Wanted(98, 1.5), "order": Wanted(98, 1.6), "volunteer": Wanted(98, 1.6),
         "board": Wanted(95, None, True)}  # fmt: skip


def run(town: Town, chromium: Browser, size: Size) -> Iterator[Bar]:
    program = node.program()
    if program is None or not node.LIGHTHOUSE.is_file():
        yield Bar("lighthouse", [], why="needs tests/pages/requirements.txt and `python -m tests.pages.node`")
        return
    chosen = [place for place in places() if place.main and place.kind in KINDS and not place.note.isdigit()]
    for place in chosen:
        yield _bar(place, [_audit(program, town, place) for _run in range(size.pick(1, RUNS))])


def _bar(place: Place, found: list[dict[str, Any]]) -> Bar:
    """The middle run by performance speaks for the page."""
    found.sort(key=lambda report: report["categories"]["performance"]["score"] or 0)
    report, wanted = found[len(found) // 2], KINDS[place.kind]
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}
    seconds = {key: report["audits"][name]["numericValue"] / 1000 for key, name in
               (("FCP", "first-contentful-paint"), ("LCP", "largest-contentful-paint"))}  # fmt: skip
    parts = [Part("performance", scores["performance"], ">=", wanted.performance)]
    parts += [Part(name, scores[name], ">=", 100) for name in CATEGORIES[1:]]
    if wanted.lcp:
        parts.append(Part("LCP seconds", seconds["LCP"], "<=", wanted.lcp))
    if place.path.startswith("/orders/new"):
        parts.append(Part("FCP against Vue and Vant", seconds["FCP"] / VUE_FCP, "<=", 0.5))
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
    with tempfile.TemporaryDirectory(prefix="linli-lighthouse-") as folder:
        headers, output = Path(folder) / "headers.json", Path(folder) / "report.json"
        token = town.token(place.account_id, "zh") if place.account_id else ""
        headers.write_text(json.dumps({"Cookie": f"{town.cookie_name}={token}"} if token else {}), encoding="utf-8")
        words = [
            str(program), str(node.LIGHTHOUSE), town.address + place.path, "--quiet", "--output=json",
            f"--output-path={output}", f"--extra-headers={headers}", f"--only-categories={','.join(CATEGORIES)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
            *(["--preset=desktop"] if KINDS[place.kind].desktop else []),
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
        if error := found.get("runtimeError"):
            raise RuntimeError(f"{place.name}: {error['message'][:200]}")
        return found
