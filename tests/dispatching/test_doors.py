"""The desk's buttons and the JSON API of 派单."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.clock import now
from app.serving import service as serving
from models import db
from tests.dispatching.helpers import dispatched, fresh, live
from tests.factories import csrf_of


@pytest.fixture
def desk(site, town):
    return town.program(site, town.coordinator())


def test_a_coordinator_sees_who_could_be_asked_and_why_and_asks(desk, town):
    near = town.volunteer("近", north_km=0.5)
    neighbour = town.volunteer("邻", office=town.ids["neighbour"], north_km=1)
    town.volunteer("不会", skills=[])
    order = town.open_order()

    found = desk.get(f"/api/v1/orders/{order.id}/candidates").get_json()
    assert found["eligible"] == 2 and found["lost"]["skills"] == 1
    first, second = found["candidates"]
    assert (first["volunteer_id"], first["name"], first["distance_m"]) == (near.volunteer_id, "近", 501)
    assert any("步行" in reason for reason in first["reasons"])
    assert (second["volunteer_id"], second["name"]) == (neighbour.volunteer_id, None), "a name of another office"

    made = desk.post(f"/api/v1/orders/{order.id}/offers", json={"volunteer_id": near.volunteer_id})
    assert (made.status_code, made.get_json()["origin"]) == (201, "hand")
    again = desk.post(f"/api/v1/offers/{made.get_json()['id']}/withdrawal")
    assert (again.status_code, again.get_json()["status"]) == (200, "withdrawn")
    assert desk.post(f"/api/v1/offers/{made.get_json()['id']}/withdrawal").status_code == 409


def test_conflicts_answer_409_with_every_rule(desk, town):
    person, order = town.volunteer(skills=[]), town.open_order()
    refused = desk.post(f"/api/v1/orders/{order.id}/offers", json={"volunteer_id": person.volunteer_id})
    assert refused.status_code == 409
    assert refused.get_json()["conflicts"] == [{"rule": "skills", "words": "没有所需技能", "binding": False}]
    chosen = {"volunteer_id": person.volunteer_id, "despite": True}
    assert desk.post(f"/api/v1/orders/{order.id}/offers", json=chosen).status_code == 201


def test_what_is_missing_or_unknown_is_said(desk, town):
    order = town.open_order()
    assert desk.post(f"/api/v1/orders/{order.id}/offers", json={}).status_code == 422
    assert desk.post(f"/api/v1/orders/{order.id}/offers", json={"volunteer_id": "nobody"}).status_code == 404
    assert desk.get("/api/v1/orders/nosuchorder/candidates").status_code == 404
    assert desk.get(f"/api/v1/orders/{order.id}/candidates?limit=0").status_code == 422


def test_afresh_and_upwards(desk, town):
    order = town.open_order()
    assert desk.post(f"/api/v1/orders/{order.id}/redispatch").status_code == 200
    escalated = desk.post(f"/api/v1/orders/{order.id}/escalation")
    assert escalated.get_json()["escalated_to_id"] == town.ids["street"]


def test_runs_are_listed_with_what_they_decided_about_ones_own_orders(site, desk, town):
    town.volunteer()
    order = town.open_order()
    elsewhere = town.open_order(office=town.ids["far"])
    run_id = dispatched().id

    listed = desk.get("/api/v1/dispatch-runs").get_json()
    assert [row["id"] for row in listed] == [run_id] and "problem" not in listed[0]
    detail = desk.get(f"/api/v1/dispatch-runs/{run_id}").get_json()
    assert [one["order"] for one in detail["proposals"]] == [order.id]
    assert elsewhere.id not in str(detail)
    assert desk.get("/api/v1/dispatch-runs/nosuchrun").status_code == 404


@pytest.mark.parametrize("who", ["resident", "volunteer", "stranger", "nobody"])
def test_nobody_else_steers(site, town, who):
    actors = {
        "resident": (town.resident, 403), "volunteer": (town.volunteer, 403),
        "stranger": (lambda: town.coordinator(town.ids["east"]), 404),
    }  # fmt: skip
    order, helper = town.open_order(), town.volunteer("志愿者")
    dispatched()
    (offer,) = live(order)
    make, status = actors.get(who, (None, 401))
    door = town.program(site, make()) if make else site.test_client()
    body = {"volunteer_id": helper.volunteer_id}
    for answer in (
        door.post(f"/api/v1/orders/{order.id}/offers", json=body),
        door.get(f"/api/v1/orders/{order.id}/candidates"),
        door.post(f"/api/v1/offers/{offer.id}/withdrawal"),
        door.post(f"/api/v1/orders/{order.id}/redispatch"),
        door.post(f"/api/v1/orders/{order.id}/escalation"),
    ):
        assert answer.status_code == status, answer.request.path
    assert len(live(order)) == 1


def test_the_buttons_of_the_page_do_the_same_and_lead_back(site, town):
    person, order = town.volunteer(), town.open_order()
    desk = town.browser(site, town.coordinator())
    page = f"/desk/orders/{order.id}"
    token = {"csrf_token": csrf_of(desk.get(page).text)}

    asked = desk.post(f"{page}/offers", data=token | {"volunteer_id": person.volunteer_id, "_next": "/board"})
    assert (asked.status_code, asked.location) == (303, "/board")
    (offer,) = live(order)
    back = desk.post(f"/desk/offers/{offer.id}/withdrawal", data=token | {"_next": "https://evil.example/"})
    assert (back.status_code, back.location) == (303, page)
    assert desk.post(f"{page}/redispatch", data=token).status_code == 303
    assert desk.post(f"{page}/escalation", data=token).status_code == 303
    assert fresh(order).escalated_to_id == town.ids["street"]
    assert desk.post(f"{page}/offers", data=token).status_code == 422


def test_the_expected_wait_is_the_narrowest_honest_figure(town):
    from app.dispatching.queries import expected_wait
    from models import Office, Order

    def staffed_after(minutes, office, item="errand"):
        helper = town.volunteer("帮手", office=town.ids[office], weekly_limit_minutes=None)
        order = town.open_order(item=item, hours=1, office=town.ids[office], starts=now() + timedelta(days=2))
        clock.advance(timedelta(minutes=minutes))
        serving.claim(order.id, actor=helper)
        return order

    first = staffed_after(3, "station")
    station, item = db.session.get(Office, town.ids["station"]), db.session.get(Order, first.id).item
    for minutes in (5, 7, 90):
        staffed_after(minutes, "station")
    assert expected_wait(station, item) is None, "four cases say nothing"
    staffed_after(11, "neighbour")
    assert expected_wait(station, item) == 7, "the street knows enough"
    staffed_after(1, "station")
    assert expected_wait(station, item) == 5, "now the station does"
    assert expected_wait(db.session.get(Office, town.ids["far"]), item) == 6
    assert expected_wait(station, None) == 5
    clock.advance(timedelta(days=61))
    assert expected_wait(station, item) is None
