"""The same for people's pages: every form that can be found is filled in badly, and none breaks the server."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote_from_bytes

import pytest

from tests.api.everything import everybody_in_one, things
from tests.api.forms import Form, forms_on
from tests.factories import csrf_of

SEED = 20261123
TRIES = 20
VALUES = (
    "", " ", "\x00", "a\x00b", "\ud83d", "\u202e", "0", "-1", "1.5", "1e999", "NaN", "9" * 5000, "长" * 5000,
    "2026-02-31", "2026-13-45T99:99", "25:61", "now", "other", "on", "<script>", "=1+1", "13800000000", "../../etc",
    "%00", "{}",
)  # fmt: skip
HIDDEN = {"csrf_token", "_key"}
ENDS_THE_SESSION = "/sign-out"
QUERIES = ("page", "q", "office", "status", "urgency", "alert", "skill", "show", "days", "within", "day", "order",
           "volunteer", "phone", "category", "item", "next", "done", "stars", "role")  # fmt: skip


class Met:
    """Somebody who may open every page, at a browser without a screen."""

    def __init__(self, site: Any, client: Any, ids: dict[str, str]) -> None:
        self.site, self.client, self._ids = site, client, ids
        self.token = csrf_of(client.get("/me").get_data(as_text=True))

    def pages(self) -> Iterator[str]:
        """The address of every page, with real ids in it."""
        for rule in sorted(self.site.url_map.iter_rules(), key=lambda rule: rule.rule):
            if "GET" in rule.methods and not rule.rule.startswith(("/api/", "/static/", "/docs/")):
                for words in _words_of(rule) or [{}]:
                    ids = {name: self._ids.get(name, "0" * 20) for name in rule.arguments}
                    yield self.site.url_map.bind("localhost").build(rule.endpoint, {**ids, **words}, "GET")

    def forms(self) -> list[Form]:
        """Every form on any of these pages, once."""
        found: dict[str, Form] = {}
        for page in self.pages():
            answer = self.client.get(page)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                for form in forms_on(page, answer.get_data(as_text=True)):
                    found.setdefault(form.action, form).fields.update(form.fields)
        return [form for action, form in found.items() if action != ENDS_THE_SESSION]

    def send(self, form: Form, pairs: list[tuple[str, str]]) -> int:
        """The status of the answer; an exception that got out counts as 500."""
        whole = [("csrf_token", self.token), *pairs]
        body = "&".join(f"{name}={quote_from_bytes(value.encode('utf-8', 'surrogatepass'))}" for name, value in whole)
        try:
            answer = self.client.post(form.action, data=body, content_type="application/x-www-form-urlencoded")
        except Exception:
            return 500
        return int(answer.status_code)


def _words_of(rule: Any) -> list[dict[str, str]]:
    """The words that a rule lists itself (`<any(who,what):step>`), one choice each."""
    return [
        {name: word}
        for name, converter in rule._converters.items()
        for word in sorted(getattr(converter, "items", ()))
    ]  # fmt: skip


@pytest.fixture
def met(town, site):
    actor = everybody_in_one(town)
    ids = things(town, actor)
    return Met(site, town.browser(site, actor), ids)


def _filled_in(form: Form, random: Random) -> list[tuple[str, str]]:
    """Some fields as offered, some left out, some with nonsense, some twice."""
    pairs = []
    for name, offered in form.fields.items():
        if name in HIDDEN or random.random() < 0.15:
            continue
        values = offered if random.random() < 0.4 else VALUES
        pairs += [(name, random.choice(values)) for _ in range(random.choice((1, 1, 1, 2)))]
    return pairs


def test_the_forms_are_found(met):
    assert len(met.forms()) > 20


def test_no_form_breaks_the_server(met):
    random, broken = Random(SEED), []
    for form in met.forms():
        for _ in range(TRIES if set(form.fields) - HIDDEN else 1):
            pairs = _filled_in(form, random)
            if met.send(form, pairs) >= 500:
                broken.append(f"{form.action} with {[(name, value[:40]) for name, value in pairs]!r}")
                break
    assert not broken, "\n".join(broken)


def test_an_empty_form_is_answered_in_words(met):
    """422, or a redirect where nothing was needed; never a bare error."""
    answers = {form.action: met.send(form, []) for form in met.forms()}
    assert not {action: status for action, status in answers.items() if status not in {200, 302, 303, 404, 409, 422}}


def test_queries_of_pages_never_break_the_server(met):
    broken = []
    for page in met.pages():
        for bad in ("%00", "%ED%A0%80", "9" * 400, "-1", "'", "a" * 2000, "%E9%95%BF" * 300):
            answer = met.client.get(f"{page}?{'&'.join(f'{name}={bad}' for name in QUERIES)}")
            broken += [f"{page} with {bad[:20]}: {answer.status_code}"] if answer.status_code >= 500 else []
    assert not broken, "\n".join(broken)
