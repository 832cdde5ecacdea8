"""Shapes of what comes in and goes out: one strict base schema and fields that speak plainly.

Shape only: no queries, no current user. Text with NUL or lone surrogates, huge numbers and NaN get no further.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l
from marshmallow import fields, validate
from werkzeug.datastructures import MultiDict

from app.kernel.clock import LOCAL, YEARS

REQUIRED = {"required": _l("请填写这一项。"), "null": _l("请填写这一项。")}
CHOSEN = {"required": _l("请选一个。"), "null": _l("请选一个。")}
FORM_ONLY = frozenset({"csrf_token", "_key", "_next", "_seen", "next"})


class Shape(ma.Schema):
    """Base of all schemas: unknown fields are refused, never silently dropped."""

    class Meta:
        unknown = ma.RAISE

    error_messages = {
        "unknown": _l("不认识这一项。"),
        "type": _l("内容的格式不对。"),
    }


class Typed(dict[str, Any]):
    """An object that came as JSON: its numbers and flags are numbers and flags, not words for them as in forms."""


def typed(value: Any) -> Any:
    """Mark everything within as come from JSON."""
    if isinstance(value, dict):
        return Typed({name: typed(part) for name, part in value.items()})
    return [typed(part) for part in value] if isinstance(value, list) else value


def _is_word_for_it(value: Any, data: Any) -> bool:
    return isinstance(data, Typed) and isinstance(value, str)


def is_plain(text: str) -> bool:
    """No control characters but new lines and tabs, no lone surrogates: any database and any hash can take it."""
    return not any((ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) <= 0xDFFF for c in text)


class Text(fields.String):
    """Text with its outer blanks cut off; at least one character where required."""

    default_error_messages = {**REQUIRED, "invalid": _l("请用文字填写。")}

    def __init__(self, *, most: int, least: int = 0, **more: Any) -> None:
        self.most, self.least = most, least
        super().__init__(**more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs)).replace("\r\n", "\n").strip()
        if not is_plain(text):
            raise ma.ValidationError(_l("里面有看不见的特殊字符，请重新输入。"))
        if len(text) > self.most:
            raise ma.ValidationError(_l("太长了，请不要超过 %(most)s 个字。", most=self.most))
        if len(text) < self.least or (self.required and not text):
            raise ma.ValidationError(
                _l("太短了，至少 %(least)s 个字。", least=self.least) if text else REQUIRED["required"]
            )
        return text


class Whole(fields.Integer):
    """A whole number between two bounds (32 bits at most)."""

    default_error_messages = {**REQUIRED, "invalid": _l("请填数字。")}

    def __init__(self, *, least: int = 0, most: int = 2_000_000_000, **more: Any) -> None:
        message = _l("请填 %(least)s 到 %(most)s 之间的数字。", least=least, most=most)
        super().__init__(validate=validate.Range(least, most, error=message), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        wordy = _is_word_for_it(value, data) or (isinstance(value, str) and len(value) > 12)
        if isinstance(value, bool | float) or wordy:
            raise self.make_error("invalid")
        return int(super()._deserialize(value, attr, data, **kwargs))


class Place(fields.Float):
    """A latitude or longitude in degrees (WGS-84)."""

    default_error_messages = {
        **REQUIRED,
        "invalid": _l("位置不对，请重新选择。"),
        "special": _l("位置不对，请重新选择。"),
    }

    def __init__(self, *, bound: float, **more: Any) -> None:
        super().__init__(
            allow_nan=False,
            validate=validate.Range(-bound, bound, error=_l("位置不对，请重新选择。")),
            **more,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or _is_word_for_it(value, data):
            raise self.make_error("invalid")
        return float(super()._deserialize(value, attr, data, **kwargs))


class Choice(fields.String):
    """One of a closed list."""

    default_error_messages = {**CHOSEN, "invalid": _l("请从列出的选项中选一个。")}

    def __init__(self, choices: Any, **more: Any) -> None:
        listed = [str(choice) for choice in choices]
        super().__init__(validate=validate.OneOf(listed, error=_l("请从列出的选项中选一个。")), **more)


def _is_of_our_time(day: date) -> None:
    if day.year not in YEARS:
        raise ma.ValidationError(_l("这个日期太远了，请看看年份对不对。"))


class Moment(fields.AwareDateTime):
    """A moment; one written without a zone is taken as Asia/Shanghai."""

    default_error_messages = {**REQUIRED, "invalid": _l("请填日期和时间，例如 2026-12-01 09:00。")}

    def __init__(self, **more: Any) -> None:
        super().__init__(default_timezone=LOCAL, validate=_is_of_our_time, **more)


class Day(fields.Date):
    default_error_messages = {**REQUIRED, "invalid": _l("请选一个日期，例如 2026-12-01。")}

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=_is_of_our_time, **more)


class Clock(fields.Time):
    default_error_messages = {**REQUIRED, "invalid": _l("请选一个时间，例如 09:00。")}


class Flag(fields.Boolean):
    default_error_messages = {**REQUIRED, "invalid": _l("请选“是”或“否”。")}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(data, Typed) and not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return bool(super()._deserialize(value, attr, data, **kwargs))


class Many(fields.List):
    """A short list."""

    default_error_messages = {**CHOSEN, "invalid": _l("请从列出的选项中选。")}

    def __init__(self, inner: fields.Field[Any], *, most: int = 50, **more: Any) -> None:
        super().__init__(inner, validate=validate.Length(max=most, error=_l("最多选 %(most)s 项。", most=most)), **more)


def form_data(form: MultiDict[str, str], schema: ma.Schema) -> dict[str, Any]:
    """What a browser's form sent, in the shape a schema loads: blanks are left out, ticked boxes become lists."""
    data: dict[str, Any] = {}
    for name in form:
        if name in FORM_ONLY:
            continue
        if isinstance(schema.fields.get(name), fields.List):
            data[name] = [value for value in form.getlist(name) if value]
        elif form[name].strip():
            data[name] = form[name]
    return data
