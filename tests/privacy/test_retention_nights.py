"""The nightly run: counts, dry runs, failures, the command."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.kernel import pictures
from app.kernel.clock import now
from app.kernel.settings import DEFAULTS
from app.kernel.transaction import command
from app.offices.policy import BY_NAME
from app.privacy import erasure, nightly, retention
from app.privacy.commands import privacy_commands
from models import Alarm, Event, Office, OfficeSetting, Order, db
from models.kinds import EventKind
from tests.factories import advance
from tests.privacy.keeping import WORDS, closed_order, fresh, set_days


def test_a_dry_run_counts_and_changes_nothing(world):
    order_id = closed_order(world)
    resident = world.resident("另一位")
    erasure.ask(actor=resident)
    advance(days=91)
    counts = retention.run(dry_run=True)
    assert (counts["orders"], counts["erasures"]) == (1, 1)
    assert fresh(Order, order_id).words == WORDS
    assert db.session.scalar(select(func.count()).where(Event.kind == EventKind.RETENTION_RUN)) == 0
    db.session.rollback()
    assert retention.run() == counts


def test_the_counts_are_journalled(world):
    closed_order(world)
    advance(days=91)
    counts = retention.run()
    row = db.session.scalars(select(Event).where(Event.kind == EventKind.RETENTION_RUN)).one()
    assert row.particulars == counts
    assert row.subject_id == world.ids["city"]


def test_photos_of_no_order_are_swept(town):
    folder = pictures.folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name, age in (("old.jpg", 2), ("new.jpg", 0)):
        (folder / name).write_bytes(b"picture")
        moment = (now() - timedelta(days=age)).timestamp()
        os.utime(folder / name, (moment, moment))
    assert retention.run()["photos"] == 1
    assert [file.name for file in folder.glob("*.jpg")] == ["new.jpg"]


@pytest.mark.parametrize("kind", [kind for kind in retention.KINDS if kind.setting])
def test_every_period_has_a_floor_a_ceiling_and_a_default_between(kind):
    policy = BY_NAME[kind.setting]
    assert 0 < policy.least <= DEFAULTS[kind.setting] <= policy.most


def test_who_looked_is_kept_at_least_three_years():
    assert BY_NAME["keep_look_days"].least >= 3 * 365


def test_once_a_night(world):
    assert nightly.watch()
    assert not nightly.watch()
    advance(hours=10)
    assert not nightly.is_due(), "it is Monday evening"
    advance(hours=6)
    assert nightly.watch()
    assert db.session.scalar(select(func.count()).where(Event.kind == EventKind.RETENTION_RUN)) == 2


def test_a_night_that_fails_is_an_alarm_and_the_next_puts_it_away(town):
    order_id = closed_order(town)
    set_days(town.ids["city"], "keep_order_days", "neunzig")
    advance(days=91)
    assert nightly.watch()
    assert db.session.scalars(select(Alarm.code).where(Alarm.settled_at.is_(None))).all() == ["retention"]
    assert fresh(Order, order_id).words == WORDS

    @command
    def mend():
        db.session.scalars(select(OfficeSetting)).one().value = 90

    mend()
    assert nightly.watch()
    assert db.session.scalars(select(Alarm.code).where(Alarm.settled_at.is_(None))).all() == []
    assert fresh(Order, order_id).words == ""


def test_the_command_counts(site, town):
    closed_order(town)
    advance(days=91)
    said = site.test_cli_runner().invoke(privacy_commands, ["retention", "--dry-run"])
    assert (said.exit_code, "orders      1" in said.output) == (0, True)
    assert db.session.scalar(select(func.count(Office.id)))
