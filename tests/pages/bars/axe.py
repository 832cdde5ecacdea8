"""axe-core over every page: the rules of WCAG 2.0 to 2.2, levels A and AA, and its best practices."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from playwright.sync_api import Page

from app.config import ROOT
from tests.pages.bars import Bar, Part
from tests.pages.places import Place
from tests.pages.walk import Seen
from tests.pages.windows import DESK_OPEN, PHONE, SMALL, View, Window

WINDOWS = (PHONE, SMALL, DESK_OPEN)
QUICK = (SMALL, DESK_OPEN)
SCRIPT = ROOT / "static" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RUN = """([tags]) => axe.run(document, {
  runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"],
}).then(({ violations, passes, incomplete }) => ({
  version: axe.version, rules: violations.length + passes.length + incomplete.length,
  violations: violations.flatMap(({ id, impact, nodes }) => nodes.map((node) => ({
    id, impact, target: node.target.flat().join(" "), html: node.html.slice(0, 120),
    why: [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ").slice(0, 200),
  }))),
}))"""
_asked: dict[str, Any] = {"version": "", "rules": 0}


def look(window: Window, place: Place, view: View) -> list[str]:
    return violations(window.page)


def violations(page: Page) -> list[str]:
    """One sentence for each element that breaks a rule."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_script())
    found = page.evaluate(RUN, [TAGS])
    _asked.update(version=found["version"], rules=max(_asked["rules"], found["rules"]))
    return [f"{one['id']} ({one['impact']}): {one['target']}: {one['why']}" for one in found["violations"]]


def bars(seen: Seen) -> Iterator[Bar]:
    yield Bar("axe: WCAG 2.2 A/AA and best practice", [Part("violations", len(seen.wrong), "==", 0)],
              {"axe": _asked["version"], "rules": _asked["rules"], **seen.more()})  # fmt: skip


@cache
def _script() -> str:
    if not SCRIPT.is_file():
        raise LookupError(f"{SCRIPT.relative_to(ROOT)} is missing: make setup")
    return SCRIPT.read_text(encoding="utf-8") + ";0"
