"""Nothing is left without words: errors, statuses, events, notices, translations."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from app.config import ROOT
from app.errors import STATUS
from app.kernel import clock
from app.kernel.errors import DomainError
from app.notices.sentences import SENTENCES
from app.words import STATUS_WORDS
from models.kinds import EventKind, NoticeKind
from models.states import AssignmentStatus, OfferStatus, OrderStatus

STATUSES = {"order": OrderStatus, "offer": OfferStatus, "assignment": AssignmentStatus}
TONES = {"calm", "brand", "wait", "busy", "good", "bad"}
CATALOGUES = sorted((ROOT / "app" / "translations").glob("*/LC_MESSAGES/messages.po"))
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")


def _children(kind):
    return {kind, *(below for child in kind.__subclasses__() for below in _children(child))}


def test_every_domain_error_has_a_status(site):
    missing = _children(DomainError) - {DomainError} - set(STATUS)
    assert not missing


def test_every_domain_error_tells_people_what_happened(site):
    silent = [kind.__name__ for kind in STATUS if kind.title is DomainError.title]
    assert not silent


def test_codes_of_errors_are_told_apart():
    codes = [kind.code for kind in STATUS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(("noun", "status"), [(noun, status) for noun, kind in STATUSES.items() for status in kind])
def test_every_status_has_a_word_and_a_tone(noun, status):
    word, tone = STATUS_WORDS[noun][status]
    assert str(word)
    assert tone in TONES


def test_every_notice_has_a_sentence():
    assert set(SENTENCES) == set(NoticeKind)


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_has_a_sentence(site, kind):
    from app.oversight.sentences import sentence

    event = SimpleNamespace(
        kind=kind, before=None, after=None, particulars={}, actor_name="", actor_id=None, at=clock.now(),
        subject_type="orders", subject_id="", order_id=None, office_id=None, number=1, version=1,
    )  # fmt: skip
    with site.test_request_context("/"):
        said = str(sentence(event))
    assert said.strip()
    assert kind not in said, "the code's own word is no sentence"


@pytest.mark.skipif(not CATALOGUES, reason="no catalogue of another language yet")
@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_every_sentence_is_translated(path):
    with path.open("rb") as file:
        catalogue = read_po(file)
    messages = [message for message in catalogue if message.id]
    assert messages
    assert not [message.id for message in messages if message.fuzzy]
    assert not [message.id for message in messages if not all(_versions(message.string))]


@pytest.mark.skipif(not CATALOGUES, reason="no catalogue of another language yet")
@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_translations_name_the_same_particulars(path):
    with path.open("rb") as file:
        catalogue = read_po(file)
    assert not [message.id for message in catalogue if message.id and not _same_particulars(message)]


def _versions(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _same_particulars(message: Message) -> bool:
    wanted = {name for text in _versions(message.id) for name in PLACEHOLDER.findall(text)}
    return all(set(PLACEHOLDER.findall(text)) <= wanted for text in _versions(message.string)) and (
        wanted - {"num"} <= {name for text in _versions(message.string) for name in PLACEHOLDER.findall(text)}
    )
