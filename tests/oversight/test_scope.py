"""Everybody sees their own subtree; what lies outside does not exist."""

import pytest

from app.oversight.board import queries
from app.oversight.scope import scope_of
from models import DispatchRun, db
from models.kinds import Role, RunStatus
from tests.oversight.scenes import added, desk, put, text, without_versions
from tests.serving.steps import offered, taken

LISTS = ("/board", "/board/points.json", "/desk/review", "/desk/people", "/desk/runs", "/desk/follow-ups",
         "/desk/hours", "/desk/figures", "/api/v1/board", "/api/v1/alerts", "/api/v1/volunteers",
         "/api/v1/figures")  # fmt: skip
FRAGMENTS = tuple(f"/board/fragments/{name}" for name in ("bar", "waiting", "offers", "visits", "duty"))
PARTS = ("", "/parts/state", "/parts/people", "/parts/history")


@pytest.fixture
def sibling(town, site):
    """A coordinator of the community next door."""
    return desk(town, site, town.coordinator(town.ids["neighbour"]))


@pytest.mark.parametrize("part", PARTS)
def test_a_sibling_office_finds_no_order_of_ours(town, site, sibling, part):
    order = town.open_order()
    assert sibling.get(f"/desk/orders/{order.id}{part}").status_code == 404
    assert desk(town, site).get(f"/desk/orders/{order.id}{part}").status_code == 200


@pytest.mark.parametrize("path", LISTS + FRAGMENTS)
def test_a_sibling_office_may_not_look_through_our_eyes(town, site, sibling, path):
    assert sibling.get(f"{path}?office={town.ids['station']}").status_code == 404
    assert desk(town, site).get(f"{path}?office={town.ids['station']}").status_code == 200


def test_an_office_may_be_looked_at_from_above_and_not_from_below(town, site):
    above = desk(town, site, town.coordinator(town.ids["west"]))
    assert above.get(f"/board?office={town.ids['station']}").status_code == 200
    assert desk(town, site).get(f"/board?office={town.ids['west']}").status_code == 404
    assert above.get("/board?office=nowhere").status_code == 404


def test_a_sibling_office_finds_no_volunteer_of_ours_and_may_not_verify_them(town, site, sibling):
    volunteer = town.volunteer()
    path = f"/desk/people/{volunteer.volunteer_id}"
    assert sibling.get(path).status_code == 404
    assert "李晓梅" in text(desk(town, site), path)
    assert "李晓梅" not in text(sibling, "/desk/people")


def test_lists_and_counts_leave_out_what_lies_elsewhere(town, site):
    ours = town.open_order(title="我们的单")
    theirs = town.open_order(office=town.ids["neighbour"], title="别人的单")
    helper = town.volunteer("张三")
    offered(ours, helper)
    offered(theirs, town.volunteer("李四", office=town.ids["neighbour"]))
    scope = scope_of(town.coordinator())
    assert queries.counts(scope) == {
        "waiting_all": 1, "waiting_review": 0, "waiting_open": 0, "waiting_offering": 1, "waiting_unfilled": 0,
        "offers": 1, "visits": 0, "on_duty": 1, "served_today": 0,
    }  # fmt: skip
    page = text(desk(town, site), "/board")
    assert "我们的单" in page and "别人的单" not in page and "李四" not in page
    points = desk(town, site).get("/board/points.json").get_json()["points"]
    assert {point["id"] for point in points} == {ours.id, helper.volunteer_id}


def test_the_office_above_sees_both(town):
    town.open_order()
    town.open_order(office=town.ids["neighbour"])
    town.open_order(office=town.ids["far"])
    assert queries.counts(scope_of(town.coordinator(town.ids["street"])))["waiting_all"] == 2
    assert queries.counts(scope_of(town.supervisor(town.ids["city"])))["waiting_all"] == 3


def test_somebody_of_two_offices_sees_both_and_may_choose_one(town):
    from app.people.identity import actor_of
    from models import RoleGrant

    first = town.coordinator(town.ids["station"])
    added(RoleGrant(account_id=first.account_id, role=Role.COORDINATOR, office_id=town.ids["far"], created_at=_now()))
    both = actor_of(first.account_id)
    town.open_order()
    town.open_order(office=town.ids["far"])
    assert queries.counts(scope_of(both))["waiting_all"] == 2
    assert queries.counts(scope_of(both, town.ids["far"]))["waiting_all"] == 1
    assert scope_of(both).topics.count("office:") == 2


def _now():
    from app.kernel.clock import now

    return now()


