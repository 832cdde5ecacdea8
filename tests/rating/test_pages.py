"""The pages of 评单 and their API: one tap, what was typed is kept, what is hidden stays hidden."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.kernel.access import Actor
from app.rating import service as rating
from models import FollowUp, HoursEntry, db
from models.states import OrderStatus
from tests.factories import World
from tests.serving.steps import fresh, post, served, taken


@pytest.fixture
def resident(town: World) -> Actor:
    return town.resident()


@pytest.fixture
def volunteer(town: World) -> Actor:
    return town.volunteer()


@pytest.fixture
def order(town: World, resident: Actor):
    return town.open_order(resident)


@pytest.fixture
def browser(town: World, site: Flask, resident: Actor) -> FlaskClient:
    return town.browser(site, resident)


def test_one_tap_is_enough(browser: FlaskClient, order, volunteer) -> None:
    served(order, volunteer)
    page = f"/orders/{order.id}/rating"
    assert "李师傅" in browser.get(page).text
    assert post(browser, page, page, stars="3", _key="k").status_code == 303
    assert fresh(order).status == OrderStatus.CLOSED
    assert "您的评价" in browser.get(page).text


def test_without_a_tap_the_page_says_what_to_do_and_keeps_the_words(browser: FlaskClient, order, volunteer) -> None:
    served(order, volunteer)
    page = f"/orders/{order.id}/rating"
    answer = post(browser, page, page, words="小李很好", tags=["kind", "on_time"])
    assert answer.status_code == 422
    assert "请点一个" in answer.text and "小李很好" in answer.text
    assert answer.text.count("checked") >= 2
    for bad in ({"stars": "4"}, {"stars": "三"}, {"stars": "3", "outcome": "x"}, {"stars": "3", "tags": ["x"]}):
        assert post(browser, page, page, **bad).status_code == 422


def test_a_bad_mark_shows_that_somebody_looks_into_it(
    browser: FlaskClient, town: World, site: Flask, order, volunteer
) -> None:
    served(order, volunteer)
    page = f"/orders/{order.id}/rating"
    post(browser, page, page, stars="1", outcome="half_done", words="地没拖")
    assert "正在跟进" in browser.get(page).text
    desk = town.browser(site, town.coordinator())
    row = db.session.scalars(select(FollowUp)).one()
    url = f"/desk/follow-ups/{row.id}/resolution"
    assert post(desk, url, resolution="").status_code == 422
    assert post(desk, url, resolution="已补做").location == "/desk/follow-ups"
    assert "已补做" in browser.get(page).text
    assert post(browser, f"/orders/{order.id}/reopening", page).status_code == 422
    assert post(browser, f"/orders/{order.id}/reopening", page, reason="还是没拖").location == f"/orders/{order.id}"
    assert fresh(order).status == OrderStatus.REOPENED


def test_the_desk_rates_by_phone(town: World, site: Flask, order, volunteer) -> None:
    served(order, volunteer)
    desk = town.browser(site, town.coordinator())
    page = f"/orders/{order.id}/rating"
    assert "代居民填写" in desk.get(page).text
    assert post(desk, page, page, stars="2", _next="/board").location == "/board"


def test_before_the_service_and_for_strangers_there_is_nothing_to_rate(
    browser: FlaskClient, town: World, site: Flask, order, volunteer
) -> None:
    taken(order, volunteer)
    assert "服务完成以后" in browser.get(f"/orders/{order.id}/rating").text
    for stranger in (town.resident("李四"), volunteer, town.coordinator(town.ids["far"])):
        assert town.browser(site, stranger).get(f"/orders/{order.id}/rating").status_code == 404


def test_the_volunteers_word_and_record(town: World, site: Flask, order, resident, volunteer) -> None:
    assignment = served(order, volunteer, minutes=90)
    rating.rate(order.id, actor=resident, stars=3, words="小李很细心", tags=["kind"])
    own = town.browser(site, volunteer)
    page = f"/tasks/{assignment.id}/word"

    record = own.get("/volunteer/record").text
    assert "平台记录，非官方证明" in record and "1.5 小时" in record
    assert "小李很细心" not in record  # hidden until both have spoken
    assert post(own, page, page, words="王奶奶很好").status_code == 422
    assert post(own, page, page, stars="3", words="王奶奶很好").status_code == 303
    assert "小李很细心" in own.get("/volunteer/record").text
    assert post(own, f"/tasks/{assignment.id}/question", "/volunteer/record", reason="少了十分钟").status_code == 303
    assert own.get("/volunteer/record?page=99").status_code == 200


def test_hours_are_decided_on_the_desk_by_a_second_person(town: World, site: Flask, order, volunteer) -> None:
    assignment = served(order, volunteer, lat=31.0, lon=121.0)
    first, second = (town.browser(site, town.coordinator(name=name)) for name in ("王敏", "张强"))
    entered = post(first, f"/desk/assignments/{assignment.id}/hours", minutes="45", reason="核对过")
    assert entered.location == f"/desk/orders/{order.id}"
    entry = db.session.scalars(select(HoursEntry).where(HoursEntry.entered_by_id.is_not(None))).one()
    refused = post(first, f"/desk/hours/{entry.id}/approval")
    assert refused.status_code == 409 and "另一个人" in refused.text
    assert post(second, f"/desk/hours/{entry.id}/approval").location == "/desk/hours"


# ---------- programs ----------


def test_programs_rate_speak_and_read_the_record(town: World, site: Flask, order, resident, volunteer) -> None:
    assignment = served(order, volunteer)
    home, own, desk = (town.program(site, who) for who in (resident, volunteer, town.coordinator()))
    url = f"/api/v1/orders/{order.id}/rating"
    assert home.post(url, json={}).json["errors"][0]["pointer"] == "/stars"
    headers = {"Idempotency-Key": "r1"}
    good = {"stars": 3, "words": "好", "tags": ["kind"]}
    for _ in range(2):
        answer = home.post(url, json=good, headers=headers)
        assert (answer.status_code, answer.json["status"]) == (201, "closed")
    assert home.post(url, json={"stars": 2}, headers=headers).json["code"] == "idempotency_key_reused"
    assert home.post(url, json=good).json["code"] == "already_rated"

    assert own.get(f"/api/v1/orders/{order.id}/ratings").json == []
    assert len(desk.get(f"/api/v1/orders/{order.id}/ratings").json) == 1
    assert own.post(f"/api/v1/assignments/{assignment.id}/word", json={"stars": 3}).status_code == 201
    record = own.get("/api/v1/me/record").json
    assert (record["minutes"], record["visits"], record["average"]) == (60, 1, {"stars": 3.0, "count": 1})
    assert record["ratings"][0]["words"] == "好"
    assert home.get("/api/v1/me/record").status_code == 403


def test_programs_of_the_desk_see_their_subtree_only(town: World, site: Flask, order, resident, volunteer) -> None:
    assignment = served(order, volunteer, lat=31.0, lon=121.0)
    rating.rate(order.id, actor=resident, stars=1)
    desk, far = (town.program(site, town.coordinator(town.ids[name])) for name in ("station", "far"))
    [entry] = desk.get("/api/v1/hours").json
    [row] = desk.get("/api/v1/follow-ups").json
    assert far.get("/api/v1/hours").json == far.get("/api/v1/follow-ups").json == []
    for path in (f"hours/{entry['id']}/approval", f"follow-ups/{row['id']}/resolution"):
        assert far.post(f"/api/v1/{path}", json={"resolution": "x"}).status_code == 404
    assert far.post(f"/api/v1/assignments/{assignment.id}/hours", json={"minutes": 5, "reason": "x"}).status_code == 404
    assert desk.post(f"/api/v1/hours/{entry['id']}/refusal", json={}).json["status"] == "refused"
    done = desk.post(f"/api/v1/follow-ups/{row['id']}/resolution", json={"resolution": "已道歉"})
    assert done.json["resolution"] == "已道歉"
    assert desk.get("/api/v1/follow-ups?resolved=true").json[0]["id"] == row["id"]
    assert fresh(order).status == OrderStatus.CLOSED
