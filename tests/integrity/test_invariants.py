"""Every invariant holds of a small world that came about by itself, and finds the row that was broken on purpose."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.config import ROOT
from app.dispatching import snapshot
from app.integrity import words
from app.integrity.invariants import ELSEWHERE, INVARIANTS, broken
from app.integrity.rule import Invariant
from app.kernel import clock
from app.ordering import service as ordering
from app.rating import service as rating
from app.serving import service as serving
from models import Assignment, db
from tests import databases
from tests.conftest import NOON, build_app
from tests.factories import World
from tests.serving.steps import fresh, offered, served, taken


@pytest.fixture(scope="module")
def busy(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An order that was served and rated, one that is staffed, one that is offered, one open: made once."""
    url = databases.sqlite_url()
    shutil.copy(sqlite_template, url.removeprefix("sqlite:///"))
    app = build_app(url, tmp_path_factory.mktemp("busy"))
    with app.app_context(), clock.fixed(NOON):
        yield _lived_in(World().build())
        db.session.remove()
        db.engine.dispose()


def _lived_in(world):
    resident = world.resident()
    done = served(world.open_order(resident, starts=clock.now() + timedelta(hours=2)), world.volunteer("甲"))
    rating.rate(done.order_id, actor=resident, stars=3)
    taken(world.open_order(resident, starts=clock.now() + timedelta(days=1)), world.volunteer("乙"))
    offered(world.open_order(resident, starts=clock.now() + timedelta(days=2)), world.volunteer("丙"))
    world.open_order(resident, starts=clock.now() + timedelta(days=3))
    return world


def test_a_world_that_came_about_by_itself_breaks_nothing(world):
    _lived_in(world)
    assert broken() == {}


BREAKS = {
    "somebody_in_two_places": [
        "INSERT INTO assignment SELECT {assignment} FROM assignment WHERE status = 'accepted'"
    ],
    "more_people_than_places": ["UPDATE assignment SET order_id = (SELECT order_id FROM assignment WHERE status = "
                                "'accepted') WHERE status = 'confirmed'"],
    "two_people_in_one_place": ["UPDATE assignment SET position_id = (SELECT position_id FROM assignment WHERE status "
                                "= 'accepted') WHERE status = 'confirmed'"],
    "places_miscounted": ["UPDATE orders SET positions_wanted = 2 WHERE status = 'open'"],
    "somebody_twice_on_one_order": ["INSERT INTO assignment SELECT {assignment} FROM assignment WHERE status = "
                                    "'accepted'"],
    "yes_without_place": ["UPDATE offer SET status = 'declined' WHERE status = 'accepted'"],
    "people_coming_for_nothing": ["UPDATE orders SET status = 'cancelled' WHERE status = 'staffed'"],
    "staffed_without_people": ["UPDATE assignment SET status = 'cancelled' WHERE status = 'accepted'"],
    "visit_unlike_assignment": ["UPDATE visit SET checked_out_at = NULL"],
    "order_served_by_nobody": ["UPDATE orders SET status = 'serving' WHERE status = 'offering'"],
    "unverified_volunteer_sent": ["UPDATE volunteer SET is_verified = 0"],
    "unskilled_volunteer_sent": ["UPDATE volunteer_skill SET verified_at = NULL"],
    "papers_missing": ["UPDATE orders SET credentials = '[\"first_aid\"]' WHERE status = 'staffed'"],
    "too_young": ["UPDATE orders SET minimum_age = 60 WHERE status = 'staffed'"],
    "blocked_pair_met": [
        "INSERT INTO block (id, volunteer_id, resident_id, kind, created_at) SELECT assignment.id, volunteer_id,"
        " resident_id, 'by_resident', '2020-01-01 00:00:00.000000' FROM assignment JOIN orders ON orders.id = order_id"
    ],
    "journal_with_gaps": ["DELETE FROM event WHERE version = 2"],
    "step_not_in_the_table": ["UPDATE event SET before = 'closed' WHERE kind = 'order.staff'"],
    "step_from_elsewhere": ["UPDATE event SET before = 'unfilled' WHERE kind = 'order.offer'"],
    "order_unlike_its_journal": ["UPDATE orders SET status = 'unfilled' WHERE status = 'open'"],
    "offer_unlike_its_journal": ["UPDATE offer SET status = 'seen' WHERE status = 'sent'"],
    "assignment_unlike_its_journal": ["UPDATE assignment SET status = 'on_the_way' WHERE status = 'accepted'"],
    "time_running_backwards": ["UPDATE event SET at = '2020-01-01 00:00:00.000000' WHERE kind = 'order.offer'"],
    "offer_past_its_time": ["UPDATE offer SET expires_at = '2020-01-01 00:00:00.000000' WHERE status = 'sent'"],
    "answer_too_late": ["UPDATE offer SET answered_at = expires_at WHERE status = 'accepted'"],
    "offer_for_nobody": ["UPDATE orders SET status = 'open' WHERE status = 'offering'"],
    "order_without_timer": ["UPDATE orders SET next_action_at = NULL WHERE status = 'open'"],
    "order_overdue": ["UPDATE orders SET next_action_at = '2020-01-01 00:00:00.000000' WHERE status = 'open'"],
    "run_never_ended": [
        "INSERT INTO dispatch_run (id, office_id, status, mode, cause, fence, lease_until, started_at, seed, versions,"
        " solver, degraded, plan_digest, counts, error) SELECT 'r', id, 'running', 'instant', 'x', 1, '2020-01-01"
        " 00:00:00.000000', '2020-01-01 00:00:00.000000', 0, '{{}}', '', '', '', '{{}}', '' FROM office LIMIT 1"
    ],
    "hours_not_once": ["DELETE FROM hours_entry"],
    "hours_approved_by_oneself": ["UPDATE hours_entry SET approved_by_id = (SELECT account_id FROM volunteer WHERE id "
                                  "= volunteer_id)"],
    "hours_undecided": ["UPDATE hours_entry SET decided_at = NULL"],
    "rating_out_of_place": ["UPDATE rating SET created_at = '2020-01-01 00:00:00.000000'"],
    "key_without_answer": ["INSERT INTO idempotency_key VALUES ('a', 'k', 'f', '', '2020-01-01 00:00:00.000000')"],
    "notice_not_in_outbox": ["DELETE FROM outbox"],
    "letter_forgotten": [
        "INSERT INTO delivery (id, webhook_id, state, attempts, next_at, give_up_at, trouble, created_at) VALUES ('d',"
        " 'w', 'dead', 1, '2020-01-01 00:00:00.000000', '2020-01-01 00:00:00.000000', '', '2020-01-01"
        " 00:00:00.000000')"
    ],
    "event_not_in_chain": ["DELETE FROM audit_link WHERE seq = 2"],
}  # fmt: skip
"""What a hand in the database could do. Some of it breaks others too: an order and its journal, for one."""


