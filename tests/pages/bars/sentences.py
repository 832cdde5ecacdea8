"""No untranslated sentence: the catalogue is whole, and what an English page says in Chinese is somebody's data.

Data are names, addresses and what people wrote: every run of Chinese characters on an English page must be made of
words that stand in the town's own database (and not in a column that has an English twin), or be marked lang="zh",
or translate="no" where rows are shown as they are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from babel.messages.pofile import read_po

from app.config import ROOT
from models import db
from models.base import Base
from tests.pages.bars import Bar, Part
from tests.pages.places import Place
from tests.pages.walk import Seen
from tests.pages.windows import DESK, PHONE, View, Window

WINDOWS = (PHONE,)
QUICK = (PHONE, DESK)
CATALOGUE = ROOT / "app" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
CHINESE = re.compile(r"[\u3400-\u9fff]+")
TWIN = "name_en"
"""A row that has this says its name in English on English pages."""
NOT_DATA = {("orders", "title"), ("dispatch_run", "plan"), ("dispatch_run", "problem")}
TEXTS = """() => {
  const found = [], skip = "script, style, noscript, [lang^=zh], [translate=no]";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  const say = (text, e) => {
    if (/[\\u3400-\\u9fff]/.test(text)) found.push([text.trim(), `${e.localName}.${e.className}`]);
  };
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.nodeType === 3 ? node.parentElement : node;
    if (e.closest(skip)) continue;
    if (node.nodeType === 3) { say(node.data, e); continue; }
    for (const name of ["title", "aria-label", "alt", "placeholder", "data-announce", "data-locate"])
      if (e.hasAttribute(name)) say(e.getAttribute(name), e);
  }
  say(document.title, document.head);
  return found;
}"""


def look(window: Window, place: Place, view: View) -> list[str]:
    """One sentence for each text that is nobody's data; Chinese pages have nothing to say here."""
    if window.language != "en":
        return []
    found = []
    for text, element in window.page.evaluate(TEXTS):
        if foreign := [run for run in CHINESE.findall(text) if not _is_data(run)]:
            found.append(f"not translated: {element}: {foreign[0]} ({text[:60]})")
    return found


def bars(seen: Seen) -> Iterator[Bar]:
    lacking = catalogue_gaps()
    yield Bar("sentences: whole in English", [
        Part("Chinese on English pages that is no data", len(seen.wrong), "==", 0),
        Part("sentences of the catalogue without English", len(lacking), "==", 0),
    ], {"without English": lacking[:20], **seen.more()})  # fmt: skip


def catalogue_gaps() -> list[str]:
    """Entries that are empty, in doubt, or Chinese again."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    gaps = []
    for message in catalogue:
        if not message.id:
            continue
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.fuzzy or not all(said) or any(CHINESE.search(str(words)) for words in said):
            gaps.append(str(message.id if isinstance(message.id, str) else message.id[0]))
    return gaps


@cache
def _is_data(run: str) -> bool:
    """Whether the run is made of words of the town: names beside each other, a street before a house."""
    words = _words()
    reached = {0}
    for start in range(len(run)):
        if start in reached:
            reached |= {end for end in range(start + 1, len(run) + 1) if run[start:end] in words}
    return len(run) in reached


@cache
def _words() -> frozenset[str]:
    """Runs of Chinese characters in the rows, the sealed ones opened, and the first of each, as avatars have it."""
    found: set[str] = set()
    for mapper in Base.registry.mappers:
        names = {column.key for column in mapper.column_attrs}
        sealed = {name.removesuffix("_sealed") for name in names if name.endswith("_sealed")}
        for row in db.session.query(mapper.class_):
            for name in (names | sealed) - {f"{one}_sealed" for one in sealed}:
                own_words = name == "title" and getattr(row, "item_id", "") is None
                if (own_words or (mapper.local_table.name, name) not in NOT_DATA) and not (
                    name == "name" and getattr(row, TWIN, "")
                ):
                    found |= set(CHINESE.findall(_text(getattr(row, name, ""))))
    return frozenset(found | {word[0] for word in found} | {word[-1] for word in found})


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else ""