def test_a_run_of_the_city_shows_each_office_only_its_own_orders(town, site):
    ours, theirs = town.open_order(), town.open_order(office=town.ids["neighbour"], title="别人的单")
    alone = {"open_positions": 1, "lost": {"skills": 3}, "bans": {}, "eligible": 0, "verdict": "nobody_eligible",
             "taken_by": []}  # fmt: skip
    run = added(
        DispatchRun(
            office_id=town.ids["city"], status=RunStatus.APPLIED, cause="tick", lease_until=_now(), started_at=_now(),
            ended_at=_now(), counts={"offered": 0, "unplaced": 2}, solver="flow",
            plan={"proposals": [], "unplaced": [{**alone, "order": ours.id}, {**alone, "order": theirs.id}]},
        )
    )  # fmt: skip
    page = text(desk(town, site), f"/desk/runs/{run.id}")
    assert ours.title in page and "别人的单" not in page
    assert f"/desk/runs/{run.id}" in text(desk(town, site), "/desk/runs")


def test_a_run_of_an_office_beside_ours_does_not_exist(town, site):
    run = added(
        DispatchRun(
            office_id=town.ids["east"], status=RunStatus.APPLIED, cause="tick", lease_until=_now(), started_at=_now(),
        )
    )  # fmt: skip
    assert desk(town, site).get(f"/desk/runs/{run.id}").status_code == 404
    assert f"/desk/runs/{run.id}" not in text(desk(town, site), "/desk/runs")


@pytest.mark.parametrize("path", LISTS + FRAGMENTS)
def test_residents_and_volunteers_have_no_desk(town, site, path):
    for actor in (town.resident(), town.volunteer()):
        assert town.browser(site, actor).get(path).status_code == 403
    assert site.test_client().get(path).status_code in (303, 401)


def test_ones_own_order_is_not_on_the_desk_of_whoever_placed_it(town, site):
    resident = town.resident()
    order = town.open_order(resident)
    assert town.browser(site, resident).get(f"/desk/orders/{order.id}").status_code == 403


def test_an_unknown_order_volunteer_run_fragment_or_part_is_not_found(town, site):
    client, order = desk(town, site), town.open_order()
    for path in ("/desk/orders/x", "/desk/people/x", "/desk/runs/x", "/board/fragments/x",
                 f"/desk/orders/{order.id}/parts/x", f"/desk/orders/{order.id}?volunteer=x"):  # fmt: skip
        assert client.get(path).status_code == 404, path


# ---------- who reads what of it ----------


def test_the_coordinator_reads_the_need_and_the_supervisor_not_even_that(town, site):
    """Who and where is masked for both; a coordinator may ask to see it (tests/privacy/test_reveals_asked.py)."""
    order = town.open_order(town.resident("王桂兰"), access_notes="听力不好", words="膝盖疼")
    volunteer = town.volunteer("李晓梅")
    taken(order, volunteer)
    hidden, of_the_desk = ("王桂兰", "青年路 8 号", "19900020000", "听力不好"), ("膝盖疼", "李晓梅")
    full = text(desk(town, site), f"/desk/orders/{order.id}")
    coarse = text(desk(town, site, town.supervisor()), f"/desk/orders/{order.id}")
    for words in (*hidden, *of_the_desk):
        assert (words in full) == (words in of_the_desk), words
        assert words not in coarse, words
    assert "199****0000" in full and "青年路 ***" in full and "***" in full
    assert "青年社区" in coarse and "王**" in coarse
    assert order.start_code not in full


@pytest.mark.parametrize("path", [*LISTS, *FRAGMENTS])
def test_no_list_holds_a_phone_or_an_address(town, site, path):
    order = town.open_order(town.resident("王桂兰"))
    offered(order, town.volunteer())
    put(order, is_now=True)
    said = desk(town, site).get(path).get_data(as_text=True)
    assert "199000" not in without_versions(said) and "青年路" not in said and "王桂兰" not in said


def test_programs_get_masked_names_only(town, site):
    town.volunteer("李晓梅")
    found = town.program(site, town.coordinator()).get("/api/v1/volunteers").get_json()
    assert [row["name"] for row in found["volunteers"]] == ["李**"]


def test_the_map_shows_the_desk_a_cell_and_a_supervisor_the_community_and_nobody_the_house(town, site):
    order = town.open_order(lat=30.27123, lon=120.15321)
    cell = desk(town, site).get("/board/points.json").get_json()["points"][0]
    coarse = desk(town, site, town.supervisor()).get("/board/points.json").get_json()["points"][0]
    assert (cell["lat"], cell["lon"]) != (order.lat, order.lon) != (coarse["lat"], coarse["lon"])
    assert abs(cell["lat"] - order.lat) < 0.005 and abs(cell["lon"] - order.lon) < 0.005
    assert abs(coarse["lat"] - order.office.lat) < 0.005 and abs(coarse["lon"] - order.office.lon) < 0.005


def test_nobody_learns_from_the_map_where_a_volunteer_lives(town, site):
    volunteer = town.volunteer(north_km=1.234)
    point = desk(town, site).get("/board/points.json").get_json()["points"][0]
    from models import Volunteer

    home = db.session.get(Volunteer, volunteer.volunteer_id)
    assert (point["lat"], point["lon"]) != (home.lat, home.lon)
    assert abs(point["lat"] - home.office.lat) < 0.005
