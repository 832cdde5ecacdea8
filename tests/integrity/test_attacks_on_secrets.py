"""What somebody would try to learn where people live and what was said of them. One test an attack that once worked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel import clock
from app.ordering import service as ordering
from app.rating import service as rating
from app.serving import openings
from app.serving import service as serving
from models import Order, Volunteer, db
from tests.integrity.attackers import changed, dual
from tests.serving.steps import fresh, offered, profile, served


def test_an_address_is_not_found_by_measuring_from_many_places(town, site):
    """Homes can be moved and radiuses turned: the distance told must not follow the exact door."""
    one, other = town.open_order(), town.open_order()
    door = (one.lat + 0.0004, one.lon + 0.0004)  # some 60 m away
    changed(Order, other.id, lat=door[0], lon=door[1])
    told = set()
    for north in (0.6, 1.1, 2.3):
        volunteer = town.volunteer(north_km=north)
        rows = town.program(site, volunteer).get("/api/v1/open-orders?within=5000").json
        told.add(len({row["distance_m"] for row in rows}))
        assert len(rows) == 2
    assert told == {1}, "two doors of one block are the same distance away"


def test_the_radius_of_the_search_is_no_ruler(town):
    volunteer, order = profile(town.volunteer(north_km=1.6)), town.open_order()
    [shown] = openings.open_orders(volunteer)
    edge = shown.distance_m
    for north in (-0.0004, 0, 0.0004):
        changed(Order, order.id, lat=town.station.lat + north)
        found = [len(openings.open_orders(volunteer, within_m=edge + more)) for more in (-1, 0)]
        assert found == [0, 1], "the same for every door of the block"
        changed(Volunteer, volunteer.id, radius_m=edge)
        assert openings.demand(fresh(volunteer)).asked == 1


def test_an_offer_tells_programs_a_rounded_distance(town, site):
    volunteer = town.volunteer()
    offer = offered(town.open_order(), volunteer)
    changed(type(offer), offer.id, distance_m=517)
    program = town.program(site, volunteer)
    assert program.get(f"/api/v1/offers/{offer.id}").json["distance_m"] == 500
    assert program.get("/api/v1/offers").json[0]["distance_m"] == 500


@pytest.mark.parametrize("hours", [23, 25])
def test_both_doors_forget_the_address_at_the_same_moment(town, site, hours):
    volunteer, order = town.volunteer(), town.open_order(hours=4)
    assignment = served(order, volunteer, minutes=30)
    clock.advance(timedelta(hours=hours))
    program = town.program(site, volunteer)
    contact = program.get(f"/api/v1/assignments/{assignment.id}").json["contact"]
    assert ("contact_phone" in program.get(f"/api/v1/orders/{order.id}").json) == (contact is not None) == (hours == 23)


def test_a_volunteer_who_was_only_asked_reads_no_ratings(town, site):
    asked, came, resident = town.volunteer("甲"), town.volunteer("乙"), town.resident()
    order = town.open_order(resident)
    dispatch_offer = offered(order, asked)
    serving.decline(dispatch_offer.id, actor=asked)
    assignment = served(order, came)
    rating.rate(order.id, actor=resident, stars=2, words="来晚了")
    rating.speak(assignment.id, actor=came, stars=3, words="门不好找")
    path = f"/api/v1/orders/{order.id}/ratings"
    assert town.program(site, asked).get(path).json == []
    assert len(town.program(site, came).get(path).json) == 2
    assert len(town.program(site, resident).get(path).json) == 2


def test_a_resident_does_not_hear_that_the_volunteer_complained(town, site):
    volunteer, resident, desk = town.volunteer(), town.resident(), town.coordinator()
    order = town.open_order(resident)
    assignment = served(order, volunteer)
    rating.rate(order.id, actor=resident, stars=3)
    rating.speak(assignment.id, actor=volunteer, stars=1, words="有狗")
    from models import FollowUp

    row = db.session.scalars(select(FollowUp)).one()
    rating.resolve_follow_up(row.id, "已经提醒居民拴好狗", actor=desk)
    assert "拴好狗" not in town.browser(site, resident).get(f"/orders/{order.id}/rating").text


def test_who_only_watches_reads_as_little_by_program_as_on_the_page(town, site):
    watcher, desk, volunteer = town.supervisor(), town.coordinator(name="欧阳修远"), town.volunteer()
    order = town.open_order()
    ordering.note(order.id, "备注里写了病情", actor=desk)
    assignment = served(order, volunteer, lat=31.0, lon=121.0)
    rating.rate(order.id, actor=desk, stars=1, words="评价里写了名字")
    rating.enter_hours(assignment.id, 30, "时长的原因", actor=desk)
    from models import FollowUp

    row = db.session.scalars(select(FollowUp)).one()
    changed(Order, order.id, reason="单子的原因")
    program = town.program(site, watcher)
    paths = (f"orders/{order.id}", f"orders/{order.id}/events", f"orders/{order.id}/ratings", "follow-ups", "hours")
    told = "".join(program.get(f"/api/v1/{path}").get_data(as_text=True) for path in paths)
    for word in ("备注里写了病情", "欧阳修远", "评价里写了名字", "时长的原因", "单子的原因"):
        assert word not in told
    assert row.cause in told
    by_desk = "".join(town.program(site, desk).get(f"/api/v1/{path}").get_data(as_text=True) for path in paths)
    for word in ("备注里写了病情", "欧阳修远", "评价里写了名字", "时长的原因", "单子的原因"):
        assert word in by_desk


def test_a_coordinator_of_one_place_reads_no_words_where_she_only_watches(town, site):
    person = dual(town.coordinator().account_id, "supervisor", town.ids["far"])
    order = town.open_order(office=town.ids["far"], approve=False, words="我一个人住在三楼")
    page = town.browser(site, person).get("/desk/review").text
    assert "我一个人住在三楼" not in page
    assert order.id not in page
