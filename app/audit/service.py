"""Verbs of the audit: anchor the heads, say that the database was put back, hand over to a new key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import current_app

from app.audit import keys
from app.audit.book import ANCHOR, KEY, RESTART, Book, Heads, Line, Reading
from app.audit.keys import SigningKey
from app.audit.verifying import Report, verify
from app.config import Settings
from app.kernel.clock import now


class Broken(Exception):
    """The chain does not verify, so nothing is anchored; `report` says what is wrong."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"{report.faults_found} faults")
        self.report = report


def settings() -> Settings:
    found: Settings = current_app.config["LINLI"]
    return found


def key() -> SigningKey:
    """The key of this installation, made on first use."""
    return keys.signing_key(settings())


def own_keys() -> set[str]:
    """The public halves of our key and of those it replaced."""
    return keys.own_keys(settings())


def book() -> Book:
    """The book of this installation."""
    return Book(settings().audit_folder or settings().instance / "audit")


def read_book(trusted: Iterable[str] = ()) -> Reading:
    """The book, its signatures held against the keys given, else against our own, present and past."""
    return book().read(set(trusted) or own_keys())


def check(trusted: Iterable[str] = ()) -> Report:
    """Walk the chains and hold them against the book."""
    return verify(read_book(trusted))


def anchor() -> Line:
    """Check everything, then sign the heads; raises Broken where something is wrong, for that must not be sealed."""
    report = check()
    if not report.ok:
        raise Broken(report)
    return book().add(ANCHOR, key(), now(), report.heads)


def is_anchor_due() -> bool:
    """Whether the last anchor is older than the setting allows; half an hour of grace, for the sweep is hourly."""
    last = read_book().last_at
    grace = timedelta(minutes=30)
    return last is None or now() - datetime.fromisoformat(last) >= timedelta(hours=settings().anchor_hours) - grace


def restart(heads: Heads, why: str) -> Line:
    """Say in the book that the database was put back to these heads on purpose."""
    return book().add(RESTART, key(), now(), heads, why=why)


def rotate_key() -> SigningKey:
    """A new key, which the old one vouches for in the book."""
    old = key()
    fresh = keys.new_key(settings())
    book().add(KEY, old, now(), {}, public=fresh.public)
    return fresh
