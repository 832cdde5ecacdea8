"""Every refusal has the same shape: RFC 9457 problem+json, with a code for programs and words for people."""

from __future__ import annotations

import pytest

from app import create_app
from app.config import Settings
from app.people import sessions
from models import db

FIELDS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def _check(answer, status, code):
    problem = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert set(problem) >= FIELDS
    assert (problem["status"], problem["code"], problem["instance"]) == (status, code, answer.request.path)
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"]
    return problem


def test_401_without_a_token(client, town):
    _check(client.get("/api/v1/me"), 401, "not_signed_in")


def test_401_with_a_token_that_has_ended(client, town):
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer gone"
    _check(client.get("/api/v1/me"), 401, "not_signed_in")


def test_401_for_a_wrong_password_says_nothing_of_which(client, town):
    answer = client.post("/api/v1/session", json={"phone": "19900000001", "password": "wrong password"})
    _check(answer, 401, "wrong_secret")


def test_403_for_an_act_that_is_not_for_this_role(site, town):
    _check(town.program(site, town.resident()).get("/api/v1/me/volunteer"), 403, "not_allowed")


def test_403_for_a_cookie_without_the_form_token(site, town):
    _check(town.browser(site, town.resident()).patch("/api/v1/me", json={"language": "en"}), 403, "csrf")


def test_404_for_what_is_not_there(site, town):
    program = town.program(site, town.coordinator())
    _check(program.get("/api/v1/nothing-of-this-name"), 404, "http_404")
    _check(program.get(f"/api/v1/orders/{'0' * 20}"), 404, "not_found")


def test_404_for_an_order_outside_ones_subtree_as_for_none_at_all(site, town):
    order = town.open_order(office=town.ids["far"])
    stranger = town.program(site, town.coordinator(office=town.ids["station"]))
    there, nowhere = (stranger.get(f"/api/v1/orders/{key}") for key in (order.id, "0" * 20))
    told = [{k: v for k, v in a.get_json().items() if k not in {"instance", "request_id"}} for a in (there, nowhere)]
    assert told[0] == told[1]
    _check(there, 404, "not_found")


def test_405_for_a_method_that_does_not_exist(site, town):
    _check(town.program(site, town.resident()).delete("/api/v1/me"), 405, "http_405")


def test_a_phone_that_has_an_account_is_answered_like_a_new_one(client, town):
    new = {
        "role": "resident", "name": "张三", "phone": "19900012345", "password": "long enough 1",
        "office_id": town.ids["station"], "consent": True,
    }  # fmt: skip
    first, second = (client.post("/api/v1/accounts", json=new) for _ in range(2))
    assert (first.status_code, first.data) == (second.status_code, second.data) == (202, first.data)


def test_409_for_a_step_that_is_not_open_now(site, town):
    order = town.open_order()
    desk = town.program(site, town.coordinator())
    _check(desk.post(f"/api/v1/orders/{order.id}/approval", json={}), 409, "wrong_state")


def test_422_names_the_field_and_what_to_do(client, town):
    problem = _check(client.post("/api/v1/session", json={}), 422, "validation")
    assert {error["pointer"] for error in problem["errors"]} >= {"/phone", "/password"}
    assert all(error["detail"] for error in problem["errors"])


def test_the_words_come_in_the_callers_language(client, town):
    answer = client.get("/api/v1/me", headers={"Accept-Language": "en"})
    assert answer.get_json()["code"] == "not_signed_in"


@pytest.fixture
def limited(sqlite_database, tmp_path):
    """The app with its rate limits on."""
    settings = Settings(
        database_url=sqlite_database,
        instance=tmp_path,
        testing=True,
        scheduler=False,
        solver="inline",
        rate_limits=True,
    )
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_429_after_too_many_tries_says_when_to_come_back(limited):
    client = limited.test_client()
    tries = [client.post("/api/v1/session", json={"phone": "19900000001", "password": "x" * 12}) for _ in range(15)]
    assert tries[0].status_code == 401
    _check(tries[-1], 429, "too_many_tries")
    assert int(tries[-1].headers["Retry-After"]) > 0


def test_a_token_that_was_signed_out_no_longer_works(client, town):
    token = sessions.issue(town.resident().account_id)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    assert client.get("/api/v1/me").status_code == 200
    assert client.delete("/api/v1/session").status_code == 204
    _check(client.get("/api/v1/me"), 401, "not_signed_in")
