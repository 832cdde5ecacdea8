"""The desk's lists, and that the number of queries does not grow with what they show."""

from datetime import timedelta

import pytest

from app.kernel.clock import now
from app.oversight import volunteers
from app.rating import service as rating
from models import Order, db
from models.states import OrderMove
from tests.factories import advance, csrf_of
from tests.oversight.scenes import Counted, desk, moved, text
from tests.serving.steps import arrived, offered, served, taken

PAGES = ("/board", "/board/points.json", "/desk/review", "/desk/people", "/desk/figures", "/api/v1/board",
         "/api/v1/alerts", "/api/v1/volunteers", "/api/v1/figures")  # fmt: skip
MOST_QUERIES = 40


def crowd(town, number):
    """Orders in every waiting state, offers out, visits under way, people on duty."""
    resident = town.resident()
    for n in range(number):
        order = town.open_order(resident, approve=n % 4 != 0, title=f"单{n}", starts=now() + timedelta(hours=n % 30))
        if n % 4 == 1:
            offered(order, town.volunteer(f"志{n}"))
        if n % 20 == 2:
            taken(order, town.volunteer(f"愿{n}"))
        if n % 10 == 3:
            moved(order, OrderMove.GIVE_UP)


@pytest.mark.slow
def test_two_hundred_orders_cost_as_many_queries_as_fifty(town, site):
    client = desk(town, site)

    def cost():
        found = {}
        for path in PAGES:
            db.session.remove()
            with Counted() as counted:
                client.get(path)
            found[path] = counted.number
        return found

    crowd(town, 50)
    cost()  # a browser's first visit also writes its session
    few = cost()
    crowd(town, 150)
    many = cost()
    assert many == few
    assert max(many.values()) <= MOST_QUERIES, many


def test_the_page_of_an_order_does_not_ask_more_for_more_offers_and_visits(town, site):
    client, order_id = desk(town, site), town.open_order(positions=9).id

    def cost(*numbers):
        for n in numbers:
            taken(db.session.get(Order, order_id), town.volunteer(f"甲{n}"))
            offered(db.session.get(Order, order_id), town.volunteer(f"乙{n}"))
        db.session.remove()
        with Counted() as counted:
            text(client, f"/desk/orders/{order_id}")
        return counted.number

    cost(0)
    few = cost(1)
    assert cost(2, 3, 4, 5) == few


# ---------- review, follow-ups, hours ----------


def test_orders_to_review_are_approved_from_the_list(town, site):
    client, order = desk(town, site), town.open_order(approve=False, title="等一等")
    page = text(client, "/desk/review")
    assert "等一等" in page
    token = csrf_of(page)
    answer = client.post(f"/desk/orders/{order.id}/approval", data={"csrf_token": token, "_next": "/desk/review"})
    assert answer.location == "/desk/review"
    assert f"review-{order.id}" not in text(client, "/desk/review")


def test_a_follow_up_is_resolved_from_the_list_and_kept_among_the_done(town, site):
    resident = town.resident()
    order = town.open_order(resident)
    served(order, town.volunteer())
    rating.rate(order.id, actor=resident, stars=1, words="来晚了")
    client = desk(town, site)
    page = text(client, "/desk/follow-ups")
    assert "来晚了" in page and "评价不满意" in page
    door = page.split('action="/desk/follow-ups/')[1].split('"')[0]
    data = {"csrf_token": csrf_of(page), "resolution": "道了歉"}
    assert client.post(f"/desk/follow-ups/{door}", data=data).status_code == 303
    assert "来晚了" not in text(client, "/desk/follow-ups")
    assert "道了歉" in text(client, "/desk/follow-ups?show=done")
    assert "来晚了" not in text(desk(town, site, town.supervisor()), "/desk/follow-ups?show=done")


