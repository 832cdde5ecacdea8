"""Signing up and in, and what volunteers say of themselves; pages and JSON alike."""

import json
from datetime import timedelta

import pytest

from app.kernel.clock import now
from app.kernel.errors import NotFound, WrongSecret
from app.people import queries, service, sessions
from app.people.identity import actor_of
from app.people.phones import find_account, masked, normalise
from models import AuthSession, Volunteer, db
from tests.factories import advance, csrf_of

PASSWORD = "a sentence to remember"


def sign_up(world, **more):
    fields = {"role": "resident", "name": "王奶奶", "phone": "+8613800000001", "password": PASSWORD, "consent": True}
    service.sign_up(**({**fields, "office_id": world.ids["station"]} | more))
    return actor_of(find_account((fields | more)["phone"]).id)


def test_whoever_signed_up_can_sign_in(world):
    actor = sign_up(world)
    assert service.authenticate("138 0000 0001", PASSWORD).account_id == actor.account_id
    assert actor.resident_id and actor.has("resident")


@pytest.mark.parametrize(("phone", "password"), [("13800000001", "wrong password"), ("13900000009", PASSWORD)])
def test_a_wrong_password_and_an_unknown_phone_get_the_same_answer(world, phone, password):
    sign_up(world)
    with pytest.raises(WrongSecret):
        service.authenticate(phone, password)


def test_a_phone_that_has_an_account_keeps_it_as_it_is_and_its_owner_hears_of_it(world):
    owner = sign_up(world)
    assert sign_up(world, name="别人", password="another sentence") == owner
    with pytest.raises(WrongSecret):
        service.authenticate("13800000001", "another sentence")
    assert [row.particulars["code"] for row in queries.inbox(owner)] == ["sign_up_again"]


def test_a_session_ends_after_a_week_without_a_visit(world):
    token = sessions.issue(str(sign_up(world).account_id))
    assert sessions.find(token)
    advance(days=8)
    assert sessions.find(token) is None
    assert sessions.sweep() == 1
    assert db.session.query(AuthSession).count() == 0


def test_a_stolen_cookie_dies_with_the_session(town, site):
    browser = town.browser(site, town.resident())
    cookie = browser.get_cookie("linli").value
    token = csrf_of(browser.get("/me").get_data(as_text=True))
    browser.post("/sign-out", data={"csrf_token": token})
    thief = site.test_client()
    thief.set_cookie("linli", cookie)
    assert thief.get("/me").status_code == 303


def test_the_grid_of_hours_becomes_slots_and_back(world):
    actor = world.volunteer(always=False)
    service.set_grid(["9-0", "10-0", "14-0", "9-6"], actor=actor)
    volunteer = queries.own_volunteer(actor)
    slots = sorted((s.weekday, s.from_minute, s.until_minute) for s in volunteer.availability)
    assert slots == [(0, 540, 660), (0, 840, 900), (6, 540, 600)]
    assert sorted(queries.grid_cells(volunteer)) == ["10-0", "14-0", "9-0", "9-6"]


def test_duty_ends_by_itself(world):
    actor = world.volunteer(on_duty=False)
    service.set_duty(True, 4, actor=actor)
    assert queries.own_volunteer(actor).on_duty_until == now() + timedelta(hours=4)
    service.set_duty(False, actor=actor)
    assert queries.own_volunteer(actor).on_duty_until is None


def test_a_new_skill_counts_only_after_the_station_has_looked(world):
    actor = world.volunteer(skills=["escort"])
    service.amend_volunteer(actor=actor, skills=["escort", "haircut"])
    assert {s.skill.code: bool(s.verified_at) for s in queries.own_volunteer(actor).skills} == {
        "escort": True,
        "haircut": False,
    }
    service.verify_volunteer(str(actor.volunteer_id), actor=world.coordinator())
    assert all(s.verified_at for s in queries.own_volunteer(actor).skills)


def test_a_station_does_not_know_the_volunteers_of_another_district(world):
    stranger = world.volunteer(office=world.ids["far"])
    with pytest.raises(NotFound):
        service.verify_volunteer(str(stranger.volunteer_id), actor=world.coordinator())


def test_nobody_gives_a_role_to_oneself(world):
    administrator = world.administrator()
    with pytest.raises(NotFound):
        service.grant_role(str(administrator.account_id), "coordinator", world.ids["city"], actor=administrator)


def test_phone_numbers_are_read_in_any_common_writing():
    assert normalise("138-0000 0001") == normalise("+86 138 0000 0001") == "+8613800000001"
    assert normalise("12") is None
    assert normalise("not a phone") is None
    assert masked("+8613800000001") == "138****0001"


def test_the_sign_up_form_keeps_what_was_typed_and_says_what_to_do(town, client):
    token = csrf_of(client.get("/sign-up").get_data(as_text=True))
    answer = client.post("/sign-up", data={"csrf_token": token, "name": "王奶奶", "phone": "12", "password": "short"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="王奶奶"' in page
    for words in ("手机号不对", "密码至少", "请填写这一项"):
        assert words in page


@pytest.mark.parametrize("name", ["a\0b", "\udc80", "x" * 5000])
def test_odd_text_is_refused_and_never_an_error_of_ours(town, site, name):
    program = town.program(site, town.resident())
    answer = program.patch("/api/v1/me", data=json.dumps({"name": name}), content_type="application/json")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["errors"][0]["pointer"] == "/name"


def test_a_program_signs_in_with_a_token(town, site):
    sign_up(town)
    answer = site.test_client().post("/api/v1/session", json={"phone": "13800000001", "password": PASSWORD})
    assert answer.status_code == 201
    token = answer.get_json()["token"]
    me = site.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert me.get_json()["name"] == "王奶奶"


def test_the_pages_of_a_volunteers_time_and_profile_open_and_save(town, site):
    actor = town.volunteer()
    browser = town.browser(site, actor)
    page = browser.get("/volunteer/availability").get_data(as_text=True)
    token = csrf_of(page)
    assert browser.post("/volunteer/availability", data={"csrf_token": token, "cells": ["9-1"]}).status_code == 303
    assert [s.from_minute for s in db.session.get(Volunteer, actor.volunteer_id).availability] == [540]
    saved = browser.post(
        "/volunteer/profile",
        data={"csrf_token": token, "radius_m": 1500, "quiet_from": "22:00", "quiet_until": "07:00", "skills": "escort"},
    )
    assert saved.status_code == 303
    volunteer = db.session.get(Volunteer, actor.volunteer_id)
    assert (volunteer.radius_m, volunteer.quiet_from, volunteer.quiet_until) == (1500, 1320, 420)
    assert browser.post("/volunteer/profile", data={"csrf_token": token, "radius_m": "-3"}).status_code == 422
    backwards = {"csrf_token": token, "starts_at": "2026-12-02T10:00", "ends_at": "2026-12-01T10:00"}
    assert "结束要晚于开始" in browser.post("/volunteer/exceptions", data=backwards).get_data(as_text=True)
