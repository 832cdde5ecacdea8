"""Forms with the kinds of their fields, and how somebody would fill them in plausibly."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser

from app.kernel.clock import local, now

WRITTEN = {"text", "search", "textarea", "url", "email"}
TAKEN = {"csrf_token", "_next", "next"}


@dataclass
class Field:
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)


@dataclass
class TypedForm:
    action: str
    is_multipart: bool
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def written(self) -> list[str]:
        """The fields somebody writes words into."""
        return [name for name, one in self.fields.items() if one.kind in WRITTEN and name not in TAKEN]

    def filled_in(self) -> dict[str, str]:
        """Every field as offered, and what stands empty filled in with something likely."""
        pairs = {name: _likely(name, one) for name, one in self.fields.items() if name != "csrf_token"}
        return {name: value for name, value in pairs.items() if value is not None}


def _likely(name: str, one: Field) -> str | None:
    if one.kind in {"hidden", "submit"} or one.value:
        return one.value
    if one.kind in {"radio", "checkbox", "select"}:
        return next((option for option in one.options if option), None)
    tomorrow = local(now() + timedelta(days=1))
    by_kind = {
        "tel": "13812345678", "date": f"{tomorrow:%Y-%m-%d}", "time": "10:00", "number": "1", "password": None,
        "datetime-local": f"{tomorrow:%Y-%m-%dT%H:%M}", "file": None,
    }  # fmt: skip
    return by_kind.get(one.kind, "13812345678" if "phone" in name else "好的")


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self._form: TypedForm | None = None
        self._within: Field | None = None
        self.found: list[TypedForm] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            posts = known.get("method", "").lower() == "post"
            self._form = TypedForm(known.get("action") or self._page, "multipart" in known.get("enctype", ""))
            self.found += [self._form] if posts else []
        elif self._form is not None and tag == "option" and self._within is not None:
            self._within.options.append(known.get("value", ""))
        elif self._form is not None and tag in {"input", "textarea", "select", "button"} and known.get("name"):
            self._field(self._form, tag, known)

    def _field(self, form: TypedForm, tag: str, known: dict[str, str]) -> None:
        kind = {"input": known.get("type", "text"), "button": "submit"}.get(tag, tag)
        one = form.fields.setdefault(known["name"], Field(kind))
        if kind in {"radio", "checkbox"}:
            one.options.append(known.get("value", "on"))
        elif not one.value:
            one.value = known.get("value", "")
        self._within = one if tag in {"select", "textarea"} else None

    def handle_data(self, data: str) -> None:
        if self._within is not None and self._within.kind == "textarea":
            self._within.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._within = None
        elif tag == "form":
            self._form = None


def typed_forms(page: str, html: str) -> list[TypedForm]:
    """All forms that post, of the page at this path."""
    reader = _Reader(page)
    reader.feed(html)
    return reader.found
