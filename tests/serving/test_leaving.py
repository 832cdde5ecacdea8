"""Giving a task back, an order called off, nobody comes: who is told, who is asked next, what the clock does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel import clock, errors
from app.kernel.access import SYSTEM
from app.ordering import service as ordering
from app.serving import service as serving
from models import Event, Notification, Offer, db
from models.kinds import EventKind, NoticeKind, OfferOrigin
from models.states import AssignmentStatus, OfferStatus, OrderStatus
from tests.factories import World, advance
from tests.serving.steps import arrived, fresh, offered, taken


def notices(actor) -> list[str]:
    return list(db.session.scalars(select(Notification.kind).filter_by(account_id=actor.account_id)))


def test_a_task_given_back_in_time_asks_the_reserve_first(world: World) -> None:
    resident, first, reserve = world.resident(), world.volunteer("李快"), world.volunteer("王慢")
    order = world.open_order(resident)
    late_offer = offered(order, reserve)
    assignment = taken(order, first)
    with pytest.raises(errors.AlreadyTaken):
        serving.accept(late_offer.id, actor=reserve)

    serving.hand_back(assignment.id, "孩子发烧了", actor=first)
    serving.hand_back(assignment.id, "孩子发烧了", actor=first)

    assert fresh(assignment).status == AssignmentStatus.HANDED_BACK
    asked = db.session.scalars(select(Offer).filter_by(order_id=order.id, status=OfferStatus.SENT)).one()
    assert (asked.volunteer_id, asked.origin) == (reserve.volunteer_id, OfferOrigin.RESERVE)
    assert fresh(order).status == OrderStatus.OFFERING
    assert order.staffed_at is None
    assert NoticeKind.VOLUNTEER_LEFT in notices(resident)
    assert NoticeKind.RESERVE_ASKED in notices(reserve)
    assert serving.accept(asked.id, actor=reserve).status == AssignmentStatus.ACCEPTED
    assert fresh(order).status == OrderStatus.STAFFED


def test_a_task_cannot_be_given_back_once_it_has_begun(town: World) -> None:
    volunteer = town.volunteer()
    assignment = arrived(town.open_order(), volunteer)
    with pytest.raises(errors.WrongState):
        serving.hand_back(assignment.id, "累了", actor=volunteer)


def test_giving_back_late_is_written_down_as_late(town: World) -> None:
    volunteer, desk = town.volunteer(), town.coordinator()
    order = town.open_order(window_until=clock.now() + timedelta(days=1, hours=8))
    assignment = taken(order, volunteer)
    clock.advance(order.window_from - clock.now())
    serving.hand_back(assignment.id, "堵车", actor=volunteer)
    event = db.session.scalars(select(Event).filter_by(kind=EventKind.ASSIGNMENT_HAND_BACK)).one()
    assert event.particulars == {"late": True}
    assert NoticeKind.VOLUNTEER_LEFT in notices(desk)


def test_an_order_called_off_frees_and_tells_its_volunteers(world: World) -> None:
    resident, volunteer = world.resident(), world.volunteer()
    order = world.open_order(resident)
    assignment = taken(order, volunteer)
    ordering.cancel(order.id, "好了，不用来了", actor=resident)
    assert fresh(assignment).status == AssignmentStatus.CANCELLED
    assert NoticeKind.ORDER_CANCELLED in notices(volunteer)
    other = world.open_order()
    assert taken(other, volunteer).status == AssignmentStatus.ACCEPTED  # the time is free again


def test_the_desk_takes_one_volunteer_off_and_the_order_goes_on(town: World) -> None:
    desk, volunteer = town.coordinator(), town.volunteer()
    order = town.open_order()
    assignment = taken(order, volunteer)
    serving.cancel_by_desk(assignment.id, "换人", actor=desk)
    assert fresh(assignment).status == AssignmentStatus.CANCELLED
    assert fresh(order).status in (OrderStatus.OPEN, OrderStatus.OFFERING)


def test_nobody_checked_in_alerts_the_desk_again_and_again_but_ever_less(town: World) -> None:
    desk, volunteer = town.coordinator(), town.volunteer()
    order = town.open_order()
    taken(order, volunteer)
    serving.late(order.id)
    assert notices(desk) == []  # not due yet
    gaps = []
    for _ in range(3):
        clock.advance(order.next_action_at - clock.now())
        serving.late(order.id)
        gaps.append(fresh(order).next_action_at - clock.now())
    assert notices(desk) == [NoticeKind.ORDER_LATE] * 3
    assert gaps == sorted(gaps) and gaps[0] < gaps[-1] <= timedelta(days=1)
    assert order.status == OrderStatus.STAFFED  # the clock decides nothing


def test_nobody_checked_out_alerts_the_desk(town: World) -> None:
    desk, volunteer = town.coordinator(), town.volunteer()
    order = town.open_order()
    arrived(order, volunteer)
    clock.advance(fresh(order).next_action_at - clock.now())
    serving.overdue(order.id)
    serving.overdue(order.id)
    assert notices(desk) == [NoticeKind.ORDER_LATE]


def test_a_no_show_is_the_desks_finding_and_only_after_the_start(world: World) -> None:
    desk, volunteer = world.coordinator(), world.volunteer()
    order = world.open_order()
    assignment = taken(order, volunteer)
    with pytest.raises(errors.TooEarly):
        serving.mark_no_show(assignment.id, actor=desk)
    clock.advance(order.window_from - clock.now() + timedelta(minutes=40))
    serving.mark_no_show(assignment.id, actor=desk)
    assert fresh(assignment).status == AssignmentStatus.NO_SHOW
    assert fresh(order).status == OrderStatus.NO_SHOW


def test_with_time_left_a_no_show_opens_the_order_again(town: World) -> None:
    desk, volunteer = town.coordinator(), town.volunteer()
    order = town.open_order(window_until=clock.now() + timedelta(days=1, hours=9))
    assignment = taken(order, volunteer)
    clock.advance(order.window_from - clock.now() + timedelta(minutes=40))
    serving.mark_no_show(assignment.id, actor=desk)
    assert fresh(order).status == OrderStatus.OPEN


def test_a_no_show_beside_somebody_who_came_leaves_the_order_served(town: World) -> None:
    desk, one, two = town.coordinator(), town.volunteer("一"), town.volunteer("二")
    order = town.open_order(positions=2)
    came, missed = taken(order, one), taken(order, two)
    clock.advance(order.window_from - clock.now())
    serving.check_in(came.id, actor=one, code="4821")
    advance(hours=1)
    serving.check_out(came.id, actor=one)
    assert fresh(order).status == OrderStatus.SERVING
    serving.mark_no_show(missed.id, actor=desk)
    assert fresh(order).status == OrderStatus.SERVED


def test_the_last_one_expected_gives_back_and_what_was_done_counts_as_the_whole(world: World) -> None:
    resident, one, two = world.resident(), world.volunteer("一"), world.volunteer("二")
    order = world.open_order(resident, positions=2)
    came, late = taken(order, one), taken(order, two)
    clock.advance(order.window_from - clock.now())
    serving.check_in(came.id, actor=one, code="4821")
    advance(hours=1)
    serving.check_out(came.id, actor=one)
    assert fresh(order).status == OrderStatus.SERVING

    serving.hand_back(late.id, "堵车", actor=two)

    assert fresh(late).status == AssignmentStatus.HANDED_BACK
    assert (fresh(order).status, order.served_at) == (OrderStatus.SERVED, clock.now())
    assert NoticeKind.VOLUNTEER_LEFT in notices(resident)


def test_starting_with_a_place_open_takes_back_the_offers_for_it(town: World) -> None:
    one, two = town.volunteer("一"), town.volunteer("二")
    order = town.open_order(positions=2)
    offer = offered(order, two, ends_at=order.window_until)
    came = taken(order, one)
    clock.advance(order.window_from - clock.now() - timedelta(minutes=30))
    serving.check_in(came.id, actor=one, code="4821")
    assert fresh(offer).status != OfferStatus.SENT
    assert fresh(order).status == OrderStatus.SERVING


def test_after_a_cancelled_order_a_late_yes_is_over_and_no_reserve_is_kept(town: World) -> None:
    volunteer = town.volunteer()
    order = town.open_order()
    offer = offered(order, volunteer)
    ordering.cancel(order.id, "不用了", actor=SYSTEM)
    with pytest.raises(errors.OfferOver):
        serving.accept(offer.id, actor=volunteer)
    with pytest.raises(errors.WrongState):
        serving.keep_reserve(order.id, actor=volunteer)
