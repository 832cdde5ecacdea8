"""What is asked too early, too late, or of an order that is none: refused, and nobody is told of anything."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel import clock
from app.kernel.errors import NotFound, TooEarly, WrongState
from app.ordering import service
from models import Notification, db
from models.kinds import NoticeKind
from models.states import AssignmentStatus, OrderStatus
from tests.ordering.wishes import events_of, wish
from tests.serving.steps import arrived, fresh, taken


def told(actor):
    return db.session.scalars(select(Notification.kind).filter_by(account_id=actor.account_id)).all()


def test_before_the_agreed_time_nobody_is_missing_yet(world):
    resident, desk = world.resident(), world.coordinator()
    order = world.open_order(resident)
    taken(order, world.volunteer())
    clock.advance(order.window_from - clock.now() - timedelta(seconds=1))
    before = len(events_of(order))
    with pytest.raises(TooEarly):
        service.ask_after(order.id, actor=resident)
    assert len(events_of(order)) == before and told(desk) == []
    clock.advance(timedelta(seconds=1))
    service.ask_after(order.id, actor=resident)
    assert told(desk) == [NoticeKind.ESCALATED]


def test_an_order_is_not_merged_into_one_that_does_not_exist(world):
    order = service.place(actor=world.resident(), **wish(world))
    with pytest.raises(NotFound):
        service.merge(order.id, "nothing", actor=world.coordinator())
    assert fresh(order).status == OrderStatus.SUBMITTED and len(events_of(order)) == 1


def test_a_service_under_way_is_not_handed_to_another_office(world):
    li, desk, there = world.volunteer(), world.coordinator(), world.coordinator(world.ids["neighbour"])
    order = world.open_order()
    assignment = arrived(order, li)
    with pytest.raises(WrongState):
        service.transfer(order.id, world.ids["neighbour"], "归那边管", actor=desk)
    assert (fresh(order).status, order.office_id) == (OrderStatus.SERVING, world.ids["station"])
    assert fresh(assignment).status == AssignmentStatus.CHECKED_IN
    assert NoticeKind.ORDER_CANCELLED not in told(li) and told(there) == []
