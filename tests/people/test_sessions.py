"""Sessions: how long they last for whom, how many there are, what the database sees of them, and what ends them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.people import safety, service, sessions
from app.people.session_cookie import Session
from models import Account, AuthSession, db
from models.kinds import Role
from tests.factories import advance, csrf_of
from tests.people.steps import PASSWORD, enter, send, with_password


@pytest.mark.parametrize(
    ("who", "idle", "whole"),
    [
        ("administrator", timedelta(minutes=15), timedelta(hours=8)),
        ("coordinator", timedelta(minutes=30), timedelta(hours=12)),
        ("supervisor", timedelta(minutes=30), timedelta(hours=12)),
        ("volunteer", timedelta(days=7), timedelta(days=30)),
        ("resident", timedelta(days=7), timedelta(days=30)),
    ],
)
def test_a_session_lasts_as_long_as_the_role_allows(town, who, idle, whole):
    account_id = str(getattr(town, who)().account_id)
    left_alone = sessions.issue(account_id)
    advance(seconds=idle.total_seconds() - 1)
    assert sessions.find(left_alone)
    advance(seconds=2)
    assert sessions.find(left_alone) is None
    row = sessions.find(sessions.issue(account_id))
    assert row.expires_at - row.created_at == whole


def test_a_session_in_daily_use_still_ends_after_its_whole_span(town, site):
    browser = town.browser(site, town.coordinator())
    for _visit in range(12 * 3 - 1):
        advance(minutes=20)
        assert browser.get("/me").status_code == 200
    advance(minutes=20)
    assert browser.get("/me").status_code == 303


def test_what_a_page_fetches_by_itself_keeps_no_session_alive(town, site):
    browser = town.browser(site, town.coordinator())
    browser.get("/me")
    for _fetch in range(3):
        advance(minutes=9)
        assert browser.get("/me/notices", headers={"X-Fragment": "1"}).status_code == 200
    advance(minutes=9)
    assert browser.get("/me/notices", headers={"X-Fragment": "1"}).status_code == 303


def test_a_sixth_session_ends_the_one_unused_for_longest(world, app):
    account_id = str(world.resident().account_id)
    tokens = []
    for _time in range(6):
        tokens.append(sessions.issue(account_id))
        advance(minutes=1)
    assert [bool(sessions.find(token)) for token in tokens] == [False] + [True] * 5


def test_the_database_holds_no_token_and_cannot_read_a_draft(world, app):
    browser = app.test_client()
    send(browser, "/orders/new/who", who="other", name="王妈妈", phone="13800000009")
    token = browser.get_cookie("linli").value
    [row] = db.session.execute(text("SELECT * FROM auth_session")).mappings()
    kept = "|".join(str(bytes(value) if isinstance(value, memoryview) else value) for value in row.values())
    assert "王妈妈" in browser.get("/orders/new/who").text
    assert token not in kept and "王妈妈" not in kept and "13800000009" not in kept and "draft" not in kept


def test_a_session_whose_words_were_swapped_for_anothers_is_none(world, app):
    mine, other = (
        sessions.issue(str(world.resident().account_id)),
        sessions.issue(str(world.resident("别人").account_id)),
    )

    def swap():
        sessions.find(mine).sealed = sessions.find(other).sealed

    from app.kernel.transaction import command

    command(swap)()
    thief = app.test_client()
    thief.set_cookie("linli", mine)
    assert thief.get("/me").status_code == 303


def test_signing_in_gives_a_new_token_and_ends_the_nameless_session(town, site):
    phone = with_password(town.resident())
    browser = site.test_client()
    browser.get("/sign-in")
    before = browser.get_cookie("linli").value
    assert enter(browser, phone).status_code == 303
    assert browser.get_cookie("linli").value != before
    assert sessions.find(before) is None
    assert db.session.query(AuthSession).count() == 1


def test_signing_out_kills_the_cookie_and_clears_what_the_browser_kept(town, site):
    browser = town.browser(site, town.resident())
    stolen = browser.get_cookie("linli").value
    answer = send(browser, "/me", "/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    thief = site.test_client()
    thief.set_cookie("linli", stolen)
    assert thief.get("/me").status_code == 303
    assert thief.get("/api/v1/me", headers={"Authorization": f"Bearer {stolen}"}).status_code == 401


def test_one_sees_where_one_is_signed_in_and_ends_any_of_it(town, site):
    actor = town.resident()
    here, there = town.browser(site, actor), town.browser(site, actor)
    page = here.get("/me/safety").text
    assert "就是这里" in page
    target = page.split('action="/me/sessions/')[1].split('"')[0]
    assert here.post(f"/me/sessions/{target}", data={"csrf_token": csrf_of(page)}).status_code == 303
    assert there.get("/me").status_code == 303
    assert here.get("/me").status_code == 200


def test_nobody_ends_a_session_of_somebody_else(town, site):
    mine = town.browser(site, town.resident())
    other = town.resident("别人")
    theirs = sessions.find(sessions.issue(str(other.account_id)))
    assert send(mine, "/me", f"/me/sessions/{theirs.id}/removal").status_code == 404
    assert sessions.of_account(str(other.account_id))


def test_all_other_sessions_end_at_once(town, site):
    actor = town.resident()
    here, there = town.browser(site, actor), town.browser(site, actor)
    assert send(here, "/me/safety", "/me/sessions/removal").status_code == 303
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 303)


def _new_password(town, actor):
    safety.change_password("quite another sentence", actor=actor, session_id=None)


def _another_role(town, actor):
    service.grant_role(str(actor.account_id), Role.TEAM_LEADER, town.ids["station"], actor=town.administrator())


def _a_role_less(town, actor):
    [grant] = db.session.get(Account, actor.account_id).grants
    service.revoke_role(grant.id, actor=town.administrator())


def _closed(town, actor):
    safety.set_active(str(actor.account_id), False, actor=town.administrator())


@pytest.mark.parametrize("change", [_new_password, _another_role, _a_role_less, _closed])
def test_every_session_ends_with(world, app, change):
    actor = world.volunteer()
    tokens = [sessions.issue(str(actor.account_id)) for _ in range(3)]
    change(world, actor)
    assert not any(sessions.find(token) for token in tokens)


def test_a_request_that_outlives_its_session_does_not_bring_it_back(town, site):
    row = sessions.find(sessions.issue(str(town.resident().account_id)))
    kept = sessions.Kept(row.id, "some token", row.account_id)
    sessions.end(row.id)
    sessions.store(kept, {"draft": {}})
    assert sessions.find("some token") is None


def test_a_changed_password_opens_the_door_and_the_old_one_does_not(town, site):
    actor = town.resident()
    phone = with_password(actor)
    browser = town.browser(site, actor)
    wrong = send(browser, "/me/password", password_now="not it at all", password="quite another sentence")
    assert wrong.status_code == 422
    right = send(browser, "/me/password", password_now=PASSWORD, password="quite another sentence")
    assert right.status_code == 303
    assert browser.get("/me").status_code == 200, "where it was changed one stays signed in"
    assert enter(site.test_client(), phone).status_code == 422
    assert enter(site.test_client(), phone, "quite another sentence").status_code == 303


def test_the_sweep_forgets_what_ran_out_for_each_role(world):
    sessions.issue(str(world.administrator().account_id))
    sessions.issue(str(world.resident().account_id))
    advance(minutes=16)
    assert sessions.sweep() == 1
    advance(days=8)
    assert sessions.sweep() == 1


def test_whoever_signs_in_after_another_inherits_neither_their_words_nor_their_second_factor():
    session = Session({"account_id": "first", "draft": {"address": "青年路"}})
    session.second_factor = True
    session.sign_in("second")
    assert dict(session) == {"account_id": "second"} and not session.second_factor


def test_a_draft_from_before_signing_in_is_kept():
    session = Session({"draft": {"words": "买菜"}})
    session.sign_in("somebody")
    assert session["draft"] == {"words": "买菜"}
