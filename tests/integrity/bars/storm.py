"""Many accept at once, against real server processes on each database.

Round after round: an order that two hundred people want, orders at the same hour that twenty people all claim, a yes
against a cancellation, a yes in the moment in which its offer runs out, and the same key five times at once. Afterwards
what the callers were told is held against what the database has.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from random import Random
from statistics import quantiles

from sqlalchemy import text

from models import db
from tests.bench.bars import shown
from tests.integrity import checks, places, servers
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.crowd import Crowd, crowd
from tests.integrity.servers import Site
from tests.integrity.storm_rounds import Told, Town

PERMITTED = {
    "201", "200", "409 already_taken", "409 offer_over", "409 overlaps", "409 wrong_state", "409 not_fitting",
    "409 conflict",
}  # fmt: skip


def run(size: Size) -> Iterator[Bar]:
    """One bar a database; the short form takes PostgreSQL alone where there is one."""
    for number, database in enumerate(places.available()[-1:] if size.quick else places.available()):
        yield _storm(size, database, size.seed + number)


def _storm(size: Size, database: str, seed: int) -> Bar:
    webs = 1 if database == places.SQLITE else size.pick(1, 2)
    with ExitStack() as stack:
        made = stack.enter_context(places.database(database)) if size.quick else None
        settings = {"SCHEDULER": "off"} if size.quick else {}
        site = stack.enter_context(servers.site(database, webs=webs, url=made, **settings))
        town = Town(Random(seed), people=size.pick(24, 200), shared=size.pick(8, 20))
        for child in site.children.values():
            child.wait_until_up()
        with crowd(site.addresses, size.pick(2, 4), 8) as callers:
            told, rounds = _rounds(town, callers, size.pick(1.0, 120.0))
        return _judged(site, told, rounds)


def _rounds(town: Town, callers: Crowd, seconds: float) -> tuple[list[Told], int]:
    told: list[Told] = []
    until, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        rounds += 1
        asked = town.round()
        db.session.remove()
        town.dice.shuffle(asked)
        answers = callers.rush([one.call for one in asked])
        told += [Told(one, answer) for one, answer in zip(asked, answers, strict=True)]
    return told, rounds


def _judged(site: Site, told: list[Told], rounds: int) -> Bar:
    words = Counter(one.answer.words for one in told)
    seconds = [one.answer.seconds for one in told]
    held, broken = _held(), checks.broken()
    parts = {
        "oversold": sum(count > places_of for count, places_of in _filled().values()),
        "orders not filled": _unfilled(told),
        "double-booked": len(checks.double_booked()),
        "answers that differ from the rows": _untrue(told, held),
        "keys with two effects": _two_effects(told),
        "yes after the end": _late(),
        "yes and cancelled both stand": _both_stand(told),
        "deadlocks": _deadlocks(site),
        "5xx or no answer": sum(one.answer.status < 200 or one.answer.status >= 500 for one in told),
        "unexpected refusals": sum(count for name, count in words.items() if name not in PERMITTED),
        "invariants broken": len(broken),
    }
    more = {
        "rounds": rounds, "calls": len(told), "accepted": sum(one.answer.status == 201 for one in told),
        "web processes": len(site.addresses), "p50 seconds": shown(quantiles(seconds, n=100)[49]),
        "p99 seconds": shown(quantiles(seconds, n=100)[98]), "answers": dict(words.most_common()), "broken": broken,
        "answered with 500": site.unforeseen(),
    }  # fmt: skip
    return Bar(f"accept storm, {site.database}", [Part(what, count, "==", 0) for what, count in parts.items()], more)


def _held() -> dict[tuple[str, str], str]:
    """(order, volunteer) → the assignment that was made."""
    rows = db.session.execute(text("SELECT order_id, volunteer_id, id FROM assignment"))
    return {(order, volunteer): name for order, volunteer, name in rows}


def _filled() -> dict[str, tuple[int, int]]:
    """Order → (people coming, places)."""
    rows = db.session.execute(
        text("""SELECT orders.id, count(assignment.id), orders.positions_wanted FROM orders
        LEFT JOIN assignment ON assignment.order_id = orders.id
        AND assignment.status IN ('accepted', 'on_the_way', 'checked_in', 'checked_out', 'confirmed')
        GROUP BY orders.id, orders.positions_wanted""")
    )
    return {order: (count, wanted) for order, count, wanted in rows}


def _unfilled(told: list[Told]) -> int:
    """Orders that more people wanted than it has places, and that nobody called off."""
    filled = _filled()
    wanted = {one.asked.order_id for one in told if one.asked.what in {"hot", "overlap"}}
    return sum(filled[order][0] != filled[order][1] for order in wanted)


def _untrue(told: list[Told], held: dict[tuple[str, str], str]) -> int:
    """A yes that was confirmed but is not there (or another one is), and one that is there but was never confirmed."""
    said = {
        (one.asked.order_id, one.asked.volunteer_id): one.answer.body
        for one in told
        if one.answer.status == 201 and one.asked.volunteer_id
    }
    return sum(held.get(pair) != name for pair, name in said.items()) + len(set(held) - set(said))


def _two_effects(told: list[Told]) -> int:
    """Keys whose answers differ, and orders placed twice."""
    answers: dict[str, set[str]] = {}
    for one in told:
        if one.asked.what in {"same key", "same order"}:
            answers.setdefault(one.asked.call["key"], set()).add(f"{one.answer.words} {one.answer.body}")
    twice = db.session.execute(
        text("SELECT window_from FROM orders WHERE number NOT LIKE 'T%' GROUP BY window_from HAVING count(*) > 1")
    ).all()
    return sum(len(different) > 1 for different in answers.values()) + len(twice)


def _late() -> int:
    sql = "SELECT count(*) FROM offer WHERE status = 'accepted' AND answered_at > expires_at"
    return int(db.session.scalar(text(sql)) or 0)


def _both_stand(told: list[Told]) -> int:
    """Orders whose cancellation was confirmed though somebody is still coming, or that are not cancelled."""
    called_off = {one.asked.order_id for one in told if one.asked.what == "cancel" and one.answer.is_ok}
    sql = """SELECT orders.id FROM orders WHERE orders.status <> 'cancelled' OR EXISTS (
        SELECT 1 FROM assignment WHERE assignment.order_id = orders.id
        AND assignment.status IN ('accepted', 'on_the_way', 'checked_in'))"""
    return len(called_off & {row[0] for row in db.session.execute(text(sql))})


def _deadlocks(site: Site) -> int:
    """What PostgreSQL counted itself, and what stands in any log."""
    counted = 0
    if site.database != places.SQLITE:
        counted = int(
            db.session.scalar(text("SELECT sum(deadlocks) FROM pg_stat_database WHERE datname = current_database()"))
            or 0
        )
    written = sum(child.said().count("deadlock detected") for child in site.children.values())
    return max(counted, written)
