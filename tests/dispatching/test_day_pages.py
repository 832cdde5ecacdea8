"""The pages and programs' doors of day plans: who may look, who may press, and that nobody reads what is not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatching import planning, publishing, service
from app.kernel.clock import midnight, today
from models import DispatchRun, db
from tests.dispatching.helpers import live
from tests.factories import advance, csrf_of


@pytest.fixture
def day():
    return today() + timedelta(days=1)


@pytest.fixture
def scene(town, day):
    """One volunteer, two orders in sequence, and one that nobody can serve."""
    volunteer = town.volunteer("李晓梅", on_duty=False)
    begin = midnight(day)
    orders = [town.open_order(starts=begin + timedelta(hours=hour), hours=1, item="errand") for hour in (9, 14)]
    alone = town.open_order(item="bathing", starts=begin + timedelta(hours=9))
    return volunteer, orders, alone


def planned(town, day, office="west"):
    actor = town.coordinator(town.ids[office], "王敏")
    return service.plan_day(town.ids[office], day, actor=actor), actor


def test_a_coordinator_plans_looks_publishes_and_takes_back(site, town, day, scene):
    _, orders, alone = scene
    desk = town.browser(site, town.coordinator(town.ids["west"]))
    page = desk.get("/desk/days", follow_redirects=True)
    assert page.request.path == f"/desk/days/{day}" and "开始排" in page.text
    token = {"csrf_token": csrf_of(page.text)}

    begun = desk.post("/desk/plans", data=token | {"office_id": town.ids["west"], "day": day.isoformat()})
    assert begun.status_code == 303
    preview = desk.get(begun.location)
    assert "等您看" in preview.text and "李晓梅" in preview.text and "09:" in preview.text and "14:" in preview.text
    assert "已证明" in preview.text, "the proof in plain words"
    assert alone.id in preview.text and "没有届时有效的证书" in preview.text, "what stays open, and why"
    assert "2 个新排的" in preview.text
    assert not any(live(order) for order in orders)

    sent = desk.post(f"{begun.location}/publication", data=token, follow_redirects=True)
    assert "发出 2 个邀请" in sent.text and "等答复" in sent.text
    assert desk.post(f"{begun.location}/publication", data=token).status_code == 409, "twice"
    assert all(live(order) for order in orders)

    back = desk.post(f"{begun.location}/withdrawal", data=token, follow_redirects=True)
    assert "收回了 2 个邀请" in back.text and "已撤回" in back.text
    assert not any(live(order) for order in orders)


def test_a_plan_may_be_put_away(site, town, day, scene):
    run, actor = planned(town, day)
    desk = town.browser(site, actor)
    token = {"csrf_token": csrf_of(desk.get(f"/desk/plans/{run.id}").text)}
    assert desk.post(f"/desk/plans/{run.id}/discarding", data=token).location == f"/desk/days/{day}"
    assert "没有用" in desk.get(f"/desk/days/{day}").text


def test_a_second_plan_says_what_it_changes(site, town, day, scene):
    run, actor = planned(town, day)
    service.publish(run.id, actor=actor)
    advance(minutes=1)
    again = service.plan_day(town.ids["west"], day, actor=actor)
    page = town.browser(site, actor).get(f"/desk/plans/{again.id}").text
    assert "2 个不变" in page and "和上一次排的比" in page


def test_while_it_is_worked_out_the_page_says_so_without_scripts_too(site, town, day):
    actor = town.coordinator(town.ids["west"])
    run = planning.ask(town.ids["west"], day, actor=actor)
    desk = town.browser(site, actor)
    page = desk.get(f"/desk/plans/{run.id}").text
    assert "<progress" in page and 'http-equiv="refresh"' in page and 'data-live="office:' in page
    advance(minutes=10)
    stuck = desk.get(f"/desk/plans/{run.id}/state").text
    assert "没排成" in stuck and "再排一次" in stuck


def test_days_that_are_none_and_plans_that_are_none_are_not_found(site, town, day):
    desk = town.browser(site, town.coordinator(town.ids["west"]))
    for path in (
        "/desk/days/yesterday",
        "/desk/days/9999-12-31",
        "/desk/days/0001-01-01",
        "/desk/days?day=1-1",
        "/desk/plans/0",
        "/desk/plans/0/state",
    ):
        assert desk.get(path).status_code == 404, path
    assert "这一天已经过去了" in desk.get(f"/desk/days/{today() - timedelta(days=1)}").text
    token = {"csrf_token": csrf_of(desk.get(f"/desk/days/{day}").text)}
    refused = desk.post("/desk/plans", data=token | {"office_id": town.ids["west"], "day": "2020-01-01"})
    assert refused.status_code == 422
    assert desk.post("/desk/plans", data=token | {"day": day.isoformat()}).status_code == 422


def test_a_station_sees_its_own_part_of_the_districts_plan_and_cannot_send_it(site, town, day, scene):
    town.open_order(item="errand", starts=midnight(day) + timedelta(hours=11), hours=1, office=town.ids["neighbour"])
    run, _ = planned(town, day)
    page = town.browser(site, town.coordinator(town.ids["station"])).get(f"/desk/plans/{run.id}").text
    assert "别处的单子" in page and "还有别的站点的" in page
    assert "/publication" not in page and "/discarding" not in page


def test_who_only_watches_reads_no_names(site, town, day, scene):
    run, _ = planned(town, day)
    page = town.browser(site, town.supervisor()).get(f"/desk/plans/{run.id}").text
    assert "李**" in page and "李晓梅" not in page
    assert "/publication" not in page


def test_a_volunteer_of_an_office_elsewhere_has_no_name(site, town, day):
    town.volunteer("远方人", office=town.ids["far"], on_duty=False)
    town.open_order(item="errand", starts=midnight(day) + timedelta(hours=9), hours=1)
    run, actor = planned(town, day)
    page = town.browser(site, actor).get(f"/desk/plans/{run.id}").text
    assert "别的站点的志愿者" in page and "远方人" not in page


@pytest.mark.parametrize("who", ["stranger", "volunteer", "resident", "nobody"])
def test_nobody_else_looks_or_presses(site, town, day, scene, who):
    run, _ = planned(town, day)
    actors = {
        "stranger": (lambda: town.coordinator(town.ids["east"]), 404), "volunteer": (town.volunteer, 403),
        "resident": (town.resident, 403),
    }  # fmt: skip
    make, status = actors.get(who, (None, 401))
    door = town.program(site, make()) if make else site.test_client()
    body = {"office_id": town.ids["west"], "day": day.isoformat()}
    answers = [door.post("/api/v1/day-plans", json=body)]
    answers += [door.post(f"/api/v1/day-plans/{run.id}/{noun}") for noun in ("publication", "discarding", "withdrawal")]
    assert {answer.status_code for answer in answers} == {status}
    if make:
        assert town.browser(site, make()).get(f"/desk/plans/{run.id}").status_code == status
    assert db.session.get(DispatchRun, run.id, populate_existing=True).stage == "preview"


def test_programs_have_the_same_doors(site, town, day, scene):
    _, orders, _alone = scene
    program = town.program(site, town.coordinator(town.ids["west"]))
    asked = program.post("/api/v1/day-plans", json={"office_id": town.ids["west"], "day": day.isoformat()})
    assert (asked.status_code, asked.get_json()["stage"], asked.get_json()["day"]) == (202, "preview", day.isoformat())
    run_id = asked.get_json()["id"]
    detail = program.get(f"/api/v1/dispatch-runs/{run_id}").get_json()
    assert {one["order"] for one in detail["proposals"]} == {order.id for order in orders}
    assert program.post(f"/api/v1/day-plans/{run_id}/publication").get_json()["stage"] == "published"
    assert program.post(f"/api/v1/day-plans/{run_id}/publication").status_code == 409
    assert program.post(f"/api/v1/day-plans/{run_id}/withdrawal").get_json()["counts"]["undone"] == 2
    past = {"office_id": town.ids["west"], "day": "2020-01-01"}
    assert program.post("/api/v1/day-plans", json=past).status_code == 422


def test_a_plan_that_waits_is_an_alert_on_the_board_and_stands_in_the_list_of_runs(site, town, day, scene):
    run, actor = planned(town, day)
    desk = town.browser(site, actor)
    assert "安排等您看" in desk.get("/board").text
    assert f"/desk/plans/{run.id}" in desk.get("/desk/runs").text
    service.discard(run.id, actor=actor)
    assert "安排等您看" not in desk.get("/board").text


def test_the_pages_speak_english_too(site, town, day, scene):
    run, actor = planned(town, day)
    desk = town.browser(site, actor)
    token = csrf_of(desk.get("/desk/days", follow_redirects=True).text)
    desk.post("/language", data={"csrf_token": token, "language": "en"})
    assert "Start planning" in desk.get(f"/desk/days/{day}").text
    page = desk.get(f"/desk/plans/{run.id}").text
    assert "Publish and invite" in page and "Proven" in page
    assert "这一天" not in page and "志愿者的一天" not in page and "已证明" not in page


def test_publishing_that_stopped_half_way_can_be_gone_on_with_or_taken_back(site, town, day, scene):
    run, actor = planned(town, day)
    publishing.begin(run.id, actor=actor)
    desk = town.browser(site, actor)
    assert "正在一个一个地发出邀请" in desk.get(f"/desk/plans/{run.id}").text
    advance(minutes=10)
    page = desk.get(f"/desk/plans/{run.id}").text
    assert "接着发" in page and "发到一半停了" in page
    token = {"csrf_token": csrf_of(page)}
    assert "发出 2 个邀请" in desk.post(f"/desk/plans/{run.id}/publication", data=token, follow_redirects=True).text
