"""Every alert comes up with its cause and goes with it."""

from datetime import timedelta

from flask import current_app

from app.kernel.access import SYSTEM
from app.kernel.clock import now
from app.ordering import service as ordering
from app.oversight.board import alerts, queries
from app.oversight.scope import scope_of
from app.rating import service as rating
from app.serving import service as serving
from models import db
from models.states import OrderMove
from tests.factories import advance
from tests.oversight.scenes import desk, moved, put, text
from tests.serving.steps import arrived, served, taken


def raised(actor):
    """The alerts that have something to say, with their numbers; the orders here all lie at their station's door."""
    db.session.expire_all()
    scope = scope_of(actor)
    with current_app.test_request_context():
        found = alerts.alerts(scope, queries.waiting(scope))
        return {one.code: one.count for one in found if one.count and one.code != "rough_place"}


def test_an_order_nobody_reviewed_in_time(town):
    desk_actor, order = town.coordinator(), town.open_order(approve=False, starts=now() + timedelta(days=9))
    assert raised(desk_actor) == {}
    advance(minutes=1440)
    assert raised(desk_actor) == {"review_late": 1}
    put(order, window_from=now(), window_until=now().replace(year=2027))
    ordering.approve(order.id, actor=desk_actor)
    assert "review_late" not in raised(desk_actor)


def test_a_returned_order_that_comes_back_is_given_the_whole_time_again(town):
    resident, desk_actor = town.resident(), town.coordinator()
    order = town.open_order(resident, approve=False, starts=now() + timedelta(days=9))
    ordering.send_back(order.id, "请写清楚", actor=desk_actor)
    advance(minutes=1440)
    ordering.resubmit(order.id, actor=resident)
    assert raised(desk_actor) == {}
    advance(minutes=1440)
    assert raised(desk_actor) == {"review_late": 1}


def test_an_order_that_waits_too_long(town):
    desk_actor, order = town.coordinator(), town.open_order()
    advance(minutes=119)
    assert raised(desk_actor) == {}
    advance(minutes=1)
    assert raised(desk_actor) == {"waiting_long": 1}
    taken(order, town.volunteer())
    assert raised(desk_actor) == {}


def test_an_order_nobody_was_found_for(town):
    desk_actor, order = town.coordinator(), town.open_order()
    moved(order, OrderMove.GIVE_UP)
    assert raised(desk_actor) == {"unfilled": 1}
    ordering.cancel(order.id, "不需要了", actor=desk_actor)
    assert raised(desk_actor) == {}


def test_an_escalated_order_is_an_alert_of_the_office_it_came_to(town):
    from app.dispatching import service as dispatching

    above, here = town.coordinator(town.ids["street"]), town.coordinator()
    order = town.open_order()
    dispatching.escalate(order.id, actor=SYSTEM)
    assert raised(above) == {"escalated": 1}
    assert raised(here) == {}
    taken(order, town.volunteer())
    assert raised(above) == {}


def test_a_volunteer_who_does_not_come(town):
    desk_actor, order, volunteer = town.coordinator(), town.open_order(), town.volunteer()
    assignment = taken(order, volunteer)
    advance(minutes=24 * 60 + 29)
    assert "not_arrived" not in raised(desk_actor)
    advance(minutes=1)
    assert raised(desk_actor) == {"not_arrived": 1}
    assert alerts.late_visits(scope_of(desk_actor))["not_arrived"] == [assignment.id]
    serving.vouch_check_in(assignment.id, actor=desk_actor)
    assert raised(desk_actor) == {}


def test_a_volunteer_who_does_not_check_out(town):
    desk_actor, order, volunteer = town.coordinator(), town.open_order(), town.volunteer()
    assignment = arrived(order, volunteer)
    advance(minutes=120 + 59)
    assert raised(desk_actor) == {}
    advance(minutes=1)
    assert raised(desk_actor) == {"not_left": 1}
    serving.check_out(assignment.id, actor=volunteer)
    assert "not_left" not in raised(desk_actor)


