"""The receiver of docs/webhooks.md, taken from there and run: it knows our messages and refuses all others."""

from __future__ import annotations

import pytest

from app.config import ROOT
from app.connections.letters import Letter, headers, new_secret
from app.kernel.clock import now


@pytest.fixture
def event():
    code = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict = {}
    exec(compile(code, "webhooks.md", "exec"), names)  # noqa: S102 - our own document
    return lambda secret, given, body: names["event"](secret, given, body, now().timestamp())


@pytest.fixture
def sent():
    secret = new_secret()
    letter = Letter("d", "l", "w", "https://x", "e", b'{"id":"e","kind":"offer"}', (secret, new_secret()))
    given = headers(letter, now())
    return secret, given, letter


def test_a_true_message_is_taken_with_either_secret(event, sent):
    secret, given, letter = sent
    for one in letter.secrets:
        assert event(one, given, letter.body) == {"id": "e", "kind": "offer"}
    assert secret in letter.secrets


def test_an_altered_forged_or_old_message_is_refused(event, sent):
    secret, given, letter = sent
    stamp = int(given["Linli-Timestamp"])
    assert event(secret, given, letter.body.replace(b"offer", b"other")) is None
    assert event(new_secret(), given, letter.body) is None
    assert event(secret, {**given, "Linli-Timestamp": str(stamp + 1)}, letter.body) is None
    assert event(secret, {**given, "Linli-Signature": "v1="}, letter.body) is None
    old = headers(letter, now().replace(year=2025))
    assert event(secret, old, letter.body) is None, "a message of long ago, truly signed"
