"""How often a password may be guessed: a soft lock with its counters in the database, the same for every process.

At one account, from one place, and over all. A lock opens by itself (five minutes, doubled with each lock in a row, an
hour at most). Whoever sits at a browser in which the person has signed in before is counted apart: nobody can shut
somebody else out by guessing at them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, has_request_context
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.extensions import whence
from app.kernel import security_log
from app.kernel.clock import now
from app.kernel.errors import TooManyTries
from app.kernel.transaction import command
from app.people import devices
from app.people.sealing import digest, keyed_digest
from models import Account, TryCount, db

WINDOW = timedelta(minutes=5)
LONGEST = timedelta(hours=1)
CALM = timedelta(days=1)
"""After so long without a wrong try the next lock is a short one again."""
AT_ALL = 1000


@dataclass(frozen=True)
class Rule:
    """So many tries at one key within the window; `grows`: each lock lasts twice as long as the one before."""

    key: str
    most: int
    grows: bool = True


@dataclass(frozen=True)
class Attempt:
    """One try that was let through; say how it went."""

    rules: tuple[Rule, ...]

    def right(self) -> None:
        _settle(self.rules, was_right=True)

    def wrong(self, account_id: str | None = None) -> None:
        _settle(self.rules, was_right=False)
        security_log.note("account.wrong_secret", account=account_id)


def attempt(whom: str, account: Account | None, what: str = "password") -> Attempt:
    """Count one try at `whom` (a number as typed, or an id) before it is looked at. Raises TooManyTries.

    The number need not be anybody's: strangers' numbers are counted and locked alike.
    """
    most, device = current_app.config["LINLI"].sign_in_tries, devices.token_here()
    if account is not None and what == "password" and devices.is_known(account.id, device):
        return _let_through((Rule(_key("device", what, digest(device), whom), most),), account.id)
    rules = (Rule(_key("account", what, whom), most), *_around(what))
    return _let_through(rules, account.id if account else None)


def attempt_here(whom: str, what: str, most: int) -> Attempt:
    """Count one try at `whom` from this place, whatever others try from elsewhere: they use up tries of their own.
    Whoever asks bounds the tries over all places. Raises TooManyTries.
    """
    here = whence() if has_request_context() else ""
    return _let_through((Rule(_key("account", what, whom, here), most), *_around(what)), None)


def _around(what: str) -> tuple[Rule, ...]:
    """How much of this is tried from one place, at whomever, and over all."""
    settings = current_app.config["LINLI"]
    if not (settings.rate_limits and has_request_context()):
        return ()
    return Rule(_key("place", what, whence()), settings.sign_in_tries), Rule(_key("all", what), AT_ALL, grows=False)


def _let_through(rules: tuple[Rule, ...], account_id: str | None) -> Attempt:
    seconds = _take(rules)
    if seconds:
        security_log.note("account.locked", grave=True, account=account_id)
        raise TooManyTries(seconds=seconds)
    return Attempt(rules)


@command
def sweep() -> int:
    """Forget what was counted more than a day ago."""
    gone = delete(TryCount).where(TryCount.changed_at <= now() - CALM)
    return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def _key(*parts: str) -> str:
    return keyed_digest("tries", *parts)


@command
def _take(rules: tuple[Rule, ...]) -> int:
    """Count a try under each key; the seconds to wait where one of them is locked, and then nothing is counted."""
    rows = list(zip(rules, _rows(rules), strict=True))
    waits = [_wait(row, rule) for rule, row in rows]
    if any(waits):
        return math.ceil(max(waits))
    for _rule, row in rows:
        row.tries += 1
    return 0


@command
def _settle(rules: tuple[Rule, ...], was_right: bool) -> None:
    for rule, row in zip(rules, _rows(rules), strict=True):
        if was_right:
            row.tries = max(0, row.tries - 1)
            continue
        row.changed_at = now()
        if row.tries >= rule.most and rule.grows:
            row.locked_until = now() + min(LONGEST, WINDOW * 2 ** min(row.rounds, 10))
            row.rounds += 1
            row.tries, row.window_from = 0, now()


def _wait(row: TryCount, rule: Rule) -> float:
    moment = now()
    if row.changed_at <= moment - CALM:
        row.rounds = 0
    if row.locked_until and row.locked_until > moment:
        return (row.locked_until - moment).total_seconds()
    if row.window_from <= moment - WINDOW:
        row.tries, row.window_from, row.changed_at = 0, moment, moment
    return (row.window_from + WINDOW - moment).total_seconds() if row.tries >= rule.most else 0.0


def _rows(rules: Iterable[Rule]) -> list[TryCount]:
    """The counters, made where they are missing, locked in the order of their keys."""
    keys = [rule.key for rule in rules]
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert
    for key in sorted(keys):
        fresh = {"key": key, "tries": 0, "rounds": 0, "window_from": now(), "changed_at": now()}
        db.session.execute(insert(TryCount).values(**fresh).on_conflict_do_nothing())
    locked = select(TryCount).where(TryCount.key.in_(keys)).order_by(TryCount.key).with_for_update()
    found = {row.key: row for row in db.session.scalars(locked.execution_options(populate_existing=True))}
    return [found[key] for key in keys]
