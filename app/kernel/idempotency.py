"""The same key has one effect: the row that remembers it is written in the transaction of the effect.

A verb that answers with a row says `@repeatable(Row)` beneath `@command` and takes `key`; `once` is for all others.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.errors import Invalid, KeyReused
from models import IdempotencyKey, db
from models.base import Identified

P = ParamSpec("P")
T = TypeVar("T", bound=Identified)
KEY_LENGTH = 255


def repeatable(table: type[T]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a verb with `actor` and `key` have one effect a key; a repetition is answered with the same row of `table`.

    The key is read here, before the verb runs: the verb only names it, so that whoever calls can see it.
    """

    def mark(verb: Callable[P, T]) -> Callable[P, T]:
        shape = inspect.signature(verb)

        @functools.wraps(verb)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            given = shape.bind(*args, **kwargs)
            given.apply_defaults()
            content = dict(given.arguments)
            actor, key = content.pop("actor"), content.pop("key")
            row_id, _again = once(key, actor, verb.__qualname__, content, lambda: verb(*args, **kwargs).id)
            return db.session.get_one(table, row_id)

        return run

    return mark


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
