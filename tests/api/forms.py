"""The forms on a page, as a browser would find them: where they go, and what they would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """`fields` maps each name to the values it offers (what is typed in, what may be picked)."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self._page, self._open = page, False
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = known.get("method", "").lower() == "post"
            if self._open:
                self.found.append(Form(known.get("action") or self._page))
        elif self._open and tag in {"input", "textarea", "select", "button"} and known.get("name"):
            self.found[-1].fields.setdefault(known["name"], []).append(known.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False


def forms_on(page: str, html: str) -> list[Form]:
    """All forms that post, of the page at this path."""
    reader = _Reader(page)
    reader.feed(html)
    return reader.found
