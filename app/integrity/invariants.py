"""All invariants in one place: tests ask after each step, `flask doctor` on demand, and the nightly job by itself."""

from __future__ import annotations

from sqlalchemy import text

from app.integrity.rule import Elsewhere, Invariant
from app.integrity.rules import places, records, steps
from models import db

INVARIANTS: tuple[Invariant, ...] = (*places.INVARIANTS, *steps.INVARIANTS, *records.INVARIANTS)

ELSEWHERE: tuple[Elsewhere, ...] = (
    Elsewhere(
        4,
        "What was acknowledged is in the database after any crash.",
        ("tests/integrity/bars/kills.py", "tests/integrity/bars/storm.py"),
    ),
    Elsewhere(
        10,
        "The same key has one effect and one answer, whatever is cut off in between.",
        ("tests/integrity/bars/cuts.py", "tests/api/test_repeats.py", "tests/kernel/test_transaction.py"),
    ),
    Elsewhere(
        12,
        "Nobody reads or changes anything outside their office's subtree.",
        ("tests/integrity/bars/matrix.py", "tests/privacy/test_table.py"),
    ),
    Elsewhere(
        13,
        "Address, phone and health notes never leave before their stage, nor in logs, outbox or addresses of pages.",
        ("tests/integrity/bars/canary.py",),
    ),
    Elsewhere(
        17,
        "Declining never lowers a volunteer's later rank.",
        ("tests/integrity/test_invariants.py",),
    ),
)


def broken(*, ticking: bool = True) -> dict[str, list[str]]:
    """The name of every invariant that does not hold, with the rows that break it.

    Reads what is committed, over a connection of its own; each question is one statement. With `ticking` off, what
    only a running server brings about is not asked: a backup just restored has timers that ran out meanwhile.
    """
    found: dict[str, list[str]] = {}
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = '120s'"))
        for one in INVARIANTS:
            if (ticking or not one.needs_ticking) and (offenders := one.offenders(connection)):
                found[one.name] = offenders
    return found
