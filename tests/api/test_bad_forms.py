"""The same for people's pages: no form, however it is filled in, breaks the server."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import quote_from_bytes

import marshmallow as ma
import pytest

from app.kernel.schema import Shape
from tests.api.everything import everybody_in_one, things
from tests.factories import csrf_of

SEED = 20261123
FORMS_EACH = 30
VALUES = (
    "", " ", "\x00", "a\x00b", "\ud83d", "\u202e", "0", "-1", "1.5", "1e999", "NaN", "9" * 5000, "长" * 5000, "2026-02-31",
    "2026-13-45T99:99", "25:61", "now", "other", "on", "<script>", "=1+1", "13800000000", "../../etc/passwd", "%00", "{}",
)  # fmt: skip
LEAVES = {"people.sign_out"}
"""Forms after which nobody is signed in any more."""


def _fields() -> list[str]:
    """Every name that any form of ours may send."""
    waiting: list[type[ma.Schema]] = [Shape]
    names = {"_next", "_key", "next", "language", "size"}
    while waiting:
        shape = waiting.pop()
        names |= set(shape._declared_fields)
        waiting += shape.__subclasses__()
    return sorted(names)


@pytest.fixture
def met(town, site):
    actor = everybody_in_one(town)
    client = town.browser(site, actor)
    token = csrf_of(client.get("/me").get_data(as_text=True))
    return client, token, things(town, actor)


def _forms(app: Any, ids: dict[str, str]):
    """The address of every form, with real ids in it."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "POST" not in rule.methods or rule.rule.startswith("/api/") or rule.endpoint in LEAVES:
            continue
        given = {name: ids.get(name, "0" * 20) for name in rule.arguments}
        for name, converter in rule._converters.items():
            if getattr(converter, "items", None):
                given[name] = sorted(converter.items)[0]
        yield rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, given, "POST")


def _filled_in(random: Random, names: list[str], token: str) -> list[tuple[str, bytes]]:
    chosen = [name for name in names if random.random() < 0.5]
    pairs = [(name, random.choice(VALUES)) for name in chosen for _ in range(random.choice((1, 1, 1, 3)))]
    return [("csrf_token", token.encode()), *((name, value.encode("utf-8", "surrogatepass")) for name, value in pairs)]


def _encoded(pairs: list[tuple[str, bytes]]) -> bytes:
    return "&".join(f"{name}={quote_from_bytes(value, safe='')}" for name, value in pairs).encode()


def test_no_form_breaks_the_server(met, site):
    client, token, ids = met
    random, names, broken = Random(SEED), _fields(), []
    for endpoint, url in list(_forms(site, ids)):
        for _ in range(FORMS_EACH):
            sent = _encoded(_filled_in(random, names, token))
            answer = client.post(url, data=sent, content_type="application/x-www-form-urlencoded")
            if answer.status_code >= 500:
                broken.append(f"{endpoint} {url}: {answer.status_code} after {sent[:300]!r}")
                break
    assert not broken, "\n".join(broken)


def test_an_empty_form_is_answered_in_words(met, site):
    """422 with the page and its faults, or a plain redirect where nothing was needed; never a bare error."""
    client, token, ids = met
    odd = []
    for endpoint, url in _forms(site, ids):
        answer = client.post(url, data={"csrf_token": token})
        if answer.status_code not in {200, 302, 303, 403, 404, 409, 422}:
            odd.append(f"{endpoint} {url}: {answer.status_code}")
        if answer.status_code == 422 and "error" not in answer.get_data(as_text=True):
            odd.append(f"{endpoint} {url}: 422 without a word")
    assert not odd, "\n".join(odd)


def test_queries_of_pages_never_break_the_server(met, site):
    client, _token, ids = met
    names = ["page", "q", "office", "status", "urgency", "alert", "skill", "show", "days", "within", "day", "order",
             "volunteer", "phone", "category", "item", "next", "done", "stars", "role"]  # fmt: skip
    broken = []
    for rule in site.url_map.iter_rules():
        if "GET" not in rule.methods or rule.rule.startswith(("/api/", "/static/", "/docs/")):
            continue
        given = {name: ids.get(name, "0" * 20) for name in rule.arguments}
        for name, converter in rule._converters.items():
            if getattr(converter, "items", None):
                given[name] = sorted(converter.items)[0]
        url = site.url_map.bind("localhost").build(rule.endpoint, given, "GET")
        for bad in ("%00", "%ED%A0%80", "9" * 400, "-1", "'", "a" * 2000, "%E9%95%BF" * 300):
            answer = client.get(f"{url}?{'&'.join(f'{name}={bad}' for name in names)}")
            broken += [f"{url} with {bad[:20]}: {answer.status_code}"] if answer.status_code >= 500 else []
    assert not broken, "\n".join(broken)