def test_a_follow_up_and_hours_that_wait_for_somebody(town):
    desk_actor, other, resident = town.coordinator(), town.coordinator(name="赵强"), town.resident()
    order, volunteer = town.open_order(resident), town.volunteer()
    assignment = arrived(order, volunteer)
    advance(minutes=60)
    serving.vouch_check_out(assignment.id, actor=desk_actor)
    rating.rate(order.id, actor=resident, stars=1)
    assert raised(desk_actor) == {"follow_up": 1, "hours": 1}
    rating.resolve_follow_up(order_follow_up(order), "打过电话，说清楚了", actor=desk_actor)
    assert raised(desk_actor) == {"hours": 1}
    rating.approve_hours(pending(), actor=other)
    assert raised(desk_actor) == {}


def order_follow_up(order):
    from models import FollowUp

    return db.session.query(FollowUp.id).filter_by(order_id=order.id).scalar()


def pending():
    from models import HoursEntry

    return db.session.query(HoursEntry.id).filter_by(status="pending").scalar()


def test_alerts_of_an_office_next_door_are_not_ours(town):
    moved(town.open_order(office=town.ids["neighbour"]), OrderMove.GIVE_UP)
    assert raised(town.coordinator()) == {}


def test_the_board_shows_an_alert_and_its_link_narrows_the_list_to_it(town, site):
    moved(town.open_order(title="没人来"), OrderMove.GIVE_UP)
    town.open_order(title="刚点的")
    client = desk(town, site)
    assert "alert=unfilled" in text(client, "/board")
    page = text(client, "/board?alert=unfilled")
    assert page.count('class="queue-row late"') == 1 and "没人来" in page
    found = {row["code"]: row["count"] for row in client.get("/api/v1/alerts").get_json()}
    assert found["unfilled"] == 1 and found["waiting_long"] == 0


def test_a_visit_that_ended_well_raises_nothing(town):
    desk_actor = town.coordinator()
    served(town.open_order(), town.volunteer())
    assert raised(desk_actor) == {}
    assert queries.counts(scope_of(desk_actor))["served_today"] == 1


def test_the_time_to_begin_has_passed_and_nobody_said_yes(town):
    desk_actor, order = town.coordinator(), town.open_order(hours=3, duration_minutes=60)
    advance(hours=26)
    assert "late" in raised(desk_actor)
    ordering.cancel(order.id, "不需要了", actor=desk_actor)
    assert "late" not in raised(desk_actor)


def test_a_volunteer_who_has_not_set_out_in_time_will_be_late(town, site):
    desk_actor, order = town.coordinator(), town.open_order()
    person = town.volunteer("李晓")
    assignment = taken(order, person)
    advance(hours=23, minutes=52)
    assert "will_be_late" not in raised(desk_actor)
    advance(minutes=1)
    assert raised(desk_actor) == {"will_be_late": 1}
    page = text(desk(town, site, desk_actor), "/desk/alerts/will_be_late")
    assert "李晓" in page and order.number in page
    assert "李晓" not in text(desk(town, site, town.supervisor()), "/desk/alerts/will_be_late")
    serving.depart(assignment.id, actor=person)
    assert raised(desk_actor) == {}
    advance(minutes=7)
    assert raised(desk_actor) == {"will_be_late": 1}, "the time has come, and they are still on the way"


def test_a_volunteer_who_shows_no_sign_before_a_visit_is_silent(town, site):
    desk_actor, order = town.coordinator(), town.open_order()
    person = town.volunteer()
    taken(order, person)
    advance(hours=23, minutes=10)
    assert raised(desk_actor) == {"silent": 1}
    town.program(site, person)
    assert raised(desk_actor) == {}, "they have just signed in"


def test_an_order_whose_exact_place_nobody_knows(town):
    scope = scope_of(town.coordinator())
    rough, known = town.open_order(), town.open_order(lat=30.3, lon=120.2)
    found = alerts.of_orders(scope, queries.waiting(scope))["rough_place"]
    assert [one.row.id for one in found] == [rough.id] and known.id


def test_no_list_of_an_alert_that_does_not_exist(town, site):
    assert desk(town, site).get("/desk/alerts/nonsense").status_code == 404
