"""The doctor, the alarms, the page about them, and whether the server says that it is ready."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from app import health
from app.integrity import doctor
from app.integrity.alarms import open_alarms, raise_alarm, settle
from app.integrity.commands import doctor_command
from app.kernel import clock, troubles
from app.kernel.transaction import command
from models import Alarm, Checkup, Notification, Order, db
from models.kinds import NoticeKind
from tests.factories import World
from tests.serving.steps import post


@pytest.fixture(autouse=True)
def nothing_lasts() -> Iterator[None]:
    yield
    for what in list(troubles.lasting()):
        troubles.over(what)


@command
def _overdue(order: Order) -> None:
    db.session.get_one(Order, order.id).next_action_at = clock.now() - timedelta(minutes=5)


def _notices() -> int:
    found = select(func.count()).where(Notification.kind == NoticeKind.ALARM)
    return db.session.scalar(found) or 0


# ---------- alarms ----------


def test_an_alarm_is_told_once_to_every_administrator_of_the_root_and_to_nobody_else(world: World) -> None:
    administrators = {world.administrator(name).account_id for name in ("一", "二")}
    world.account("下级管理员", "administrator", world.ids["street"])
    world.coordinator()
    raise_alarm("doctor", broken=["x"])
    raise_alarm("doctor", broken=["x", "y"])
    told = list(db.session.scalars(select(Notification.account_id).where(Notification.kind == NoticeKind.ALARM)))
    assert sorted(told) == sorted(map(str, administrators))
    (alarm,) = open_alarms()
    assert (alarm.times, alarm.particulars) == (2, {"broken": ["x", "y"]})


def test_an_alarm_that_was_put_right_may_be_raised_again(world: World) -> None:
    world.administrator()
    raise_alarm("doctor")
    assert settle("doctor")
    assert not settle("doctor")
    raise_alarm("doctor")
    assert (len(open_alarms()), _notices()) == (1, 2)


def test_an_alarm_is_part_of_the_command_that_raised_it(world: World) -> None:
    @command
    def fail() -> None:
        raise_alarm("doctor")
        raise ValueError("after it")

    with pytest.raises(ValueError, match="after it"):
        fail()
    assert db.session.scalar(select(func.count()).select_from(Alarm)) == 0


# ---------- the doctor ----------


def test_the_doctor_finds_nothing_in_a_sound_system(world: World) -> None:
    world.open_order()
    report = doctor.examine()
    assert report.ok, report.to_dict()
    assert {"database", "schema", "durability", "clock", "data keys", "ticking", "outbox", "disk"} <= {
        check.name for check in report.checks
    }


def test_the_night_round_raises_an_alarm_and_a_later_one_puts_it_away(world: World) -> None:
    world.administrator()
    order = world.open_order()
    _overdue(order)
    assert doctor.round_of_the_night().broken == {"order_overdue": [order.number]}
    assert [alarm.particulars["broken"] for alarm in open_alarms()] == [["order_overdue"]]

    @command
    def mend() -> None:
        db.session.get_one(Order, order.id).next_action_at = clock.now()

    mend()
    assert doctor.round_of_the_night().ok
    assert open_alarms() == []
    assert [row.ok for row in db.session.scalars(select(Checkup).order_by(Checkup.id))] == [False, True]


def test_it_looks_once_a_night_and_after_a_night_it_slept_through(town: World) -> None:
    count = select(func.count()).select_from(Checkup)
    doctor.watch()
    doctor.watch()
    assert db.session.scalar(count) == 1, "the first minute of a new system is as good as any"
    clock.advance(timedelta(hours=15))
    doctor.watch()
    assert db.session.scalar(count) == 1, "03:00"
    clock.advance(timedelta(hours=1))
    doctor.watch()
    doctor.watch()
    assert db.session.scalar(count) == 2
    clock.advance(timedelta(days=3))
    doctor.watch()
    assert db.session.scalar(count) == 3


def test_what_fails_twice_in_a_row_is_an_alarm_and_what_holds_again_is_none(town: World) -> None:
    order = town.open_order()
    doctor.watch()
    _overdue(order)
    doctor.watch()
    assert open_alarms() == [], "a moment's delay wakes nobody"
    doctor.watch()
    assert [alarm.code for alarm in open_alarms()] == ["ticking"]

    @command
    def mend() -> None:
        db.session.get_one(Order, order.id).next_action_at = clock.now() + timedelta(hours=1)

    mend()
    doctor.watch()
    assert open_alarms() == []


def test_a_journal_ahead_of_the_clock_is_told(town: World) -> None:
    town.open_order()
    with clock.fixed(clock.now() - timedelta(hours=1)):
        check = next(check for check in health.checks() if check.name == "clock")
    assert not check.ok
    assert "3600 s ahead" in check.detail


def test_the_command_says_it_in_plain_words_and_by_its_exit_code(town: World, site: Flask) -> None:
    runner, order = site.test_cli_runner(), town.open_order()
    well = runner.invoke(doctor_command)
    assert (well.exit_code, "invariants hold" in well.output) == (0, True)
    _overdue(order)
    ill = runner.invoke(doctor_command)
    assert ill.exit_code == 1
    assert "Nothing that is due about an order waits for more than a minute." in ill.output
    assert order.number in ill.output
    told = json.loads(runner.invoke(doctor_command, ["--json"]).output)
    assert (told["ok"], told["broken"]) == (False, {"order_overdue": [order.number]})
    assert runner.invoke(doctor_command, ["--resting"]).exit_code == 0
    assert "13  (tests/integrity/bars/canary.py)" in runner.invoke(doctor_command, ["--list"]).output


# ---------- the page ----------


def test_the_administrator_sees_alarms_and_the_last_checkup_and_asks_for_a_new_one(town: World, site: Flask) -> None:
    browser, order = town.browser(site, town.administrator()), town.open_order()
    assert "没有告警" in browser.get("/system").text
    _overdue(order)
    assert post(browser, "/system/checkups", "/system").status_code == 303
    page = browser.get("/system").text
    assert "夜间体检发现了问题" in page
    assert "到点的单子都有人办" in page
    assert order.number in page


def test_nobody_else_sees_it(town: World, site: Flask) -> None:
    below = town.account("下级管理员", "administrator", town.ids["street"])
    from app.people.identity import actor_of

    assert town.browser(site, actor_of(below)).get("/system").status_code == 404
    for person in (town.coordinator(), town.resident(), town.volunteer()):
        assert town.browser(site, person).get("/system").status_code == 403
    assert site.test_client().get("/system").status_code == 303
    assert "/system" not in town.browser(site, actor_of(below)).get("/me").text


# ---------- readiness ----------


def _ready(site: Flask, **more: object) -> tuple[int, dict[str, dict[str, object]]]:
    site.extensions["linli_health"] = {}
    answer = site.test_client().get("/readyz", **more)
    return answer.status_code, {check["name"]: check for check in answer.json["checks"]}


def test_unsafe_settings_are_refused(town: World, site: Flask) -> None:
    assert _ready(site)[0] == 200
    db.session.remove()
    db.engine.dispose()

    @event.listens_for(db.engine, "connect")
    def carelessly(connection: object, _record: object) -> None:
        connection.execute("PRAGMA synchronous = NORMAL")  # type: ignore[attr-defined]

    status, checks = _ready(site)
    assert (status, checks["durability"]["ok"]) == (503, False)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("setting", ["synchronous_commit = off", "statement_timeout = 0"])
def test_unsafe_settings_of_postgresql_are_refused(world: World, app: Flask, setting: str) -> None:
    assert _ready(app)[1]["durability"]["ok"]
    db.session.remove()
    db.engine.dispose()

    @event.listens_for(db.engine, "connect")
    def carelessly(connection: object, _record: object) -> None:
        connection.execute(f"SET {setting}")  # type: ignore[attr-defined]
        connection.commit()  # type: ignore[attr-defined]

    status, checks = _ready(app)
    assert (status, checks["durability"]["ok"]) == (503, False)


def test_a_server_that_was_told_to_stop_is_ready_for_nobody(town: World, site: Flask) -> None:
    assert _ready(site)[0] == 200
    health.drain()
    assert site.test_client().get("/readyz").status_code == 503
    assert site.test_client().get("/healthz").status_code == 200


def test_what_only_degrades_is_told_and_refuses_nobody(town: World, site: Flask) -> None:
    _overdue(town.open_order())
    status, checks = _ready(site)
    assert (status, checks["ticking"]["ok"]) == (200, False)


def test_details_are_for_this_machine_and_for_administrators(town: World, site: Flask) -> None:
    assert "detail" in _ready(site)[1]["database"]
    assert "detail" not in _ready(site, environ_base={"REMOTE_ADDR": "203.0.113.5"})[1]["database"]
    browser = town.browser(site, town.administrator())
    answer = browser.get("/readyz", environ_base={"REMOTE_ADDR": "203.0.113.5"})
    assert "detail" in answer.json["checks"][0]


def test_keys_that_are_missing_are_told(town: World, site: Flask, tmp_path: Path) -> None:
    town.resident()

    @command
    def from_elsewhere() -> None:
        from models import SubjectKey

        db.session.add(SubjectKey(subject_id="someone", version="v9", wrapped=b"x"))

    from_elsewhere()
    status, checks = _ready(site)
    assert (status, checks["data keys"]["detail"]) == (503, "missing: v9")
