"""Whatever is sent, the answer is a problem in words with a 4xx status, never a 500 and never a success.

The table of bad things is held against every operation of the API's own document that takes a body.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from tests.api.everything import everybody_in_one, things
from tests.api.spec import Operation, example, kinds, operations, resolved

SEED = 20261123
NOT_EVEN_JSON = {
    "nothing": b"",
    "half an object": b'{"a": ',
    "a NUL byte": b'{"a": "\x00"}',
    "no UTF-8": b'{"a": "\xff\xfe"}',
    "NaN": b"NaN",
    "a list": b"[]",
    "a string": b'"text"',
    "null": b"null",
    "a number": b"1e999",
    "100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a number of 5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
}
BAD_FOR = {
    "string": ["a\x00b", "\ud800", "\u202e\x07", 7, True, [], {}, "长" * 20_000],
    "integer": [10**30, -(10**30), "1e5x", "9" * 4000, "\x00", [], {}, float("nan"), float("inf"), 1.5],
    "number": [float("nan"), float("inf"), -1e308, "1e999", "nan", "Infinity", [], {}, "\ud800", 10**400],
    "boolean": ["maybe", 7, [], {}, "\x00", 10**400],
    "array": ["text", 7, {}, {"a": []}, [[["deep"]]], [None], ["x\x00"], ["长"] * 5000],
    "object": ["text", 7, [], {"\x00": 1}],
}


@pytest.fixture
def met(town, site):
    """The document's operations with a body, a client that may do everything, and real ids."""
    actor = everybody_in_one(town)
    client = town.program(site, actor)
    document = client.get("/api/v1/openapi.json").get_json()
    return document, [one for one in operations(document) if one.schema is not None], client, things(town, actor)


def _send(client: Any, one: Operation, ids: dict[str, str], body: bytes) -> Any:
    return client.open(one.url(ids), method=one.method.upper(), data=body, content_type="application/json")


def _complaint(one: Operation, what: object, answer: Any) -> str | None:
    """None where the answer is a proper refusal."""
    if not 400 <= answer.status_code < 500:
        return f"{one.name} with {str(what)[:60]!r}: {answer.status_code}"
    if answer.mimetype != "application/problem+json":
        return f"{one.name} with {str(what)[:60]!r}: {answer.mimetype}"
    return None


@pytest.mark.parametrize("what", NOT_EVEN_JSON)
def test_what_is_no_object_is_refused(met, what):
    _document, posting, client, ids = met
    demanding = [one for one in posting if one.schema.get("required")] if what == "nothing" else posting
    answers = [(one, _send(client, one, ids, NOT_EVEN_JSON[what])) for one in demanding]
    assert not [text for one, answer in answers if (text := _complaint(one, what, answer))]


def test_unknown_fields_are_refused_not_dropped(met):
    document, posting, client, ids = met
    bodies = [(one, {**example(one.schema, document), "no_such_field": 1}) for one in posting]
    answers = [(one, _send(client, one, ids, json.dumps(body).encode())) for one, body in bodies]
    assert not [text for one, answer in answers if (text := _complaint(one, "an unknown field", answer))]


def _spoilt(one: Operation, document: dict[str, Any]):
    """Bodies that are plausible but for one field, which holds something bad for its type."""
    whole = example(one.schema, document)
    for name, part in one.schema.get("properties", {}).items():
        for kind in sorted(kinds(resolved(part, document)) - {"null"}):
            for value in BAD_FOR[kind]:
                yield f"{name} = {value!r}", {**whole, name: value}


def test_a_bad_value_in_any_field_is_refused(met):
    document, posting, client, ids = met
    complaints = []
    for one in posting:
        for what, body in _spoilt(one, document):
            text = _complaint(one, what, _send(client, one, ids, json.dumps(body).encode()))
            complaints += [text] if text else []
    assert not complaints, "\n".join(complaints)


