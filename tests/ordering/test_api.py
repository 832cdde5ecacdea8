"""Orders for programs: shapes in and out, who sees what, problems as problem+json."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.dispatching import service as dispatching
from app.kernel import clock
from app.kernel.clock import now
from app.ordering import service
from app.serving import service as serving
from models import Order, db
from models.states import OrderStatus
from tests.factories import advance
from tests.ordering.wishes import wish

EXACT = {
    "address",
    "lat",
    "lon",
    "contact_name",
    "contact_phone",
    "words",
    "access_notes",
    "photos",
    "needs_wheelchair",
}


@pytest.fixture
def resident(town):
    return town.resident()


@pytest.fixture
def program(site, town, resident):
    return town.program(site, resident)


@pytest.fixture
def order(town, resident):
    return service.place(actor=resident, **wish(town, words="三楼，没有电梯", contact_phone="+8613812345678"))


def body(town, **change):
    starts = now() + timedelta(days=1)
    usual = {
        "item": "escort", "office_id": town.ids["station"], "address": "3 幢 201",
        "window_from": starts.isoformat(), "window_until": (starts + timedelta(hours=3)).isoformat(),
    }  # fmt: skip
    return {**usual, **change}


def test_an_order_is_placed_and_read_again(program, town):
    reply = program.post("/api/v1/orders", json=body(town, words="三楼"))
    assert reply.status_code == 201
    shown = program.get(f"/api/v1/orders/{reply.json['id']}").json
    assert shown == reply.json
    assert (shown["status"], shown["words"], shown["item"], shown["channel"]) == ("submitted", "三楼", "escort", "api")
    assert len(shown["start_code"]) == 4 and shown["office"]["name"] == "青年社区"


def test_the_same_key_gives_the_same_order_and_other_content_is_refused(program, town):
    headers = {"Idempotency-Key": "k1"}
    first, second = (program.post("/api/v1/orders", json=body(town), headers=headers) for _ in range(2))
    assert first.json["id"] == second.json["id"]
    other = program.post("/api/v1/orders", json=body(town, words="别的"), headers=headers)
    assert other.status_code == 422 and other.json["code"] == "idempotency_key_reused"


def test_as_soon_as_possible_needs_no_window(program, town):
    asked = {"item": "errand", "office_id": town.ids["station"], "address": "3 幢 201", "as_soon": True}
    shown = program.post("/api/v1/orders", json=asked).json
    assert shown["is_now"] and shown["status"] == "open" and shown["urgency"] == "urgent"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"window_from": None}, "window_from"),
        ({"window_from": "yesterday"}, "window_from"),
        ({"window_from": "2020-01-01T00:00:00Z"}, "window_from"),
        ({"window_until": "2026-11-24T04:00:00Z"}, "window_until"),
        ({"item": "nothing"}, "item"),
        ({"item": 7}, "item"),
        ({"item": None}, "title"),
        ({"office_id": "nothing"}, "office_id"),
        ({"office_id": "a\0b"}, "office_id"),
        ({"address": "长" * 161}, "address"),
        ({"words": "\ud800"}, "words"),
        ({"words": "a\0b"}, "words"),
        ({"positions": 10**30}, "positions"),
        ({"positions": "9" * 5000}, "positions"),
        ({"positions": 0}, "positions"),
        ({"lat": 91}, "lat"),
        ({"lat": "NaN"}, "lat"),
        ({"duration_minutes": 4}, "duration_minutes"),
        ({"contact_phone": "12"}, "contact_phone"),
        ({"languages": ["火星话"]}, "languages"),
        ({"sex_wish": "other"}, "sex_wish"),
        ({"skills": ["flying"]}, "skills"),
        ({"status": "open"}, "status"),
        ({"channel": "phone"}, "channel"),
        ({"address_id": "nothing"}, "address_id"),
        ({"on_behalf": True}, "contact_name"),
    ],
)
def test_what_does_not_fit_is_a_problem_that_names_the_field(program, town, change, field):
    asked = json.dumps(body(town, **change))
    reply = program.post("/api/v1/orders", data=asked, content_type="application/json")
    assert reply.status_code == 422 and reply.mimetype == "application/problem+json"
    assert any(error["pointer"].startswith(f"/{field}") and error["detail"] for error in reply.json["errors"])
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0


@pytest.mark.parametrize(
    "raw", ["", "{", "[]", "7", '{"positions": ' + "9" * 5000 + "}", "[" * 100_000, '{"lat": 1e999}']
)
def test_a_body_that_is_no_order_is_never_our_fault(program, raw):
    reply = program.post("/api/v1/orders", data=raw, content_type="application/json")
    assert reply.status_code in (400, 422) and reply.mimetype == "application/problem+json"


def test_nobody_unknown_gets_in(site, town, order):
    stranger = site.test_client()
    for call in (stranger.get("/api/v1/orders"), stranger.get(f"/api/v1/orders/{order.id}")):
        assert call.status_code == 401 and call.mimetype == "application/problem+json"


def test_the_resident_sees_all_of_their_order(program, order):
    assert set(program.get(f"/api/v1/orders/{order.id}").json) > EXACT | {"start_code", "reason"}


def test_the_coordinator_sees_all_but_the_start_code(site, town, order):
    shown = town.program(site, town.coordinator()).get(f"/api/v1/orders/{order.id}").json
    assert set(shown) > EXACT and "start_code" not in shown


def test_the_supervisor_sees_neither_person_nor_place(site, town, order):
    shown = town.program(site, town.supervisor()).get(f"/api/v1/orders/{order.id}").json
    assert shown["contact_name"] == "王**" and shown["address"] == "青年社区"
    assert set(shown["masked"]) == {"contact_name", "address", "place"}
    assert not {"words", "contact_phone", "access_notes", "photos", "reason", "start_code"} & set(shown)


def test_a_volunteer_sees_the_place_from_the_day_before_until_a_day_after_the_service(site, town, order):
    desk, volunteer = town.coordinator(), town.volunteer()
    reader = town.program(site, volunteer)
    path = f"/api/v1/orders/{order.id}"
    assert reader.get(path).status_code == 404, "not asked"
    service.approve(order.id, actor=desk)
    offer = dispatching.offer_by_hand(order.id, volunteer.volunteer_id, actor=desk)
    offered = reader.get(path).json
    assert offered["address"] == offered["office"]["name"] == "青年社区" and "contact_phone" not in offered
    serving.accept(offer.id, actor=volunteer)
    advance(seconds=max(0, (order.window_from - clock.now()).total_seconds() - 23 * 3600))
    accepted = reader.get(path).json
    assert accepted["address"] == order.address and "start_code" not in accepted and "reason" not in accepted
    advance(days=3)
    later = reader.get(path).json
    assert later["address"] == "青年社区" and not {"contact_name", "contact_phone", "words"} & set(later)


def test_others_get_404(site, town, order):
    for other in (town.resident("乙"), town.coordinator(town.ids["east"]), town.volunteer(), town.administrator()):
        assert town.program(site, other).get(f"/api/v1/orders/{order.id}").status_code == 404


def test_lists_hold_ones_own_and_the_subtrees_orders_and_nothing_personal(site, town, program, order):
    far = service.place(actor=town.resident("远山人", office=town.ids["far"]), **wish(town, office_id=town.ids["far"]))
    assert [row["id"] for row in program.get("/api/v1/orders").json["orders"]] == [order.id]
    desk = town.program(site, town.coordinator(town.ids["west"]))
    page = desk.get("/api/v1/orders")
    assert [row["id"] for row in page.json["orders"]] == [order.id]
    assert "1381234" not in page.text and "138*" not in page.text, "not even masked; ids may spell three digits"
    assert not EXACT & set(page.json["orders"][0])
    city = town.program(site, town.coordinator(town.ids["city"]))
    assert {row["id"] for row in city.get("/api/v1/orders").json["orders"]} == {order.id, far.id}
    assert city.get("/api/v1/orders?mine=true").json["total"] == 0
    assert city.get("/api/v1/orders?status=open").json["orders"] == []


@pytest.mark.parametrize("query", ["size=101", "size=0", "page=0", "page=x", "status=nothing", "page=" + "9" * 5000])
def test_a_page_nobody_can_have_is_refused(program, query):
    reply = program.get(f"/api/v1/orders?{query}")
    assert reply.status_code == 422 and reply.json["errors"]


def test_the_desk_reviews_over_the_api(site, town, order):
    desk = town.program(site, town.coordinator())
    path = f"/api/v1/orders/{order.id}"
    assert desk.post(f"{path}/notes", json={"words": "已核实"}).status_code == 200
    assert desk.post(f"{path}/classification", json={"item": "bathing"}).json["item"] == "bathing"
    assert desk.post(f"{path}/return", json={"reason": "请写明"}).json["status"] == "returned"
    assert desk.post(f"{path}/approval", json={}).status_code == 409
    assert desk.post(f"{path}/rejection", json={"reason": "不办"}).json["status"] == "rejected"


def test_after_a_transfer_only_the_id_comes_back(site, town, order):
    desk = town.program(site, town.coordinator())
    path = f"/api/v1/orders/{order.id}"
    moved = desk.post(f"{path}/transfer", json={"office_id": town.ids["far"], "reason": "住在远山"})
    assert moved.json == {"id": order.id}
    there = town.program(site, town.coordinator(town.ids["far"]))
    assert there.post(f"{path}/reception", json={}).json["status"] == "submitted"


@pytest.mark.parametrize(
    "noun", ["return", "rejection", "transfer", "merge", "classification", "notes", "cancellation"]
)
def test_a_step_without_its_words_is_refused(site, town, order, noun):
    reply = town.program(site, town.coordinator()).post(f"/api/v1/orders/{order.id}/{noun}", json={})
    assert reply.status_code == 422 and reply.json["errors"]
    assert order.status == OrderStatus.SUBMITTED


@pytest.mark.parametrize("noun", ["approval", "return", "rejection", "merge", "transfer", "classification", "notes"])
def test_residents_do_not_review(program, order, noun):
    assert program.post(f"/api/v1/orders/{order.id}/{noun}", json={}).status_code == 403


def test_a_resident_cancels_over_the_api(program, order):
    reply = program.post(f"/api/v1/orders/{order.id}/cancellation", json={"reason": "不需要了"})
    assert reply.json["status"] == "cancelled"
    again = program.post(f"/api/v1/orders/{order.id}/cancellation", json={"reason": "不需要了"})
    assert again.status_code == 409 and again.json["code"] == "wrong_state"


def test_events_tell_the_resident_the_steps_and_the_desk_everything(site, town, program, order):
    desk_actor = town.coordinator()
    service.note(order.id, "已核实", actor=desk_actor)
    service.approve(order.id, actor=desk_actor)
    path = f"/api/v1/orders/{order.id}/events"
    plain = program.get(path).json
    assert [event["kind"] for event in plain] == ["order.place", "order.approve"]
    assert all("actor_name" not in event and "particulars" not in event for event in plain)
    whole = town.program(site, desk_actor).get(path).json
    assert [event["version"] for event in whole] == [1, 2, 3] and whole[1]["particulars"] == {"words": "已核实"}


def test_calling_off_again_with_the_same_key_has_the_same_answer(town, site):
    """Whoever lost the answer asks again, and is not told that it is too late."""
    resident = town.resident()
    order = service.place(actor=resident, **wish(town))
    program = town.program(site, resident)
    path, body = f"/api/v1/orders/{order.id}/cancellation", {"reason": "不用了"}
    answers = [program.post(path, json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [(one.status_code, one.json["status"]) for one in answers] == [(200, "cancelled")] * 2
    assert program.post(path, json=body, headers={"Idempotency-Key": "k2"}).status_code == 409
