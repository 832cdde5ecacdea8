"""The volunteer's pages and the API: what is shown when, what is not, and that forms keep what was typed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel import clock, errors
from app.kernel.access import Actor
from app.serving import service as serving
from models import Assignment, db
from models.states import AssignmentStatus, OfferStatus, OrderStatus
from tests.factories import World, advance
from tests.serving.steps import arrived, fresh, offered, post, served, taken, token

SECRETS = ("青年路 8 号", "00020000", "住三楼，有狗", "请带好雨伞")


@pytest.fixture
def order(town: World):
    return town.open_order(access_notes="住三楼，有狗", words="请带好雨伞")


@pytest.fixture
def volunteer(town: World) -> Actor:
    return town.volunteer()


@pytest.fixture
def browser(town: World, site: Flask, volunteer: Actor) -> FlaskClient:
    return town.browser(site, volunteer)


def test_before_the_yes_nothing_tells_where_or_who(
    browser: FlaskClient, town: World, site: Flask, order, volunteer
) -> None:
    offer = offered(order, volunteer)
    program = town.program(site, volunteer)
    own = ("/volunteer", f"/offers/{offer.id}", f"/offers/{offer.id}/card", "/volunteer/now", "/volunteer/open")
    pages = [browser.get(url).text for url in (*own, "/volunteer/open/points.json")]
    pages += [
        program.get(f"/api/v1/{path}").text for path in ("offers", f"offers/{offer.id}", "open-orders", "assignments")
    ]
    for page in pages:
        assert not any(secret in page for secret in SECRETS)
        assert json.dumps(order.lat) not in page or "points" in page
    assert "青年社区" in pages[0] and "为什么是您" in pages[0] and "约 500 米" in pages[0]
    assert "4821" not in "".join(pages)


def test_opening_the_offer_marks_it_seen(browser: FlaskClient, order, volunteer) -> None:
    offer = offered(order, volunteer)
    assert browser.get(f"/offers/{offer.id}").status_code == 200
    assert fresh(offer).status == OfferStatus.SEEN


def test_one_tap_accepts_and_shows_where_and_who(browser: FlaskClient, order, volunteer) -> None:
    offer = offered(order, volunteer)
    answer = post(browser, f"/offers/{offer.id}/acceptance", "/volunteer", _key="k")
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert all(secret in page for secret in ("青年路 8 号", "tel:19900020000", "住三楼，有狗", "请带好雨伞"))
    assert "https://uri.amap.com/navigation?to=120.150000,30.270000," in page
    assert "coordinate=wgs84" in page
    assert "4821" not in page


def test_one_tap_declines_without_a_reason(browser: FlaskClient, order, volunteer) -> None:
    offer = offered(order, volunteer)
    answer = post(browser, f"/offers/{offer.id}/refusal", "/volunteer")
    assert (answer.status_code, answer.location) == (303, "/volunteer")
    assert fresh(offer).status == OfferStatus.DECLINED


def test_a_reason_that_is_too_long_is_said_and_kept(browser: FlaskClient, order, volunteer) -> None:
    offer = offered(order, volunteer)
    answer = post(browser, f"/offers/{offer.id}/refusal", "/volunteer", reason="忙" * 101)
    assert answer.status_code == 422
    assert "100" in answer.text and "忙" * 101 in answer.text
    assert fresh(offer).status == OfferStatus.SEEN


def test_people_who_are_asked_together_read_that_the_first_yes_counts(browser, town: World, order, volunteer) -> None:
    offer = offered(order, volunteer)
    sentence = "谁先答应就由谁去"
    assert sentence not in browser.get(f"/offers/{offer.id}").text
    offered(order, town.volunteer("李快"))
    assert sentence in browser.get(f"/offers/{offer.id}").text


def test_who_comes_too_late_gets_thanks_and_stands_by(browser: FlaskClient, town: World, order, volunteer) -> None:
    offer = offered(order, volunteer)
    browser.get("/volunteer")
    taken(order, town.volunteer("李快"))
    answer = browser.post(f"/offers/{offer.id}/acceptance", data={"csrf_token": token(browser, "/volunteer")})
    assert answer.location == f"/orders/{order.id}/taken"
    page = browser.get(answer.location).text
    assert "谢谢" in page and "候补" in page
    left = post(browser, f"/orders/{order.id}/reserve/end", answer.location)
    assert left.status_code == 303
    assert "空出来先问我" in browser.get(f"/offers/{offer.id}").text


def test_an_expired_offer_can_still_be_claimed_while_nobody_has_it(browser: FlaskClient, order, volunteer) -> None:
    offer = offered(order, volunteer)
    clock.advance(offer.expires_at - clock.now())
    page = browser.get(f"/offers/{offer.id}").text
    assert f"/offers/{offer.id}/acceptance" not in page
    claimed = post(browser, f"/orders/{order.id}/claim", f"/offers/{offer.id}")
    assert claimed.location.startswith("/tasks/")


def test_open_orders_can_be_found_and_claimed(browser: FlaskClient, town: World, order) -> None:
    page = browser.get("/volunteer/open?within=3000&day=tomorrow&skill=escort").text
    assert f"/orders/{order.id}/claim" in page
    assert f"/orders/{order.id}/claim" not in browser.get("/volunteer/open?day=today").text
    assert browser.get("/volunteer/open?within=nonsense&day=never&x=1").status_code == 200
    points = browser.get("/volunteer/open/points.json").json["points"]
    assert [point["kind"] for point in points] == ["me", "waiting"]
    assert (points[1]["lat"], points[1]["lon"]) == (town.station.lat, town.station.lon)
    assert post(browser, f"/orders/{order.id}/claim", "/volunteer/open").status_code == 303
    assert fresh(order).status == OrderStatus.STAFFED


def test_the_map_of_open_orders_has_the_city_under_it(browser: FlaskClient, town: World, site: Flask) -> None:
    from app.demo import outlines
    from app.demo.outlines import District

    assert 'data-outlines="/volunteer/open/outlines.json"' in browser.get("/volunteer/open").text
    assert browser.get("/volunteer/open/outlines.json").json["features"] == []
    square = ((120.0, 30.0), (120.1, 30.0), (120.1, 30.1), (120.0, 30.0))
    outlines.write(site.instance_path, [District("1", "西区", (120.05, 30.05), ((square,),))])
    [district] = browser.get("/volunteer/open/outlines.json").json["features"]
    assert district["properties"] == {"code": "1", "name": "西区", "label": [120.05, 30.05]}
    assert town.browser(site).get("/volunteer/open/outlines.json").status_code == 303  # to the sign-in


def test_the_whole_visit_by_taps(browser: FlaskClient, order, volunteer) -> None:
    assignment = taken(order, volunteer)
    page = f"/tasks/{assignment.id}"
    assert "起可以签到" in browser.get(page).text
    assert post(browser, f"{page}/departure", page).status_code == 303
    clock.advance(order.window_from - clock.now())

    for code, sentence in (("", "请填居民告诉您的四位服务码"), ("12", "四位数字"), ("0000", "再问一次")):
        answer = post(browser, f"{page}/check-in", page, by="code", code=code)
        assert answer.status_code == 422
        assert sentence in answer.text
    assert 'value="0000"' in answer.text  # what was typed is kept
    assert post(browser, f"{page}/check-in", page, by="code", code="4821", _key="k").status_code == 303
    advance(hours=1)
    done = post(browser, f"{page}/check-out", page, note="都好")
    assert done.location == f"{page}/word"
    thanks = browser.get(done.location).text
    assert "1 小时" in thanks and "居民服务码" in thanks


def test_arriving_without_a_code_never_blocks(browser: FlaskClient, order, volunteer) -> None:
    assignment = taken(order, volunteer)
    clock.advance(order.window_from - clock.now())
    page = f"/tasks/{assignment.id}"
    assert post(browser, f"{page}/check-in", page, by="place", lat="", lon="", accuracy="").status_code == 303
    assert fresh(assignment).status == AssignmentStatus.CHECKED_IN
    assert assignment.visit.check_in_evidence == "self"


def test_too_early_and_half_a_place_are_said_beside_the_field(browser: FlaskClient, order, volunteer) -> None:
    assignment = taken(order, volunteer)
    page = f"/tasks/{assignment.id}"
    early = post(browser, f"{page}/check-in", page, by="code", code="4821")
    assert early.status_code == 422 and "以后才能签到" in early.text
    half = post(browser, f"{page}/check-in", page, by="place", lat="30.27")
    assert half.status_code == 422 and "位置不完整" in half.text


def test_a_task_is_given_back_with_a_word(browser: FlaskClient, order, volunteer) -> None:
    assignment = taken(order, volunteer)
    page = f"/tasks/{assignment.id}"
    assert post(browser, f"{page}/handback", page).status_code == 422
    assert post(browser, f"{page}/handback", page, reason="孩子病了").status_code == 303
    assert fresh(assignment).status == AssignmentStatus.HANDED_BACK
    assert not any(secret in browser.get(page).text for secret in SECRETS)


def test_a_day_after_the_end_address_and_phone_are_gone(
    browser: FlaskClient, town: World, site: Flask, order, volunteer
) -> None:
    assignment = served(order, volunteer)
    program = town.program(site, volunteer)
    assert "青年路 8 号" in browser.get(f"/tasks/{assignment.id}").text
    advance(hours=24)
    assert not any(secret in browser.get(f"/tasks/{assignment.id}").text for secret in SECRETS)
    assert program.get(f"/api/v1/assignments/{assignment.id}").json["contact"] is None


def test_others_find_nothing(town: World, site: Flask, order, volunteer) -> None:
    offer = offered(order, volunteer)
    assignment = serving.accept(offer.id, actor=volunteer)
    stranger, resident = town.browser(site, town.volunteer("张三")), town.browser(site, town.resident())
    for url in (
        f"/offers/{offer.id}",
        f"/offers/{offer.id}/card",
        f"/tasks/{assignment.id}",
        f"/tasks/{assignment.id}/card",
    ):
        assert stranger.get(url).status_code == 404
        assert resident.get(url).status_code == 403
        assert town.browser(site).get(url).status_code == 303  # to the sign-in
    assert stranger.get(f"/orders/{order.id}/taken").status_code == 404


def test_fragments_have_the_root_of_their_page(browser: FlaskClient, order, volunteer) -> None:
    offer = offered(order, volunteer)
    assert '<section id="now"' in browser.get("/volunteer/now").text
    assert '<section id="offer"' in browser.get(f"/offers/{offer.id}/card").text
    assert '<section id="open-orders"' in browser.get("/volunteer/open/list").text
    assignment = serving.accept(offer.id, actor=volunteer)
    assert '<section id="task"' in browser.get(f"/tasks/{assignment.id}/card").text


def test_the_desk_vouches_and_goes_back_to_where_it_was(town: World, site: Flask, order, volunteer) -> None:
    assignment = taken(order, volunteer)
    clock.advance(order.window_from - clock.now())
    desk = town.browser(site, town.coordinator())
    answer = post(desk, f"/desk/assignments/{assignment.id}/check-in", _next="/board")
    assert (answer.status_code, answer.location) == (303, "/board")
    answer = post(desk, f"/desk/assignments/{assignment.id}/check-out", _next="//evil")
    assert answer.location == f"/desk/orders/{order.id}"
    assert fresh(assignment).status == AssignmentStatus.CHECKED_OUT


# ---------- programs ----------


def test_programs_go_the_whole_way(town: World, site: Flask, order, volunteer) -> None:
    offer = offered(order, volunteer)
    program = town.program(site, volunteer)
    assert program.get("/api/v1/offers").json[0]["order"]["office"]["name"] == "青年社区"
    assert program.post(f"/api/v1/offers/{offer.id}").json["status"] == "seen"
    headers = {"Idempotency-Key": "one"}
    task = program.post(f"/api/v1/offers/{offer.id}/acceptance", headers=headers)
    again = program.post(f"/api/v1/offers/{offer.id}/acceptance", headers=headers)
    assert task.status_code == again.status_code == 201
    assert task.json["id"] == again.json["id"]
    assert task.json["contact"]["address"] == "青年路 8 号 3 幢 201"
    url = f"/api/v1/assignments/{task.json['id']}"
    early = program.post(f"{url}/check-in", json={"code": "4821"})
    assert (early.status_code, early.json["code"]) == (409, "too_early")
    clock.advance(order.window_from - clock.now())
    assert program.post(f"{url}/departure").json["status"] == "on_the_way"
    wrong = program.post(f"{url}/check-in", json={"code": "0000"})
    assert (wrong.status_code, wrong.json["code"]) == (422, "wrong_code")
    for bad in ({"lat": 1e999}, {"lat": 1}, {"code": "abc"}, {"x": 1}, {"lat": 91, "lon": 0}, {"accuracy": -1}):
        answer = program.post(f"{url}/check-in", data=json.dumps(bad), content_type="application/json")
        assert answer.status_code == 422 and answer.json["errors"], bad
    assert program.post(f"{url}/check-in", json={"code": "4821"}).json["visit"]["check_in_evidence"] == "resident_code"
    assert program.post(f"{url}/check-out", json={"note": "好"}).json["status"] == "checked_out"
    assert program.post(f"{url}/handback", json={"reason": "晚了"}).status_code == 409


def test_programs_claim_decline_and_stand_by(town: World, site: Flask, order, volunteer) -> None:
    program = town.program(site, volunteer)
    other = town.open_order(starts=clock.now() + timedelta(days=2))
    offer = offered(other, volunteer)
    assert program.post(f"/api/v1/offers/{offer.id}/refusal", json={}).json["status"] == "declined"
    assert program.post(f"/api/v1/orders/{order.id}/claim").status_code == 201
    late = town.program(site, town.volunteer("王慢"))
    refused = late.post(f"/api/v1/orders/{order.id}/claim")
    assert (refused.status_code, refused.json["code"]) == (409, "already_taken")
    assert late.post(f"/api/v1/orders/{order.id}/reserve").status_code == 201
    assert late.delete(f"/api/v1/orders/{order.id}/reserve").status_code == 204
    with pytest.raises(errors.NotFound):
        serving.accept("x", actor=volunteer)
    assert db.session.query(Assignment).count() == 1


def test_the_desk_by_program(town: World, site: Flask, order, volunteer) -> None:
    assignment = taken(order, volunteer)
    clock.advance(order.window_until - clock.now())
    desk = town.program(site, town.coordinator())
    at = order.window_from.isoformat()
    assert desk.post(f"/api/v1/assignments/{assignment.id}/vouched-check-in", json={"at": at}).status_code == 200
    assert desk.post(f"/api/v1/assignments/{assignment.id}/vouched-check-out", json={}).json["status"] == "checked_out"
    assert desk.post(f"/api/v1/assignments/{assignment.id}/no-show").status_code == 409
    assert arrived(town.open_order(), town.volunteer("乙")).status == AssignmentStatus.CHECKED_IN
