"""Accounts that nobody uses: announced, taken back by signing in, erased."""

from datetime import timedelta

from sqlalchemy import select

from app.audit.service import check
from app.kernel.clock import now
from app.people import sessions
from app.privacy import erasure, persons, retention
from models import Erasure, Notification, db
from tests.factories import advance
from tests.privacy.keeping import closed_order


def requests():
    db.session.rollback()
    found = db.session.execute(select(Erasure.subject_id, Erasure.due_at).where(Erasure.withdrawn_at.is_(None)))
    return dict(tuple(row) for row in found)


def test_an_account_nobody_uses_is_announced_a_month_before_and_then_erased(world):
    resident, boss = world.resident("张爷爷"), world.administrator()
    advance(days=699)
    assert retention.run()["accounts"] == 0
    advance(days=2)
    assert retention.run(dry_run=True)["accounts"] == retention.run()["accounts"] == 1
    assert requests() == {resident.account_id: now() + timedelta(days=30)}, "nobody is erased out of a post"
    told = db.session.scalars(select(Notification).where(Notification.account_id == resident.account_id)).one()
    assert told.particulars == {"code": "idle"}
    db.session.rollback()
    assert retention.run()["accounts"] == 0, "told once"
    advance(days=29)
    assert retention.run()["erasures"] == 0
    advance(days=1)
    assert retention.run()["erasures"] == 1
    assert persons.person(resident.account_id).is_erased and not persons.person(boss.account_id).is_erased
    db.session.rollback()
    assert retention.run()["accounts"] == 0
    assert check().ok


def test_signing_in_keeps_the_account(world):
    resident = world.resident()
    advance(days=701)
    retention.run()
    assert list(requests()) == [resident.account_id]
    advance(days=29)
    sessions.issue(resident.account_id)
    advance(days=2)
    assert retention.run()["erasures"] == 0
    assert requests() == {} and not persons.person(resident.account_id).is_erased
    db.session.rollback()
    advance(days=600)
    assert retention.run()["accounts"] == 0, "two years are counted from there"


def test_a_request_of_ones_own_is_not_taken_back_by_signing_in(world):
    resident = world.resident()
    erasure.ask(actor=resident)
    sessions.issue(resident.account_id)
    advance(days=8)
    assert retention.run()["erasures"] == 1


def test_whoever_is_served_or_serves_without_signing_in_is_not_idle(world):
    closed_order(world)
    advance(days=690)
    other = world.resident("近来来电的")
    world.open_order(other)
    advance(days=5)
    assert retention.run()["accounts"] == 0


def test_a_legal_hold_stops_that_too(world):
    resident = world.resident()
    erasure.hold(resident.account_id, "民诉案", actor=world.administrator())
    advance(days=800)
    assert retention.run()["accounts"] == 0 and requests() == {}
    erasure.lift(resident.account_id, actor=world.administrator())
    assert retention.run()["accounts"] == 1
    erasure.hold(resident.account_id, "民诉案", actor=world.administrator())
    advance(days=31)
    assert retention.run()["erasures"] == 0
