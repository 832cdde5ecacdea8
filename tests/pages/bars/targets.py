"""All that can be pressed is large enough: 60 px for a resident's main actions, 44 px on a phone, 24 px on a desk.

What counts is where a press lands: a label with its tick box, a card whose link covers it. Exempt is, as in WCAG 2.5.8,
a link within a line of text, and what cannot be seen. The exception for spacing is not used.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.pages.bars import Bar, Part
from tests.pages.places import Place
from tests.pages.walk import Seen, counts
from tests.pages.windows import DESK_OPEN, PHONE, SMALL, View, Window

WINDOWS = (PHONE, SMALL, DESK_OPEN)
ELDERS = ("resident", "order", "site")
ELDER, FINGER, MOUSE = 60, 44, 24
MEASURE = """([elder, least]) => {
  const found = [];
  const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
  const hidden = (e) => { for (let at = e; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.clipPath === "inset(50%)") return true;
  } return false; };
  const inText = (e) => {
    if (e.localName !== "a" || getComputedStyle(e).display !== "inline") return false;
    const own = [...e.parentElement.childNodes].filter((n) => n !== e);
    const said = own.map((n) => n.nodeType === 3 ? n.data : n.nodeType === 1 && getComputedStyle(n).display === "inline"
      && n.localName !== "a" ? n.textContent : "").join("");
    return said.replace(/[\\s·|/]/g, "").length > 0;
  };
  const box = (e) => {
    const boxes = [e.getBoundingClientRect()];
    if (e.matches("input[type=checkbox], input[type=radio], input[type=file]"))
      for (const label of e.labels || []) boxes.push(label.getBoundingClientRect());
    const over = getComputedStyle(e, "::after");
    if (over.position === "absolute" && over.content !== "none" && getComputedStyle(e).position === "static"
      && over.inset === "0px" && e.offsetParent) boxes.push(e.offsetParent.getBoundingClientRect());
    const left = Math.min(...boxes.map((b) => b.left)), right = Math.max(...boxes.map((b) => b.right));
    const top = Math.min(...boxes.map((b) => b.top)), bottom = Math.max(...boxes.map((b) => b.bottom));
    return { width: right - left, height: bottom - top, bottom: bottom + scrollY };
  };
  const pressed = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab], "
    + "[role=link], [role=option], [draggable=true]";
  for (const e of document.querySelectorAll(pressed)) {
    if (!seen(e) || hidden(e) || inText(e) || e.disabled) continue;
    const { width, height, bottom } = box(e);
    if (bottom <= 0) continue;
    const main = elder && e.closest("main") && e.matches(
      ".button:not(.soft, .quiet, .small, .danger), .big-action, .face, main form button.big");
    const wanted = main ? elder : least;
    if (width >= wanted - .5 && height >= wanted - .5) continue;
    const words = e.labels?.[0]?.innerText || e.innerText || e.ariaLabel || e.name || "";
    const name = words.trim().replace(/\\s+/g, " ").slice(0, 24);
    const cls = e.className && typeof e.className === "string" ? "." + e.className.trim().split(/\\s+/).join(".") : "";
    found.push([wanted, `${e.localName}${cls} "${name}" ${Math.round(width)}×${Math.round(height)}`]);
  }
  return found;
}"""


def look(window: Window, place: Place, view: View) -> list[str]:
    is_large = window.page.evaluate("document.documentElement.dataset.text") != "standard"
    elder = ELDER if place.kind in ELDERS and is_large else 0
    return too_small(window.page, elder, FINGER if view.phone else MOUSE)


def too_small(page: Page, elder: int, least: int) -> list[str]:
    """One sentence for each; `elder` is what a main action must have (0: no more than the rest)."""
    return [f"below {wanted} px: {what}" for wanted, what in page.evaluate(MEASURE, [elder, least])]


def bars(seen: Seen) -> Iterator[Bar]:
    kinds = {ELDER: "a resident's main actions", FINGER: "on a phone", MOUSE: "on a desk"}
    found = counts(seen, [f"below {least} px" for least in kinds])
    parts = [Part(f"{what} below {least} px", found[f"below {least} px"], "==", 0) for least, what in kinds.items()]
    rest = len(seen.wrong) - sum(found.values())
    yield Bar("targets: what one presses is large enough", [*parts, Part("not measured", rest, "==", 0)], seen.more())
