"""Steps that tests of day plans take again and again."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event

from app.dispatching import service
from app.kernel.clock import midnight, today
from models import DispatchRun, db


def day():
    return today() + timedelta(days=1)


def at(hour, minute=0):
    """A time of tomorrow."""
    return midnight(day()) + timedelta(hours=hour, minutes=minute)


def plan(world, actor=None, office="city", when=None):
    """A plan for tomorrow, worked out and waiting for somebody's look."""
    actor = actor or world.coordinator(world.ids[office])
    return service.plan_day(world.ids[office], when or day(), actor=actor), actor


def two_in_sequence(world, **more):
    """One volunteer, and two orders one after the other."""
    volunteer = world.volunteer(on_duty=False, **more)
    return volunteer, [world.open_order(starts=at(hour), hours=1, item="errand") for hour in (9, 14)]


def stage(run):
    db.session.rollback()
    return db.session.get(DispatchRun, run.id, populate_existing=True).stage


@contextmanager
def just_after(app, words, act):
    """Once the next statement with these words has been read, somebody else acts, in a session of their own."""
    left = [act]

    def read(_connection, _cursor, statement, *_more):
        if left and words in statement:
            with app.app_context():
                left.pop()()

    event.listen(db.engine, "after_cursor_execute", read)
    try:
        yield
    finally:
        event.remove(db.engine, "after_cursor_execute", read)
    assert not left