def test_the_fields_at_fault_are_named(met):
    _document, posting, client, ids = met
    silent = []
    for one in (one for one in posting if one.schema.get("required")):
        answer = _send(client, one, ids, b"{}")
        pointers = {error["pointer"] for error in (answer.get_json() or {}).get("errors", [])}
        if answer.status_code != 422 or not {f"/{name}" for name in one.schema["required"]} <= pointers:
            silent.append(f"{one.name}: {answer.status_code} {sorted(pointers)}")
    assert not silent, "\n".join(silent)


def _junk(random: Random, depth: int = 0) -> Any:
    """A random JSON value with a taste for trouble."""
    flat = [
        None,
        True,
        0,
        -1,
        2**63,
        10**25,
        0.1,
        float("nan"),
        "",
        "文字",
        "\x00",
        "\ud83d",
        "=1+1",
        "2026-02-31",
        "9" * 50,
    ]
    if depth > 3 or random.random() < 0.6:
        return random.choice(flat)
    if random.random() < 0.5:
        return [_junk(random, depth + 1) for _ in range(random.randint(0, 4))]
    return {str(random.choice(flat)): _junk(random, depth + 1) for _ in range(random.randint(0, 4))}


def test_random_junk_never_breaks_the_server(met):
    _document, posting, client, ids = met
    random, broken = Random(SEED), []
    for one in posting:
        names = list(one.schema.get("properties", {}))
        for _ in range(25):
            body = {name: _junk(random) for name in names if random.random() < 0.7}
            answer = _send(client, one, ids, json.dumps(body).encode())
            broken += [f"{one.name} {body!r}"] if answer.status_code >= 500 else []
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("key", ["\x00", "k" * 5000, "鍵\ud800".encode("utf-8", "surrogatepass").decode("latin-1")])
def test_bad_idempotency_keys_never_break_the_server(met, key):
    document, posting, client, ids = met
    if "\x00" in key:
        key = "a\tb"  # HTTP itself lets no NUL through; a tab is the nearest thing
    answers = [
        (one, client.open(one.url(ids), method=one.method.upper(), json=example(one.schema, document),
                          headers={"Idempotency-Key": key}))
        for one in posting
    ]  # fmt: skip
    assert not [one.name for one, answer in answers if answer.status_code >= 500]


@pytest.mark.parametrize("bad", ["0", "x" * 300, "%00", "%ED%A0%80", "..%2f..%2fetc", "'--", "9" * 30, "%F0%9F%92%A5"])
def test_bad_ids_in_paths_are_not_found(met, bad):
    document, _posting, client, _ids = met
    with_ids = [one for one in operations(document) if "{" in one.path]
    odd = []
    for one in with_ids:
        url = "/".join(bad if part.startswith("{") else part for part in one.path.split("/"))
        more = {"json": example(one.schema, document)} if one.schema is not None else {}
        answer = client.open(url, method=one.method.upper(), **more)
        odd += [f"{one.name}: {answer.status_code}"] if answer.status_code not in {404, 409, 422} else []
    assert not odd


def test_where_no_body_is_expected_an_empty_one_is_no_fault(met):
    """Many clients announce JSON and send nothing."""
    document, _posting, client, ids = met
    refused = [
        f"{one.name}: {answer.status_code}"
        for one in operations(document)
        if one.schema is None
        and not one.path.endswith("/session")
        and (
            answer := client.open(one.url(ids), method=one.method.upper(), content_type="application/json")
        ).status_code
        in {400, 415}
    ]
    assert not refused


def test_queries_are_checked_too(met):
    document, _posting, client, ids = met
    broken = []
    for one in (one for one in operations(document) if one.method == "get"):
        names = [p["name"] for p in one.details.get("parameters", []) if p.get("in") == "query"]
        for bad in ("%00", "%ED%A0%80", "9" * 400, "-1", "NaN", "'", "a" * 3000):
            for name in names:
                answer = client.get(f"{one.url(ids)}?{name}={bad}")
                broken += [f"{one.name} {name}={bad[:20]}: {answer.status_code}"] if answer.status_code >= 500 else []
    assert not broken
