"""Blanking what journal rows say about a person, so that the chain still verifies and shows that it was done.

A row gives up its actor's name, or words of its particulars, together with the salt that tied them to the chain: what
was there can then neither be read nor guessed. A further journal row names the rows and their new digests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from app.kernel.access import Actor
from app.kernel.chain import digest
from app.kernel.journal import record
from models import Event
from models.event import new_salt
from models.kinds import EventKind

AT_ONCE = 500
"""Rows that one journal row names."""
Keep = Callable[[dict[str, Any]], dict[str, Any]]


def redact(
    subject: Any, events: Sequence[Event], *, actor: Actor, names: bool = False, keep: Keep | None = None
) -> None:
    """Inside a command: blank these rows' names, and of their particulars all that `keep` does not give back.

    `subject` is whom it is for: the journal row that tells of it is about them.
    """
    rows = iter(events)
    while part := list(islice(rows, AT_ONCE)):
        listed = [[event.number, _blank_name(event, names), _blank_words(event, keep)] for event in part]
        listed = [row for row in listed if row[1:] != [None, None]]
        if listed:
            record(subject, EventKind.JOURNAL_REDACT, actor=actor, rows=listed)


def _blank_name(event: Event, names: bool) -> str | None:
    if not names or not event.actor_name:
        return None
    event.actor_name, event.name_salt = "", new_salt()
    return digest("name", event.name_salt, "")


def _blank_words(event: Event, keep: Keep | None) -> str | None:
    kept = event.particulars if keep is None else keep(dict(event.particulars))
    if kept == event.particulars:
        return None
    event.particulars, event.words_salt = kept, new_salt()
    return digest("words", event.words_salt, kept)
