"""The migration of the outbox goes both ways with rows in the tables."""

from __future__ import annotations

from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text

from app.config import ROOT
from app.connections import spreading
from app.people import api_keys
from models import Notification, Outbox, db
from models.kinds import NoticeKind, Scope
from tests.connections.test_outbox import endpoint, notice

FOLDER = str(ROOT / "migrations")


def test_notices_survive_and_have_an_outbox_row_again(world):
    administrator, resident = world.administrator(), world.resident()
    endpoint(world, administrator)
    api_keys.issue(world.ids["city"], "热线", [Scope.BOARD_READ], 30, actor=administrator)
    notice(resident, NoticeKind.ORDER_APPROVED, world.open_order(resident))
    notice(resident, NoticeKind.ALARM)
    spreading.spread()
    kept = db.session.scalar(select(Notification.id).where(Notification.order_id.is_not(None)))
    db.session.remove()
    downgrade(directory=FOLDER, revision="0003")
    with db.engine.connect() as connection:
        assert connection.scalars(text("SELECT id FROM notification")).all() == [kept]
    upgrade(directory=FOLDER)
    (row,) = db.session.scalars(select(Outbox)).all()
    assert row.notification_id == kept
    assert row.office_id == world.ids["station"]
    assert row.spread_at == row.created_at, "its inbox line was all it was for"
    notice(resident, NoticeKind.SECURITY)
