"""Rows are locked in one order everywhere: read from the statements that PostgreSQL is really sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app.dispatching import planning, publishing, runs, timers
from app.dispatching import service as dispatching
from app.kernel import clock, locks
from app.kernel.errors import DomainError
from app.kernel.locks import RANKS
from app.kernel.transaction import command
from app.ordering import service as ordering
from app.rating import service as rating
from app.serving import service as serving
from models import Assignment, DispatchRun, HoursEntry, Offer, db
from tests.factories import World
from tests.ordering.wishes import errand
from tests.serving.steps import offered, taken

_READ = re.compile(r"FROM (\w+).*FOR UPDATE", re.DOTALL)
_WRITTEN = re.compile(r"(UPDATE|DELETE FROM|INSERT INTO) (\w+)")
AUDIT = "audit head"


class Watch:
    """The locks each transaction took, in the order of their taking; a row locked again is no new lock."""

    def __init__(self) -> None:
        self.under_way: dict[int, list[tuple[str, str]]] = {}
        self.made: dict[int, set[tuple[str, str]]] = {}
        self.wrong: list[str] = []
        self.transactions = 0
        self.seen: set[str] = set()

    def begin(self, connection: Any) -> None:
        self.under_way[id(connection)], self.made[id(connection)] = [], set()
        self.transactions += 1

    def sent(self, connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        for one in parameters if many else [parameters]:
            self._sent(id(connection), statement, one if isinstance(one, dict) else {})

    def _sent(self, key: int, statement: str, values: dict[str, Any]) -> None:
        if "pg_advisory_xact_lock" in statement:
            self._locked(key, AUDIT, str(values.get("name", "")))
        elif found := _READ.search(statement):
            table = found[1]
            self._locked(key, table, str(values.get("pk_1") or sorted(map(str, values.values()))))
        elif (found := _WRITTEN.search(statement)) and found[2] in RANKS:
            table, made = found[2], found[1] == "INSERT INTO"
            row = str(values.get("id" if made else f"{table}_id") or values.get("id_1") or sorted(map(str, values)))
            if made:
                self.made.setdefault(key, set()).add((table, row))
            else:
                self._locked(key, table, row)

    def _locked(self, key: int, table: str, row: str) -> None:
        taken = self.under_way.setdefault(key, [])
        if table not in RANKS or (table, row) in taken or (table, row) in self.made.get(key, set()):
            return
        self.seen.add(table)
        for before, held in taken:
            late = RANKS[before] > RANKS[table] or (RANKS[before] == RANKS[table] and before == table and held > row)
            if late and table in {"orders", "volunteer", AUDIT, before}:
                self.wrong.append(f"{before} {held} before {table} {row}")
        taken.append((table, row))


@pytest.fixture
def watch(world: World) -> Iterator[Watch]:
    watch = Watch()
    event.listen(db.engine, "begin", watch.begin)
    event.listen(db.engine, "before_cursor_execute", watch.sent)
    yield watch
    event.remove(db.engine, "begin", watch.begin)
    event.remove(db.engine, "before_cursor_execute", watch.sent)


def _whole_life(world: World) -> None:
    """An order with two places: asked for, dispatched, taken, given back, served, rated, corrected, opened again."""
    resident, desk, other = world.resident(), world.coordinator(), world.coordinator(name="另一位")
    people = [world.volunteer(name) for name in "甲乙丙"]
    order = world.open_order(resident, positions=2, starts=clock.now() + timedelta(hours=3))
    runs.run_all("test")
    for offer in db.session.query(Offer).filter_by(order_id=order.id).limit(2):  # as many as there are places
        who = next(one for one in people if one.volunteer_id == offer.volunteer_id)
        first = serving.accept(offer.id, actor=who, key=f"yes-{offer.id}")
    serving.hand_back(first.id, "有事", actor=who)
    spare = next(one for one in people if one.volunteer_id != who.volunteer_id)
    with suppress(DomainError):
        serving.claim(order.id, actor=spare)
    for assignment in serving_of(order.id):
        who = next(one for one in people if one.volunteer_id == assignment.volunteer_id)
        serving.depart(assignment.id, actor=who)
        clock.advance(max(assignment.starts_at - clock.now(), timedelta()))
        serving.check_in(assignment.id, actor=who, code=order.start_code, key=f"in-{assignment.id}")
        serving.check_out(assignment.id, actor=who, key=f"out-{assignment.id}")
    visits = serving_of(order.id)
    rating.rate(order.id, actor=resident, stars=1, words="不太好", key="rated")
    rating.enter_hours(visits[0].id, 30, "补录", actor=desk)
    pending = db.session.query(HoursEntry).filter_by(status="pending").first()
    rating.approve_hours(pending.id, actor=other)
    rating.reopen(order.id, "没做完", actor=resident)


def serving_of(order_id: str) -> list[Assignment]:
    held = ("accepted", "on_the_way", "checked_in", "checked_out", "confirmed")
    rows = db.session.query(Assignment).filter(Assignment.order_id == order_id, Assignment.status.in_(held))
    return rows.order_by(Assignment.starts_at).all()


def _other_ends(world: World) -> None:
    """Orders that end otherwise, the timers, and a day plan that goes out."""
    resident, desk, person = world.resident(), world.coordinator(), world.volunteer("丁")
    placed = ordering.place(actor=resident, key="asked", **errand(world))
    ordering.cancel(placed.id, "不用了", actor=resident)
    gone = world.open_order(resident, starts=clock.now() + timedelta(days=1, hours=2))
    taken(gone, person)
    ordering.cancel(gone.id, "不用了", actor=resident)
    late = world.open_order(resident, starts=clock.now() + timedelta(days=1, hours=6))
    offer = offered(late, person)
    serving.decline(offer.id, actor=person)
    lapsed = offered(world.open_order(resident, starts=clock.now() + timedelta(days=2)), person)
    clock.advance(lapsed.expires_at - clock.now() + timedelta(seconds=1))
    timers.tick()
    world.open_order(resident, starts=clock.now() + timedelta(days=1))
    plan = planning.plan_day(world.ids["station"], clock.today() + timedelta(days=1), actor=desk)
    if db.session.get_one(DispatchRun, plan.id).stage == "preview":
        publishing.publish(plan.id, actor=desk)
    waiting = world.open_order(resident, approve=False)
    ordering.transfer(waiting.id, world.ids["neighbour"], "归那边管", actor=desk)
    dispatching.offer_by_hand(late.id, world.volunteer("戊").volunteer_id, actor=desk, despite=True)


pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database_url", ["postgres"], indirect=True)]


def test_every_command_locks_rows_in_the_one_order(world: World, watch: Watch) -> None:
    _whole_life(world)
    _other_ends(world)
    assert watch.wrong == []
    assert watch.transactions > 50
    assert watch.seen == set(RANKS), "the watch saw what there was to see"


def test_the_watch_sees_a_wrong_order(world: World, watch: Watch) -> None:
    order, people = world.open_order(), sorted(str(world.volunteer().volunteer_id) for _ in range(2))

    @command
    def backwards() -> None:
        for one in reversed(people):
            locks.locked_volunteers(one)
        locks.locked_order(order.id)

    backwards()
    assert len(watch.wrong) == 3, "the second volunteer after the first, and the order after both"