def test_whoever_vouched_for_hours_is_offered_no_button_and_a_colleague_is(town, site):
    me, colleague = town.coordinator(), town.coordinator(name="赵强")
    from app.serving import service as serving

    assignment = arrived(town.open_order(), town.volunteer())
    advance(minutes=30)
    serving.vouch_check_out(assignment.id, actor=me)
    assert "请同事审核" in text(desk(town, site, me), "/desk/hours")
    assert "/approval" not in text(desk(town, site, me), "/desk/hours")
    client = desk(town, site, colleague)
    page = text(client, "/desk/hours")
    door = page.split('action="/desk/hours/')[1].split('"')[0]
    assert client.post(f"/desk/hours/{door}", data={"csrf_token": csrf_of(page)}).status_code == 303
    assert "没有要审核的时长" in text(client, "/desk/hours")
    assert "/approval" not in text(desk(town, site, town.supervisor()), "/desk/hours")


# ---------- people ----------


def test_a_volunteer_is_verified_by_the_station(town, site):
    volunteer = town.volunteer("新来的", is_verified=False)
    client, path = desk(town, site), f"/desk/people/{volunteer.volunteer_id}"
    assert "新来的" in text(client, "/desk/people?show=unverified")
    data = {"csrf_token": csrf_of(text(client, path))}
    assert client.post(f"{path}/verification", data=data).status_code == 303
    assert "已核实" in text(client, path)
    assert path not in text(client, "/desk/people?show=unverified")


def test_a_sibling_or_a_supervisor_verifies_nobody(town, site):
    volunteer = town.volunteer()
    path = f"/desk/people/{volunteer.volunteer_id}/verification"
    for actor, status in ((town.coordinator(town.ids["neighbour"]), 404), (town.supervisor(), 403)):
        client = desk(town, site, actor)
        data = {"csrf_token": csrf_of(text(client, "/desk/people"))}
        assert client.post(path, data=data).status_code == status
    assert "verification" not in text(desk(town, site, town.supervisor()), f"/desk/people/{volunteer.volunteer_id}")


def test_people_are_found_by_name_team_and_skill(town, site):
    town.volunteer("李晓梅", skills=("escort",), team="银龄队")
    town.volunteer("陈立", skills=("haircut",), on_duty=False)
    client = desk(town, site)

    def found(query):
        page = text(client, f"/desk/people?{query}")
        return {name for name in ("李晓梅", "陈立") if name in page}

    assert found("") == {"李晓梅", "陈立"}
    assert found("q=晓") == {"李晓梅"}
    assert found("q=银龄") == {"李晓梅"}
    assert found("skill=haircut") == {"陈立"}
    assert found("show=on_duty") == {"李晓梅"}
    assert found("skill=nonsense") == set()


def test_the_month_counts_invitations_answers_visits_and_hours(town):
    volunteer = town.volunteer()
    served(town.open_order(), volunteer, minutes=60)
    offered(town.open_order(starts=now() + timedelta(days=2)), volunteer)
    month = volunteers.months([volunteer.volunteer_id])[volunteer.volunteer_id]
    assert (month.asked, month.accepted, month.visits, month.minutes) == (2, 1, 1, 60)


def test_a_volunteer_is_looked_for_from_the_order(town, site):
    order, volunteer = town.open_order(), town.volunteer()
    page = text(desk(town, site), f"/desk/people?order={order.id}")
    assert f"/desk/orders/{order.id}?volunteer={volunteer.volunteer_id}" in page
    other = town.open_order(office=town.ids["neighbour"])
    assert desk(town, site).get(f"/desk/people?order={other.id}").status_code == 404


# ---------- the map's ground ----------


def test_outlines_are_those_of_the_districts_looked_at_with_a_place_for_the_name(town, site):
    from app.demo import outlines
    from app.demo.outlines import District

    square = ((120.0, 30.0), (120.1, 30.0), (120.1, 30.1), (120.0, 30.0))
    drawn = [District(code, name, (120.05, 30.05), ((square,),)) for code, name in (("1", "西区"), ("2", "东区"))]
    outlines.write(site.instance_path, drawn)

    def found(office):
        answer = desk(town, site, town.coordinator(town.ids[office])).get("/board/outlines.json")
        return [one["properties"] for one in answer.get_json()["features"]]

    assert found("station") == [{"name": "西区", "label": [120.05, 30.05]}]
    assert [one["name"] for one in found("city")] == ["西区", "东区"]
