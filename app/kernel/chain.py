"""The audit chain: every journal row of a command is linked to its office's chain just before the commit.

A link's hash covers the row and the hash before it, so nothing in between can be altered, taken out, put in or moved
without every later hash changing. The name and the particulars go in as salted digests only: a redaction may blank
them, salt and all, and the chain still verifies. A redaction is itself a journal row, in the chain like any other.

docs/security.md says what a chain proves and what not; deploy/verify_audit.py checks an export with code of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text
from sqlalchemy.orm import Session

from models import AuditLink, Event

FORMAT = "linli-audit-1"
ORIGIN = "0" * 64
"""The hash before the first link of every chain."""

_RECORDED = "linli_recorded"
_TABLE = AuditLink.__table__
_INSERT = insert(AuditLink)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_LAST = select(_TABLE.c.seq, _TABLE.c.hash).where(_TABLE.c.chain == bindparam("name"))
_LAST = _LAST.order_by(_TABLE.c.seq.desc()).limit(1)


def digest(what: str, salt: str, value: Any) -> str:
    """A commitment to `value` that tells nothing of it to anybody without the salt."""
    return _hash([what, salt, value])


def link_hash(chain: str, seq: int, previous: str, event: Any, name_digest: str, words_digest: str) -> str:
    """The hash of one link: of its place, of the hash before it, and of the row."""
    row = [
        event.number, _moment(event.at), event.kind, event.subject_type, event.subject_id, event.order_id,
        event.version, event.office_id, event.actor_id, event.before, event.after,
    ]  # fmt: skip
    return _hash([FORMAT, chain, seq, previous, *row, name_digest, words_digest])


def chain_of(event: Any) -> str:
    return event.office_id or ""


def _hash(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


def canonical(value: Any) -> str:
    """The one way to write a JSON value down: ASCII, no spaces, keys in order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# ---------- linking ----------


def expect(session: Session) -> None:
    """A command begins: nothing is recorded yet."""
    session.info[_RECORDED] = []


def remember(session: Session, event: Event) -> None:
    """This row is to be linked when the command ends."""
    session.info[_RECORDED].append(event)


def link(session: Session) -> None:
    """Link what the command recorded. The very last thing before its commit, for it locks the heads of its chains."""
    recorded = session.info.pop(_RECORDED, None)
    if not recorded:
        return
    session.flush()
    by_chain: defaultdict[str, list[Event]] = defaultdict(list)
    for event in recorded:
        if event in session:  # a savepoint that was rolled back took its rows along
            by_chain[chain_of(event)].append(event)
    connection = session.connection()
    for chain in sorted(by_chain):
        seq, head = _locked_head(connection, chain)
        connection.execute(_INSERT, list(links(chain, seq, head, by_chain[chain])))


def links(chain: str, last: int, head: str, events: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The links that follow a head, for these rows in this order."""
    for seq, event in enumerate(events, last + 1):
        name_digest = digest("name", event.name_salt, event.actor_name)
        words_digest = digest("words", event.words_salt, event.particulars)
        head = link_hash(chain, seq, head, event, name_digest, words_digest)
        yield {
            "chain": chain, "seq": seq, "event_number": event.number, "name_digest": name_digest,
            "words_digest": words_digest, "hash": head,
        }  # fmt: skip


def _locked_head(connection: Connection, chain: str) -> tuple[int, str]:
    """The last link of a chain, nobody else's to follow until the commit. SQLite's writer is alone anyway.

    The lock is PostgreSQL's advisory one: a head row would have to be updated, and nothing of the chain ever is.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK, {"name": f"audit {chain}"})
    found = connection.execute(_LAST, {"name": chain}).one_or_none()
    return (found.seq, found.hash) if found else (0, ORIGIN)
