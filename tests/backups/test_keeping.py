"""When a backup is due, which ones are kept, and what the clock does about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.audit import service as audit
from app.backups import service, upkeep
from app.backups.keeping import superfluous
from app.integrity import doctor
from app.integrity.alarms import open_alarms
from app.kernel.clock import now
from models import db
from tests.audit.tampering import lift_guards
from tests.factories import advance


def _kept(ages):
    moments = {age: now() - age for age in ages}
    gone = superfluous(moments)
    return sorted(set(ages) - set(gone))


def test_of_a_year_of_daily_backups_seven_days_four_weeks_and_six_months_stay():
    kept = _kept([timedelta(days=day) for day in range(365)])
    assert kept[:7] == [timedelta(days=day) for day in range(7)]
    assert 7 + 2 + 4 <= len(kept) <= 7 + 3 + 5
    assert timedelta(days=140) < kept[-1] < timedelta(days=185)


def test_all_of_the_last_day_stay_and_one_of_each_day_before():
    kept = _kept([timedelta(minutes=15 * step) for step in range(4 * 24 * 3)])
    assert [age for age in kept if age <= timedelta(days=1)] == [timedelta(minutes=15 * step) for step in range(97)]
    assert len([age for age in kept if age > timedelta(days=1)]) <= 3


def test_a_single_old_backup_is_never_removed():
    assert _kept([timedelta(days=4000)]) == [timedelta(days=4000)]
    assert superfluous({}) == []


@pytest.fixture
def every_hour(site, town):
    from dataclasses import replace

    site.config["LINLI"] = replace(site.config["LINLI"], backup_minutes=60)
    upkeep._failed_at.clear()
    yield
    upkeep._failed_at.clear()


def test_the_clock_anchors_and_backs_up_what_is_due_and_nothing_twice(every_hour):
    upkeep.keep_up()
    upkeep.keep_up()
    assert len(service.all_backups()) == 1 and len(audit.read_book().lines) == 1
    advance(hours=1)
    upkeep.keep_up()
    assert len(service.all_backups()) == 2 and len(audit.read_book().lines) == 1
    advance(hours=23)
    upkeep.keep_up()
    assert len(audit.read_book().lines) == 2


def test_a_broken_chain_is_an_alarm_until_it_holds_again(every_hour, town):
    town.administrator()
    order_id = town.open_order().id
    with db.engine.begin() as connection:
        lift_guards(connection)
        connection.exec_driver_sql(f"UPDATE event SET kind = 'x' WHERE order_id = '{order_id}' AND version = 1")  # noqa: S608 - an id of ours
    upkeep.keep_up()
    assert [alarm.code for alarm in open_alarms()] == ["audit"]
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE event SET kind = 'order.place' WHERE kind = 'x'")
    upkeep.keep_up()
    assert open_alarms(), "not tried again within the hour"
    upkeep._failed_at.clear()
    upkeep.keep_up()
    assert open_alarms() == []


def test_a_backup_that_cannot_be_written_is_an_alarm(every_hour, tmp_path, site):
    from dataclasses import replace

    blocked = tmp_path / "a-file-where-the-folder-should-be"
    blocked.write_text("")
    settings = site.config["LINLI"]
    site.config["LINLI"] = replace(settings, backup_folder=blocked)
    upkeep.keep_up()
    assert [alarm.code for alarm in open_alarms()] == ["backup"]
    site.config["LINLI"] = settings
    upkeep._failed_at.clear()
    upkeep.keep_up()
    assert open_alarms() == []


def test_where_backups_are_off_none_is_made(town):
    upkeep.keep_up()
    assert service.all_backups() == []


def _check(name):
    return next(check for check in doctor.examine(ticking=False).checks if check.name == name)


def test_the_doctor_looks_at_the_chain_and_at_the_age_of_the_backup(every_hour, town):
    town.open_order()
    db.session.rollback()
    assert not _check("backup").ok
    upkeep.keep_up()
    assert _check("backup").ok and _check("audit").ok
    advance(hours=4)
    assert not _check("backup").ok
    with db.engine.begin() as connection:
        lift_guards(connection)
        connection.exec_driver_sql("UPDATE audit_link SET hash = 'x' WHERE seq = 1")
    assert not _check("audit").ok


def test_pruning_removes_what_is_no_longer_kept(every_hour):
    for _ in range(3):
        service.backup()
        advance(hours=2)
    advance(days=2)
    service.backup()
    assert len(service.all_backups()) == 4
    assert len(service.prune()) == 2
    assert len(service.all_backups()) == 2
