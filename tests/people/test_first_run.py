"""The first administrator: by a printed token, once, within thirty minutes; the tree grows from there."""

import pytest

from app.commands import setup
from app.kernel.errors import Conflict, NotAllowed, NotFound, WrongSecret
from app.offices import growing
from app.people import first_run, service
from models import Account, FirstRunToken, Office, db
from tests.factories import advance
from tests.people.steps import enter, send

GIVEN = {
    "office": "测试市中心", "office_phone": "0571-1", "lat": 30.27, "lon": 120.15, "name": "许佳",
    "phone": "13800000001", "password": "a sentence to remember",
}  # fmt: skip


def test_set_up_prints_a_token_and_the_page_makes_the_administrator(site):
    printed = site.test_cli_runner().invoke(setup, ["--city", "none"]).output
    token = next(line for line in printed.splitlines() if "/first-run" in line).split()[-1]
    browser = site.test_client()
    answer = send(browser, "/first-run", token=token, **GIVEN)
    assert answer.location == "/sign-in"
    assert enter(browser, "13800000001", GIVEN["password"]).status_code == 303
    assert browser.get("/").location == "/offices"
    assert browser.get("/first-run").status_code == 404


def test_there_is_no_account_before_that_and_none_without_the_token(site):
    assert db.session.query(Account).count() == 0
    first_run.new_token()
    answer = send(site.test_client(), "/first-run", token="made up", **GIVEN)
    assert answer.status_code == 422 and "开通码不对" in answer.text
    assert db.session.query(Account).count() == 0


def test_a_token_works_once_for_thirty_minutes_and_a_new_one_ends_the_old(world, app):
    assert first_run.new_token() is None, "a site with an office has begun"


def test_an_old_or_replaced_token_is_none(site):
    typed = GIVEN | {"phone": "+8613800000001"}
    first, second = first_run.new_token(), first_run.new_token()
    with pytest.raises(WrongSecret):
        first_run.begin(first, **typed)
    advance(minutes=30)
    with pytest.raises(WrongSecret):
        first_run.begin(second, **typed)
    first_run.begin(first_run.new_token(), **typed)
    with pytest.raises(NotFound):
        first_run.begin(second, **typed)
    assert first_run.new_token() is None


def test_the_token_stands_in_the_database_as_a_hash(site):
    token = first_run.new_token()
    [row] = db.session.query(FirstRunToken)
    assert row.token_hash != token and len(row.token_hash) == 64


def test_the_administrator_adds_the_offices_below_one_level_at_a_time(site):
    first_run.begin(first_run.new_token(), **(GIVEN | {"phone": "+8613800000001"}))
    boss = service.authenticate("13800000001", GIVEN["password"])
    [above] = db.session.query(Office).all()
    levels = []
    for name in ("西区", "湖滨街道", "青年社区"):
        office = growing.add_office(above.id, name, phone="", lat=30.27, lon=120.15, actor=boss)
        assert office.path == f"{above.path}{office.id}/"
        levels.append(office.level)
        above = office
    assert levels == ["district", "street", "community"]
    with pytest.raises(NotFound):
        growing.add_office(above.id, "更下面", phone="", lat=30.27, lon=120.15, actor=boss)


def test_two_offices_side_by_side_have_two_names(town, site):
    boss = town.browser(site, town.administrator())
    page = f"/offices/{town.ids['west']}/below"
    form = {"name": "新街道", "lat": "30.27", "lon": "120.15"}
    assert send(boss, page, **form).status_code == 303
    assert "已经有同名的单位" in send(boss, page, **form).text
    with pytest.raises(Conflict):
        growing.add_office(town.ids["west"], "新街道", phone="", lat=30.27, lon=120.15, actor=town.administrator())


def test_nobody_adds_offices_outside_their_own_subtree(town):
    from models.kinds import Role

    with pytest.raises(NotAllowed):
        growing.add_office(town.ids["west"], "x", phone="", lat=1, lon=1, actor=town.coordinator())
    from app.people.identity import actor_of

    boss = actor_of(town.account("西区管理员", Role.ADMINISTRATOR, town.ids["west"]))
    with pytest.raises(NotFound):
        growing.add_office(town.ids["east"], "x", phone="", lat=1, lon=1, actor=boss)
