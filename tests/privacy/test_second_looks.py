"""Looks drawn by lot are gone over by somebody else; the row says in which role somebody looked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import delete, func, select, text

from app.config import ROOT
from app.kernel import errors
from app.kernel.clock import now
from app.kernel.transaction import command
from app.people.identity import actor_of
from app.privacy import looks, sampling, service
from models import Account, Event, Reveal, RoleGrant, db
from models.kinds import EventKind, LookReason, Role
from tests.factories import advance
from tests.ordering.wishes import post

FOLDER = str(ROOT / "migrations")


def look(order, desk):
    return service.reveal(order.id, fields=("contact_phone",), reason=LookReason.CALL, actor=desk).id


@command
def _becomes(actor, role, office):
    db.session.execute(delete(RoleGrant).where(RoleGrant.account_id == actor.account_id))
    db.session.add(RoleGrant(account_id=actor.account_id, role=role, office_id=office, created_at=now()))


def test_the_list_tells_the_role_in_which_somebody_looked_whatever_they_are_now(world):
    resident, desk = world.resident(), world.coordinator()
    look(world.open_order(resident), desk)
    _becomes(desk, Role.ADMINISTRATOR, world.ids["city"])
    assert [str(one.role) for one in looks.about(resident)] == ["调度员"]
    _becomes(desk, Role.RESIDENT, world.ids["station"])
    assert [str(one.role) for one in looks.about(resident)] == ["调度员"]


def test_the_role_is_the_one_held_over_that_office(world):
    desk = world.coordinator()
    _also(desk, Role.SUPERVISOR, world.ids["city"])
    row = look(world.open_order(), actor_of(desk.account_id))
    assert db.session.get_one(Reveal, row).role == Role.COORDINATOR


@command
def _also(actor, role, office):
    db.session.add(RoleGrant(account_id=actor.account_id, role=role, office_id=office, created_at=now()))


def test_rows_survive_the_migration_both_ways(world):
    row, resident = look(world.open_order(), world.coordinator()), world.resident()
    db.session.remove()
    db.engine.dispose()
    downgrade(directory=FOLDER, revision="0009")
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM reveal")) == 1
    upgrade(directory=FOLDER)
    kept = db.session.get_one(Reveal, row)
    assert (kept.role, kept.checked_at, kept.checked_by_id) == (Role.COORDINATOR, None, None)
    assert db.session.get_one(Account, resident.account_id).signed_in_at is not None


# ---------- drawn by lot ----------


def week_of_looks(world, number=1, office=None):
    """So many looks of one coordinator, a week ago; gives their ids."""
    desk, order = world.coordinator(office), world.open_order(office=office or world.ids["station"])
    rows = [look(order, desk) for _number in range(number)]
    advance(days=7)
    return desk, rows


def test_a_few_of_every_hundred_are_drawn_and_of_each_office_at_least_one(world):
    _set_most(world)
    _desk, rows = week_of_looks(world, 55)
    above = world.supervisor(world.ids["city"])
    first = [row.id for row in sampling.drawn(above)]
    assert len(first) == 2 and set(first) <= set(rows)
    db.session.rollback()
    assert [row.id for row in sampling.drawn(above)] == first, "the lot falls once"
    db.session.rollback()
    advance(days=7)
    assert sampling.drawn(above) == []


@command
def _set_most(world):
    from models import OfficeSetting

    db.session.add(OfficeSetting(office_id=world.ids["city"], name="reveals_per_hour", value=60))


def test_only_the_last_whole_week_is_drawn_from(world):
    desk = world.coordinator()
    row = look(world.open_order(), desk)
    above = world.supervisor()
    assert sampling.drawn(above) == [], "this week is not over yet"
    db.session.rollback()
    advance(days=6)
    assert sampling.drawn(above) == []
    db.session.rollback()
    advance(days=1)
    assert [one.id for one in sampling.drawn(above)] == [row]


def test_somebody_else_above_says_that_they_have_gone_over_it(world):
    _desk, (row,) = week_of_looks(world)
    above = world.supervisor()
    sampling.check(row, actor=above)
    sampling.check(row, actor=world.administrator())
    assert (kept := db.session.get_one(Reveal, row)).checked_by_id == above.account_id and kept.checked_at == now()
    assert db.session.scalar(select(func.count()).where(Event.kind == EventKind.REVEAL_CHECK)) == 1


def test_nobody_goes_over_their_own_look_nor_one_of_another_office(world):
    desk, (row,) = week_of_looks(world)
    with pytest.raises(errors.NotAllowed):
        sampling.check(row, actor=world.coordinator())
    with pytest.raises(errors.NotFound):
        sampling.check(row, actor=world.supervisor(world.ids["east"]))
    _also(desk, Role.SUPERVISOR, world.ids["west"])
    with pytest.raises(errors.OwnEntry):
        sampling.check(row, actor=actor_of(desk.account_id))
    assert sampling.drawn(world.supervisor(world.ids["east"])) == []


def test_a_look_that_still_waits_for_a_yes_cannot_be_gone_over(world):
    order = world.open_order(world.resident("小明", birth_year=2018), starts=now() + timedelta(days=1))
    row = look(order, world.coordinator())
    assert db.session.get_one(Reveal, row).shown_at is None
    db.session.rollback()
    with pytest.raises(errors.WrongState):
        sampling.check(row, actor=world.supervisor())


def test_administrators_find_the_board_and_mark_what_was_drawn(town, site):
    _desk, (row,) = week_of_looks(town)
    boss = town.browser(site, town.administrator())
    city = town.ids["city"]
    assert 'href="/desk/reads"' in boss.get(f"/offices/{city}/settings").text
    page = boss.get("/desk/reads").text
    assert f'id="drawn-{row}"' in page and "上周抽查" in page and 'href="/offices"' in page
    assert post(boss, "/desk/reads", f"/desk/reveals/{row}/check").status_code == 303
    assert "已复看" in boss.get("/desk/reads").text
    assert "上周抽查" not in town.browser(site, town.coordinator()).get("/desk/reads").text
