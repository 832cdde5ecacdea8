"""Somebody's task goes to another while the order still looks for more people."""

from __future__ import annotations

from app.serving import service as serving
from models import Event, Notification, db
from models.kinds import EventKind, NoticeKind
from models.states import AssignmentStatus, OrderStatus
from tests.factories import World
from tests.serving.steps import fresh, taken


def test_one_of_two_is_replaced_while_the_other_place_is_still_open(world: World) -> None:
    desk, first, second = world.coordinator(), world.volunteer("甲"), world.volunteer("乙")
    order = world.open_order(positions=2)
    task = taken(order, first)
    assert fresh(order).status == OrderStatus.OPEN

    made = serving.move_assignment(task.id, volunteer_id=second.volunteer_id, agreed=True, actor=desk)

    assert (made.volunteer_id, fresh(order).status) == (second.volunteer_id, OrderStatus.OFFERING)
    assert fresh(task).status == AssignmentStatus.CANCELLED
    assert db.session.query(Event).filter_by(order_id=order.id, kind=EventKind.ORDER_UNSTAFF).count() == 0
    told = db.session.query(Notification.kind).filter_by(account_id=first.account_id, order_id=order.id)
    assert NoticeKind.ORDER_CANCELLED in {kind for (kind,) in told}
    assert serving.accept(made.id, actor=second).position.number == 1  # the place that was freed
