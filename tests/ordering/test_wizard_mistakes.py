"""点单 by clicking: everything that can be typed wrong is named and kept."""

import re

import pytest

from tests.factories import csrf_of

HUGE = "9" * 5000


NUL = "a\0b"


SURROGATE = b"%ED%A0%80"


@pytest.mark.parametrize(
    ("step", "fields", "field", "kept"),
    [
        ("who", {}, "who", None),
        ("who", {"who": "other", "name": "王妈妈"}, "phone", "王妈妈"),
        ("who", {"who": "other", "name": "王妈妈", "phone": "12"}, "phone", "王妈妈"),
        ("who", {"who": "other", "name": NUL, "phone": "13800000009"}, "name", "13800000009"),
        ("who", {"who": "other", "name": "王" * 41, "phone": "13800000009"}, "name", "王" * 41),
        ("what?category=relief", {}, "item", None),
        ("what?category=relief", {"item": "nothing"}, "item", None),
        ("what?category=own", {"item": "own", "title": ""}, "title", None),
        ("what?category=own", {"item": "own", "title": "搬" * 61}, "title", "搬" * 61),
        ("where", {"place": "new", "house": "3 幢"}, "office_id", "3 幢"),
        ("where", {"place": "new", "office_id": "nothing", "house": "3 幢"}, "office_id", "3 幢"),
        ("where", {"place": "new", "office_id": "STREET", "house": "3 幢"}, "office_id", "3 幢"),
        ("where", {"place": "new", "office_id": "STATION", "house": ""}, "house", None),
        ("where", {"place": "new", "office_id": "STATION", "house": NUL}, "house", None),
        ("where", {"place": "new", "office_id": "STATION", "house": "长" * 101}, "house", "长" * 101),
        ("when", {}, "day", None),
        ("when", {"day": "someday"}, "day", None),
        ("when", {"day": "tomorrow"}, "part", None),
        ("when", {"day": "other", "part": "morning"}, "on", None),
        ("when", {"day": "other", "on": "2026-11-01", "part": "morning"}, "on", "2026-11-01"),
        ("when", {"day": "other", "on": "2027-11-01", "part": "morning"}, "on", "2027-11-01"),
        ("when", {"day": "other", "on": "31.12.", "part": "morning"}, "on", "31.12."),
        ("when", {"day": "today", "part": "morning"}, "part", None),
        ("when", {"day": "today", "part": "hour", "at": "09:00"}, "at", "09:00"),
        ("when", {"day": "today", "part": "hour", "at": "25:99"}, "at", "25:99"),
        ("words", {"words": "说" * 501}, "words", "说" * 501),
        ("words", {"words": NUL}, "words", None),
        ("words", {"words": "好的", "positions": HUGE}, "positions", "好的"),
        ("words", {"words": "好的", "positions": "-1"}, "positions", "好的"),
        ("words", {"words": "好的", "languages": "火星话"}, "languages", "好的"),
        ("words", {"words": "好的", "sex_wish": "other"}, "sex_wish", "好的"),
    ],
)
def test_what_was_typed_wrong_is_named_and_kept(visitor, town, step, fields, field, kept):
    visitor.go_to(step.split("?")[0], town)
    places = {"STREET": town.ids["street"], "STATION": town.ids["station"]}
    reply = visitor.answer(step, **{name: places.get(value, value) for name, value in fields.items()})
    assert reply.status_code == 422
    assert f'href="#f-{field}"' in reply.text and "<title>错误：" in reply.text
    assert kept is None or kept in reply.text


def test_every_error_link_leads_to_a_field_on_the_page(visitor, town):
    for step, fields in (("who", {"who": "other"}), ("what?category=own", {"item": "own"}), ("when", {"day": "other"})):
        visitor.go_to(step.split("?")[0], town)
        page = visitor.answer(step, **fields).text
        for target in re.findall(r'href="#(f-[\w-]+)"', page):
            assert f'id="{target}"' in page
        visitor.send("/orders/new")


def test_bytes_that_are_no_text_do_no_harm(visitor, town):
    visitor.go_to("words", town)
    token = csrf_of(visitor.get("/orders/new/words").text)
    body = b"csrf_token=" + token.encode() + b"&words=" + SURROGATE
    reply = visitor.client.post("/orders/new/words", data=body, content_type="application/x-www-form-urlencoded")
    assert reply.status_code in (303, 422)
    assert visitor.get("/orders/new/check").status_code in (200, 303)
