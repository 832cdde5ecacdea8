"""An order opened again more than once."""

from __future__ import annotations

from datetime import timedelta

from app.kernel import clock
from app.rating import service as rating
from app.serving import service as serving
from models import Assignment, Position, db
from models.states import OrderStatus
from tests.factories import World
from tests.serving.steps import fresh


def free_places(order) -> int:
    held = db.session.query(Assignment).filter_by(order_id=order.id, status="confirmed").count()
    return db.session.query(Position).filter_by(order_id=order.id).count() - held


def test_an_order_for_one_looks_for_one_however_often_it_is_opened_again(world: World) -> None:
    resident = world.resident()
    order = world.open_order(resident, item="errand", hours=1, window_until=clock.now() + timedelta(days=2))
    for name in ("甲", "乙", "丙"):
        volunteer = world.volunteer(name)
        task = serving.claim(order.id, actor=volunteer)
        clock.advance(task.starts_at - clock.now())
        serving.check_in(task.id, actor=volunteer, code=fresh(order).start_code)
        clock.advance(timedelta(minutes=30))
        serving.check_out(task.id, actor=volunteer)
        assert fresh(order).status == OrderStatus.SERVED

        rating.reopen(order.id, "没做完", actor=resident)

        assert fresh(order).status == OrderStatus.OPEN and free_places(order) == 1
