"""Random tampering with the journal and its chain, each undone again: every one must be found, on both databases.

Half are single values of any row and column, half are rows and stretches taken out, put in, moved, rewritten or cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from time import perf_counter

from app.audit import service
from app.audit.verifying import verify_on
from app.kernel import clock
from models import db
from tests.audit.scenes import journal, walk
from tests.audit.tampering import Tamperer, lift_guards
from tests.conftest import NOON
from tests.factories import World
from tests.integrity import places
from tests.integrity.bars import Bar, Part, Size


def run(size: Size) -> Iterator[Bar]:
    for name in places.available():
        with places.database(name) as url, places.running(url), clock.fixed(NOON):
            yield _bar(name, size)


def _bar(name: str, size: Size) -> Bar:
    orders = journal(World().build())
    for order_id in orders:
        walk(order_id, rounds=size.pick(2, 10))
    service.anchor()
    walk(orders[0])
    db.session.remove()
    tried, missed, links, seconds = _tamper(size.pick(25, 1000), Random(f"{size.seed} {name}"))
    parts = [
        Part("tamperings", sum(tried.values()), ">=", size.pick(25, 1000)),
        Part("not found", len(missed), "==", 0),
        Part("false alarms", _false_alarms(), "==", 0),
    ]
    more = {"links": links, "ways": dict(tried.most_common()), "missed": missed, "verify_ms": 1000 * seconds}
    return Bar(f"tampering with the audit chain, {name}", parts, more)


def _tamper(times: int, random: Random) -> tuple[Counter[str], list[str], int, float]:
    """How often each way was tried, which were not found, the length of the chains, and seconds of one check."""
    book, tried, missed = service.read_book(), Counter[str](), []
    with db.engine.connect() as connection, connection.begin() as transaction:
        lift_guards(connection)
        begun = perf_counter()
        links = verify_on(connection, book).links
        seconds = perf_counter() - begun
        for _ in range(times):
            with connection.begin_nested() as savepoint:
                done = Tamperer(connection, random, book.latest).tamper()
                tried[done] += 1
                if verify_on(connection, book).ok:
                    missed.append(done)
                savepoint.rollback()
        transaction.rollback()
    return tried, missed, links, seconds


def _false_alarms() -> int:
    """Faults found in what nobody touched."""
    return service.check().faults_found
