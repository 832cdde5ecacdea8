"""At 320 px and with text twice as large nothing scrolls sideways or is cut off, and the focus is never covered; at the
usual sizes no word is broken in two."""

from __future__ import annotations

from collections.abc import Iterator

from tests.pages.bars import Bar, Part
from tests.pages.places import Place
from tests.pages.walk import Seen, counts
from tests.pages.windows import DESK, DESK_LARGE, PHONE, PHONE_LARGE, SMALL, View, Window

WINDOWS = (PHONE, SMALL, PHONE_LARGE, DESK, DESK_LARGE)
MOST_FOCUSED = 60
SIDEWAYS = """() => {
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return [];
  const kept = (e) => { for (let at = e.parentElement; at && at !== document.body; at = at.parentElement)
    if (getComputedStyle(at).overflowX !== "visible") return true; return false; };
  const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > most + 1
    && !e.closest(".sr-only") && !kept(e));
  return [wide.slice(0, 3).map((e) => `${e.localName}.${e.className}`).join(" > ") || "?"];
}"""
CUT = """() => {
  const found = [];
  for (const e of document.body.querySelectorAll("*")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    const hides = (s, way) => ["hidden", "clip"].includes(s[way]);
    let acrossToo = true, downToo = true;  // until something scrolls: what lies outside that can be reached
    for (let at = e; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.clipPath === "inset(50%)") break;
      if (["auto", "scroll"].includes(style.overflowX)) acrossToo = false;
      if (["auto", "scroll"].includes(style.overflowY)) downToo = false;
      if (!hides(style, "overflowX") && !hides(style, "overflowY")) continue;
      const range = document.createRange(); range.selectNodeContents(e);
      const text = range.getBoundingClientRect(), box = at.getBoundingClientRect();
      const right = text.right > box.right + 1.5, left = text.left < box.left - 1.5;
      const wide = acrossToo && hides(style, "overflowX") && (right || left);
      const high = downToo && hides(style, "overflowY") && (text.bottom > box.bottom + 3 || text.top < box.top - 3);
      const ends = style.textOverflow === "ellipsis" && at.scrollWidth > at.clientWidth + 1;
      if (wide || high || ends) {
        found.push(`${at.localName}.${at.className} "${e.textContent.trim().slice(0, 20)}"`);
        break;
      }
    }
  }
  return found;
}"""
USUAL = (PHONE, DESK)
"""At 320 px and with letters twice as large a long word may break rather than be cut off."""
BROKEN = """([most]) => {
  const found = new Set(), range = document.createRange();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const around = text.parentElement;
    if (around.closest("code, pre, svg, option, textarea, .sr-only")) continue;
    if (!around.checkVisibility({ visibilityProperty: true })) continue;
    for (const { 0: word, index } of text.data.matchAll(/[A-Za-z]{2,}/g)) {
      if (word.length > most) continue;
      range.setStart(text, index); range.setEnd(text, index + word.length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) found.add(`"${word}" in ${around.localName}.${around.className}`);
    }
  }
  return [...found];
}"""
LONGEST_WORD = 16
COVERED = """([most]) => {
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }));
  const step = Math.max(1, all.length / most), found = new Set();
  const some = []; for (let i = 0; i < all.length; i += step) some.push(all[Math.floor(i)]);
  for (const way of [some, [...some].reverse()]) for (const e of way) {
    e.focus();
    const free = () => [e, ...(e.matches("[type=radio], [type=checkbox]") ? e.labels : [])].some((shown) => {
      const r = shown.getBoundingClientRect();
      return [[.5, .5], [.15, .2], [.85, .2], [.15, .8], [.85, .8]].some(([x, y]) => {
        const at = document.elementFromPoint(r.left + r.width * x, r.top + r.height * y);
        return at && (shown.contains(at) || at.contains(shown) || at.closest("label")?.contains(e));
      });
    });
    if (free()) continue;
    e.scrollIntoView({ block: "nearest" });  // a phone scrolls to a field a moment after it has the focus
    if (free() || e.getBoundingClientRect().width <= 1) continue;
    const words = (e.innerText || e.name || "").trim().slice(0, 20);
    found.add(`${e.localName}.${e.className} "${words}"`);
  }
  document.activeElement?.blur(); scrollTo(0, 0);
  return [...found];
}"""


def look(window: Window, place: Place, view: View) -> list[str]:
    page = window.page
    wrong = [f"sideways: {what}" for what in page.evaluate(SIDEWAYS)]
    wrong += [f"cut off: {what}" for what in page.evaluate(CUT)]
    if view in USUAL:
        wrong += [f"broken: {what}" for what in page.evaluate(BROKEN, [LONGEST_WORD])]
    wrong += [f"covered: {what}" for what in page.evaluate(COVERED, [MOST_FOCUSED])]
    return wrong


def bars(seen: Seen) -> Iterator[Bar]:
    found = counts(seen, ["sideways", "cut off", "broken", "covered"])
    rest = len(seen.wrong) - sum(found.values())
    said = {"pages that scroll sideways": "sideways", "texts cut off": "cut off", "words broken in two": "broken",
            "focus under something": "covered"}  # fmt: skip
    parts = [*(Part(what, found[key], "==", 0) for what, key in said.items()), Part("not looked at", rest, "==", 0)]
    yield Bar("reflow: 320 px, twice the text, focus in sight", parts, seen.more())
