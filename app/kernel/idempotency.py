"""The same key has one effect: the row that remembers it is written in the transaction of the effect."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.errors import Invalid, KeyReused
from models import IdempotencyKey, db

KEY_LENGTH = 255


def once(key: str | None, actor: Actor, what: str, content: Any, effect: Callable[[], str]) -> tuple[str, bool]:
    """Run `effect` unless this actor's key has run it before; give back the id it returned and whether it is a replay.

    Must be called inside a command. `content` is what the caller sent: the same key with other content is refused.
    Without a key the effect simply runs.
    """
    if not key:
        return effect(), False
    if len(key) > KEY_LENGTH or not key.isprintable():
        raise Invalid({"_key": [KeyReused.default_detail]})
    who = actor.account_id or actor.key_id or "nobody"
    fingerprint = _fingerprint(what, content)
    known = db.session.get(IdempotencyKey, (who, key))
    if known is not None:
        if known.fingerprint != fingerprint:
            raise KeyReused()
        return known.result_id, True
    row = IdempotencyKey(actor_id=who, key=key, fingerprint=fingerprint, result_id="", created_at=now())
    db.session.add(row)
    db.session.flush()  # a rival with the same key waits here, then clashes and replays
    row.result_id = effect()
    return row.result_id, False


def _fingerprint(what: str, content: Any) -> str:
    text = json.dumps([what, content], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
