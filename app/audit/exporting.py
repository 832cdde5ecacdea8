"""The chains as a file that an outsider can check: one JSON line for each link, a head line before, an end line after.

Names and words are left out unless asked for; the chain verifies without them, for it holds only their digests.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from sqlalchemy import select

from app.kernel.chain import FORMAT, canonical
from app.kernel.clock import now
from models import AuditLink, Event, Office, db

EXPORT = "linli-audit-export-1"
AT_ONCE = 2_000


def lines(office_id: str | None = None, *, words: bool = False) -> Iterator[str]:
    """The export of all chains, or of one office's. `words` adds names and particulars, which may be personal."""
    together = select(AuditLink, Event).join(Event, Event.number == AuditLink.event_number)
    if office_id is not None:
        together = together.where(AuditLink.chain == office_id)
    rows = db.session.execute(together.order_by(AuditLink.chain, AuditLink.seq).execution_options(yield_per=AT_ONCE))
    names = {office.id: office.name for office in db.session.scalars(select(Office))}
    head = {"export": EXPORT, "format": FORMAT, "at": now().isoformat(), "words": words, "office": office_id}
    yield canonical(head)
    count = 0
    for link, event in rows:
        yield canonical(_line(link, event, names, words))
        count += 1
    yield canonical({"end": count})


def _line(link: AuditLink, event: Event, names: dict[str, str], words: bool) -> dict[str, Any]:
    row = {
        "number": event.number, "at": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "kind": event.kind,
        "subject_type": event.subject_type, "subject_id": event.subject_id, "order_id": event.order_id,
        "version": event.version, "office_id": event.office_id, "actor_id": event.actor_id, "before": event.before,
        "after": event.after,
    }  # fmt: skip
    line: dict[str, Any] = {
        "chain": link.chain, "seq": link.seq, "hash": link.hash, "name_digest": link.name_digest,
        "words_digest": link.words_digest, "row": row, "office": names.get(link.chain, ""),
    }  # fmt: skip
    if words:
        line["name"] = [event.name_salt, event.actor_name]
        line["words"] = [event.words_salt, event.particulars]
    return line
