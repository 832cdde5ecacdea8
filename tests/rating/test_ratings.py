"""评单: the word of each side, follow-ups, closing and opening again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.kernel import clock, errors
from app.notices.sentences import sentence
from app.ordering import service as ordering
from app.people import api_keys
from app.rating import queries
from app.rating import service as rating
from app.serving import service as serving
from models import FollowUp, Notification, Order, Rating, db
from models.kinds import Channel, NoticeKind, Outcome, Scope, Side
from models.states import AssignmentStatus, OrderStatus
from tests.factories import World
from tests.ordering.wishes import errand
from tests.serving.steps import fresh, served, taken

GOOD = {"stars": 3, "outcome": Outcome.DONE, "tags": ["on_time", "kind"], "words": "小李很细心"}


def follow_up(order) -> FollowUp:
    return db.session.scalars(select(FollowUp).filter_by(order_id=order.id)).one()


def test_a_good_mark_confirms_the_visit_and_closes_the_order(world: World) -> None:
    resident, volunteer = world.resident(), world.volunteer()
    order = world.open_order(resident)
    assignment = served(order, volunteer)

    rating.rate(order.id, actor=resident, key="r", **GOOD)
    rating.rate(order.id, actor=resident, key="r", **GOOD)

    assert fresh(order).status == OrderStatus.CLOSED
    assert order.closed_at == clock.now()
    assert fresh(assignment).status == AssignmentStatus.CONFIRMED
    row = db.session.scalars(select(Rating)).one()
    assert (row.stars, row.tags, row.words, row.side) == (3, ["on_time", "kind"], "小李很细心", Side.RESIDENT)


def test_nobody_rates_twice_or_before_the_service_or_for_others(world: World) -> None:
    resident, volunteer = world.resident(), world.volunteer()
    order = world.open_order(resident)
    with pytest.raises(errors.WrongState):
        rating.rate(order.id, actor=resident, **GOOD)
    served(order, volunteer)
    with pytest.raises(errors.NotFound):
        rating.rate(order.id, actor=world.resident("李四"), **GOOD)
    with pytest.raises(errors.NotFound):
        rating.rate(order.id, actor=volunteer, **GOOD)
    with pytest.raises(errors.NotFound):
        rating.rate(order.id, actor=world.coordinator(world.ids["far"]), **GOOD)
    rating.rate(order.id, actor=world.coordinator(), **GOOD)  # told by phone
    with pytest.raises(errors.AlreadyRated):
        rating.rate(order.id, actor=resident, **GOOD)


@pytest.mark.parametrize(
    ("stars", "outcome", "cause"),
    [(1, "done", "bad_mark"), (3, "half_done", "half_done"), (2, "not_done", "not_done"), (2, "done", None),
     (3, "no_longer_needed", None)],
)  # fmt: skip
def test_what_was_not_well_is_followed_up_before_the_order_closes(
    town: World, stars: int, outcome: str, cause: str | None
) -> None:
    resident, desk = town.resident(), town.coordinator()
    order = town.open_order(resident)
    served(order, town.volunteer())

    rating.rate(order.id, actor=resident, stars=stars, outcome=outcome, words="没修好")

    if cause is None:
        assert fresh(order).status == OrderStatus.CLOSED
        return
    assert fresh(order).status == OrderStatus.RATED
    assert follow_up(order).cause == cause
    told = db.session.scalars(select(Notification.kind).filter_by(account_id=desk.account_id)).all()
    assert NoticeKind.FOLLOW_UP in told
    rating.close_if_settled(order.id)
    assert fresh(order).status == OrderStatus.RATED
    assert order.next_action_at > clock.now()
    with pytest.raises(errors.NotFound):
        rating.resolve_follow_up(follow_up(order).id, "看过了", actor=town.coordinator(town.ids["far"]))
    rating.resolve_follow_up(follow_up(order).id, "已上门道歉并修好", actor=desk)
    assert fresh(order).status == OrderStatus.CLOSED
    with pytest.raises(errors.WrongState):
        rating.resolve_follow_up(follow_up(order).id, "又看过了", actor=desk)


def test_each_sides_word_is_hidden_until_both_have_spoken(world: World) -> None:
    resident, volunteer = world.resident(), world.volunteer()
    order = world.open_order(resident)
    assignment = served(order, volunteer)

    rating.rate(order.id, actor=resident, **GOOD)
    assert queries.about_volunteer(volunteer.volunteer_id) == []
    word = rating.speak(assignment.id, actor=volunteer, stars=3, words="王奶奶很客气", key="w")
    assert rating.speak(assignment.id, actor=volunteer, stars=3, words="王奶奶很客气", key="w").id == word.id

    assert [row.words for row in queries.about_volunteer(volunteer.volunteer_id)] == ["小李很细心"]
    with pytest.raises(errors.AlreadyRated):
        rating.speak(assignment.id, actor=volunteer, stars=1)


def test_a_word_nobody_answers_is_shown_after_seven_days(town: World) -> None:
    resident, volunteer = town.resident(), town.volunteer()
    order = town.open_order(resident)
    served(order, volunteer)
    rating.rate(order.id, actor=resident, **GOOD)
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert queries.about_volunteer(volunteer.volunteer_id) == []
    clock.advance(timedelta(seconds=1))
    assert len(queries.about_volunteer(volunteer.volunteer_id)) == 1


def test_a_volunteer_speaks_only_of_their_own_finished_visits(town: World) -> None:
    volunteer = town.volunteer()
    assignment = taken(town.open_order(), volunteer)
    with pytest.raises(errors.WrongState):
        rating.speak(assignment.id, actor=volunteer, stars=3)
    with pytest.raises(errors.NotFound):
        rating.speak(assignment.id, actor=town.volunteer("张三"), stars=3)


def test_averages_come_with_the_number_of_raters(town: World) -> None:
    volunteer = town.volunteer()
    assert queries.volunteer_average(volunteer.volunteer_id) == queries.Average(None, 0)
    for stars in (3, 2):
        resident = town.resident()
        order = town.open_order(resident, starts=clock.now() + timedelta(hours=3))
        served(order, volunteer)
        rating.rate(order.id, actor=resident, stars=stars)
    assert queries.volunteer_average(volunteer.volunteer_id) == queries.Average(None, 0)  # still hidden
    clock.advance(timedelta(days=7))
    assert queries.volunteer_average(volunteer.volunteer_id) == queries.Average(2.5, 2)
    assert queries.office_average(town.station.path) == queries.Average(2.5, 2)
    assert queries.office_average(town.far.path) == queries.Average(None, 0)


def test_residents_are_asked_twice_and_the_order_closes_unrated_after_a_week(world: World) -> None:
    resident = world.resident()
    order = world.open_order(resident)
    assignment = served(order, world.volunteer())
    waited = []
    for _ in range(3):
        rating.ask(order.id)  # harmless before its time
        clock.advance(fresh(order).next_action_at - clock.now())
        waited.append(clock.now() - order.served_at)
        rating.ask(order.id)
    assert waited == [timedelta(hours=2), timedelta(days=3), timedelta(days=7)]
    told = db.session.scalars(select(Notification.kind).filter_by(account_id=resident.account_id)).all()
    assert told.count(NoticeKind.RATING_ASKED) == 2
    assert fresh(order).status == OrderStatus.CLOSED
    assert fresh(assignment).status == AssignmentStatus.CONFIRMED


def test_for_whom_another_system_ordered_and_who_has_no_account_the_desk_is_asked_to_ring(
    site: Flask, town: World
) -> None:
    desk, volunteer = town.coordinator(), town.volunteer()
    _row, key = api_keys.issue(town.ids["west"], "热线系统", [Scope.ORDERS_WRITE], 30, actor=town.administrator())
    asked = {
        "item": "errand", "office_id": town.ids["station"], "address": "青年路 1 号", "on_behalf": True,
        "contact_name": "赵爷爷", "contact_phone": "13800001111", "as_soon": True,
    }  # fmt: skip
    hotline = {"Authorization": f"Bearer {key}"}
    assert site.test_client().post("/api/v1/orders", json=asked, headers=hotline).status_code == 201
    order = db.session.scalars(select(Order)).one()
    served(order, volunteer, minutes=30)

    clock.advance(fresh(order).next_action_at - clock.now())
    rating.ask(order.id)

    told = select(Notification.account_id).filter_by(order_id=order.id, kind=NoticeKind.RATING_ASKED)
    assert db.session.scalars(told).all() == [desk.account_id]
    assert fresh(order).rating_asks == 1 and order.next_action_at > clock.now()


def test_who_ordered_by_phone_is_rung_up_by_the_whole_desk_and_by_who_took_the_call(town: World) -> None:
    station, street = town.coordinator(), town.coordinator(town.ids["street"])
    said = errand(town, channel=Channel.PHONE, contact_name="赵爷爷", contact_phone="+8613800001111", consent=True)
    order = ordering.place(actor=street, **said)
    served(order, town.volunteer(), minutes=30)

    clock.advance(fresh(order).next_action_at - clock.now())
    rating.ask(order.id)

    told = db.session.scalars(select(Notification).filter_by(order_id=order.id, kind=NoticeKind.RATING_ASKED)).all()
    assert {notice.account_id for notice in told} == {station.account_id, street.account_id}
    assert "打电话" in sentence(told[0])


def test_auto_close_waits_for_its_time(town: World) -> None:
    order = town.open_order()
    served(order, town.volunteer())
    rating.auto_close(order.id)
    assert fresh(order).status == OrderStatus.SERVED


def test_a_low_risk_order_reopened_in_time_goes_on_at_once_with_a_fresh_place(world: World) -> None:
    resident, volunteer, next_one = world.resident(), world.volunteer(), world.volunteer("张三")
    order = world.open_order(resident, item="errand", hours=1, window_until=clock.now() + timedelta(days=1, hours=9))
    served(order, volunteer, minutes=30)
    rating.rate(order.id, actor=resident, stars=1, outcome="not_done", words="买错了")

    rating.reopen(order.id, "药买错了", actor=resident)

    assert fresh(order).status == OrderStatus.OPEN
    assert order.served_at is None and order.rating_asks == 0
    with pytest.raises(errors.WrongState):
        serving.claim(order.id, actor=volunteer)  # has served it already
    again = serving.claim(order.id, actor=next_one)
    clock.advance(again.starts_at - clock.now())
    serving.check_in(again.id, actor=next_one, code=fresh(order).start_code)
    serving.check_out(again.id, actor=next_one)
    rating.rate(order.id, actor=resident, **GOOD)
    assert fresh(order).status == OrderStatus.RATED  # the first follow-up is still open
    rating.resolve_follow_up(follow_up(order).id, "已重新买好", actor=world.coordinator())
    assert fresh(order).status == OrderStatus.CLOSED


def test_other_orders_reopened_wait_for_the_desk(town: World) -> None:
    resident = town.resident()
    order = town.open_order(resident)
    served(order, town.volunteer())
    rating.rate(order.id, actor=resident, **GOOD)
    with pytest.raises(errors.NotFound):
        rating.reopen(order.id, "没做完", actor=town.resident("李四"))
    rating.reopen(order.id, "没做完", actor=resident)
    assert fresh(order).status == OrderStatus.REOPENED
    assert follow_up(order).cause == "reopened"


def test_a_reopened_order_whose_time_is_over_gets_a_new_one_at_the_desk(world: World) -> None:
    resident, desk = world.resident(), world.coordinator()
    order = world.open_order(resident)
    served(order, world.volunteer())
    rating.rate(order.id, actor=resident, **GOOD)
    rating.reopen(order.id, "没做完", actor=resident)
    starts = clock.now() + timedelta(days=2)
    ordering.amend(order.id, actor=desk, window_from=starts, window_until=starts + timedelta(hours=4))
    ordering.approve(order.id, actor=desk)
    assert fresh(order).status == OrderStatus.OPEN
    serving.claim(order.id, actor=world.volunteer("张三"))
    with pytest.raises(errors.WrongState):  # somebody has promised this time
        ordering.amend(order.id, actor=desk, window_until=starts + timedelta(hours=6))


def test_a_dispute_holds_the_order_until_the_desk_decides(town: World) -> None:
    resident, volunteer, desk = town.resident(), town.volunteer(), town.coordinator()
    order = town.open_order(resident)
    served(order, volunteer)
    with pytest.raises(errors.NotFound):
        rating.dispute(order.id, "我不同意", actor=town.volunteer("张三"))
    rating.dispute(order.id, "说我没到，其实到了", actor=volunteer)
    assert fresh(order).status == OrderStatus.DISPUTED
    rating.resolve(order.id, "核实：按时到场", actor=desk)
    assert fresh(order).status == OrderStatus.CLOSED


def test_a_volunteer_can_question_the_record(town: World) -> None:
    volunteer = town.volunteer()
    order = town.open_order()
    assignment = served(order, volunteer)
    rating.question(assignment.id, "少记了半小时", actor=volunteer)
    assert follow_up(order).cause == "record_questioned"
    with pytest.raises(errors.NotFound):
        rating.question(assignment.id, "我也", actor=town.volunteer("张三"))