@pytest.fixture
def bare(busy: World) -> Iterator[Connection]:
    """The same database without what keeps such rows out: indexes, triggers, checks and references; put back after."""
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.exec_driver_sql("BEGIN")
        guards = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
        for kind, name in connection.exec_driver_sql(guards).all():
            connection.exec_driver_sql(f"DROP {kind} {name}")
        yield connection
        connection.exec_driver_sql("ROLLBACK")
        for pragma in ("foreign_keys = ON", "ignore_check_constraints = OFF"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.exec_driver_sql("BEGIN")


@pytest.mark.parametrize("one", INVARIANTS, ids=lambda one: one.name)
def test_a_row_that_breaks_it_is_found(bare: Connection, one: Invariant) -> None:
    assert one.offenders(bare) == []
    columns = [column.name for column in Assignment.__table__.columns]
    copied = ", ".join("'copy'" if column == "id" else column for column in columns)
    for statement in BREAKS[one.name]:
        assert bare.exec_driver_sql(statement.format(assignment=copied)).rowcount
    assert one.offenders(bare)


def test_what_needs_somebody_who_ticks_is_left_out_of_a_database_at_rest(town):
    town.open_order()
    clock.advance(timedelta(days=30))
    assert "order_overdue" in broken()
    assert broken(ticking=False) == {}


def test_every_promise_of_the_list_is_judged_here_or_named_with_its_proof():
    assert {one.number for one in (*INVARIANTS, *ELSEWHERE)} == set(range(1, 18))


def test_every_invariant_has_its_words_for_administrators():
    assert set(words.RULES) == {one.name for one in INVARIANTS}


def test_what_is_proven_elsewhere_is_proven_by_files_that_are_there():
    missing = [path for one in ELSEWHERE for path in one.proven_by if not (Path(ROOT) / path).exists()]
    assert missing == []


def test_a_clock_that_was_put_back_lets_no_journal_run_backwards(world):
    order = world.open_order()
    with clock.fixed(clock.now() - timedelta(hours=1)):
        ordering.cancel(order.id, "不用了", actor=world.coordinator())
    assert fresh(order).status == "cancelled"
    assert broken() == {}


def test_declining_leaves_no_trace_in_what_the_engine_knows_of_a_volunteer(town: World) -> None:
    """Later orders cannot be given to others for it: nothing that ranks people has heard of a no."""
    person, first = town.volunteer(), town.open_order()
    later = town.open_order(starts=clock.now() + timedelta(days=2))
    before = snapshot.take(town.city).problem
    serving.decline(offered(first, person).id, actor=person)
    after = snapshot.take(town.city).problem
    assert after.volunteers == before.volunteers
    known = [next(order for order in problem.orders if order.id == later.id) for problem in (before, after)]
    assert known[0] == known[1]
