"""What is blanked when its days are over, and what stays."""

import pytest
from sqlalchemy import event, func, select, update

from app.audit.service import check
from app.integrity.invariants import broken
from app.kernel.clock import now
from app.kernel.transaction import command
from app.privacy import retention
from app.rating import service as rating
from models import (
    Assignment,
    Event,
    FollowUp,
    HoursEntry,
    Notification,
    Offer,
    Order,
    Outbox,
    Rating,
    Visit,
    db,
)
from tests.factories import advance
from tests.privacy.erasing import kept_picture
from tests.privacy.keeping import WORDS, closed_order, fresh, set_days


@command
def _spread_all():
    for row in db.session.scalars(select(Outbox)):
        row.spread_at = now()


def test_an_order_loses_who_and_where_after_its_days_and_keeps_what_and_when(world):
    order_id = closed_order(world)
    advance(days=89)
    assert retention.run()["orders"] == 0
    assert fresh(Order, order_id).words == WORDS
    advance(days=2)
    assert retention.run()["orders"] == 1
    order = fresh(Order, order_id)
    assert (order.words, order.address, order.contact_phone, order.contact_name) == ("", "", "", "—")
    assert (order.title, order.lat, order.duration_minutes) == ("escort", order.office.lat, 120)
    assert order.window_from < order.window_until <= now()
    told = db.session.scalars(select(Event).where(Event.order_id == order_id)).all()
    assert WORDS not in str([event.particulars for event in told])
    assert retention.run()["orders"] == 0
    db.session.rollback()
    assert check().ok
    assert broken(ticking=False) == {}


def test_an_order_that_is_still_open_keeps_everything(world):
    order_id = world.open_order(words=WORDS).id
    advance(days=1000)
    retention.run()
    assert fresh(Order, order_id).words == WORDS


def test_each_office_may_keep_longer(world):
    set_days(world.ids["station"], "keep_order_days", 200)
    order_id = closed_order(world)
    other_id = closed_order(world, office=world.ids["neighbour"])
    advance(days=100)
    assert retention.run()["orders"] == 1
    assert fresh(Order, order_id).words == WORDS
    assert fresh(Order, other_id).words == ""


def test_what_an_office_sets_holds_below_it(world):
    set_days(world.ids["west"], "keep_order_days", 200)
    set_days(world.ids["neighbour"], "keep_order_days", 30)
    days = retention.periods("keep_order_days")
    named = {name: days[key] for name, key in world.ids.items()}
    assert named == {
        "city": 90, "west": 200, "east": 90, "street": 200, "station": 200, "neighbour": 30, "far": 90,
    }  # fmt: skip


def test_visits_lose_the_note_and_the_fix(world):
    order_id = closed_order(world)
    advance(days=181)
    assert retention.run()["orders"] == 1, "the order's own end takes its visits along"
    visit = db.session.scalars(select(Visit)).one()
    assert (visit.note, visit.check_in_distance_m, visit.check_in_evidence) == ("", None, "resident_code")
    assert fresh(Order, order_id).served_at is not None


def test_visits_of_orders_kept_longer_lose_theirs_first(world):
    set_days(world.ids["city"], "keep_order_days", 1000)
    closed_order(world)
    advance(days=181)
    counts = retention.run()
    assert (counts["orders"], counts["evidence"]) == (0, 1)
    assert db.session.scalars(select(Visit)).one().note == ""


def test_words_of_ratings_stay_a_year_with_the_volunteers_record_and_the_marks_for_good(world):
    closed_order(world)
    advance(days=364)
    assert retention.run()["words"] == 0
    assert "很好" in db.session.scalars(select(Rating.words)).all()
    assert db.session.scalar(select(func.count()).where(FollowUp.words == WORDS)) == 0
    db.session.rollback()
    advance(days=2)
    assert retention.run(dry_run=True)["words"] == retention.run()["words"] == 1
    db.session.rollback()
    assert set(db.session.scalars(select(Rating.words))) == {""}
    assert db.session.scalars(select(Rating.stars)).all() == [3, 3]
    db.session.rollback()
    assert retention.run()["words"] == 0


def test_reasons_of_a_no_of_leaving_and_of_hours_go_too_and_the_minutes_stay(world):
    order_id = closed_order(world)
    told = {Offer: "decline_reason", Assignment: "reason", HoursEntry: "reason"}
    asked = world.volunteer("另一位").volunteer_id

    @command
    def plant():
        order = db.session.get_one(Order, order_id)
        times = {"starts_at": order.window_from, "ends_at": order.window_until}
        db.session.add(
            Offer(
                order_id=order_id, volunteer_id=asked, status="declined", distance_m=1, travel_minutes=1, sent_at=now(),
                expires_at=now(), **times,
            )
        )  # fmt: skip
        db.session.flush()
        for table, column in told.items():
            db.session.execute(update(table).values({column: WORDS}))

    plant()
    advance(days=366)
    assert retention.run(dry_run=True)["words"] == retention.run()["words"] == 4
    db.session.rollback()
    for table, column in told.items():
        assert set(db.session.scalars(select(getattr(table, column)))) == {""}
    assert db.session.scalar(select(func.sum(HoursEntry.minutes))) == 120
    db.session.rollback()
    assert check().ok


def test_why_hours_were_refused_long_after_leaves_the_journal_with_its_own_time(world):
    closed_order(world)
    desk, other = world.coordinator(), world.coordinator()
    advance(days=100)
    retention.run()
    held = db.session.scalars(select(Assignment.id)).one()
    db.session.rollback()
    entry = rating.enter_hours(held, 90, WORDS, actor=desk).id
    rating.refuse_hours(entry, WORDS, actor=other)
    advance(days=300)
    retention.run()
    assert db.session.get_one(HoursEntry, entry).reason == WORDS, "its year began when it was entered"
    assert WORDS in str(db.session.scalars(select(Event.particulars)).all())
    db.session.rollback()
    advance(days=66)
    retention.run()
    assert fresh(HoursEntry, entry).reason == ""
    assert WORDS not in str(db.session.scalars(select(Event.particulars)).all())
    db.session.rollback()
    assert check().ok


def test_a_picture_is_there_until_the_row_without_it_is_committed(town):
    """The disk is full at the very commit: the order is as it was, and so is its picture."""
    order_id = closed_order(town)
    picture = kept_picture(order_id)
    advance(days=91)
    db.session.remove()

    def full(_connection):
        raise OSError("no room")

    event.listen(db.engine, "commit", full)
    try:
        with pytest.raises(OSError, match="no room"):
            retention.run()
    finally:
        event.remove(db.engine, "commit", full)
    assert picture.exists() and fresh(Order, order_id).words == WORDS
    retention.run()
    assert not picture.exists()


def test_old_inbox_lines_go_once_they_were_told_outside(world):
    closed_order(world)
    before = db.session.scalar(select(func.count(Notification.id)))
    assert before
    db.session.rollback()
    advance(days=181)
    assert retention.run()["notices"] == 0, "nothing has been carried outside yet"
    _spread_all()
    assert retention.run()["notices"] == before
    assert db.session.scalar(select(func.count(Outbox.notification_id))) == 0
