"""What is kept, is kept so long and no longer."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from app.audit.service import check
from app.integrity.invariants import broken
from app.kernel.clock import now
from app.kernel.settings import DEFAULTS
from app.kernel.transaction import command
from app.offices.policy import BY_NAME
from app.ordering import photos
from app.ordering import service as ordering
from app.people import sessions
from app.privacy import erasure, nightly, persons, retention
from app.privacy.commands import privacy_commands
from app.rating import service as rating
from app.serving import service as serving
from models import (
    Alarm,
    Assignment,
    Erasure,
    Event,
    FollowUp,
    HoursEntry,
    Notification,
    Offer,
    Office,
    OfficeSetting,
    Order,
    OrderPhoto,
    Outbox,
    Rating,
    Visit,
    db,
)
from models.kinds import EventKind
from tests.factories import advance

WORDS = "金丝雀的话"


def closed_order(world, **more):
    """An order through its whole life, rated badly with words, and closed."""
    resident, helper = world.resident("王奶奶"), world.volunteer()
    order = world.open_order(resident, words=WORDS, title=WORDS, lat=30.271717, **more)
    ordering.note(order.id, WORDS, actor=world.coordinator(more.get("office")))
    held = serving.claim(order.id, actor=helper)
    advance(days=1)
    serving.check_in(held.id, actor=helper, code=order.start_code)
    advance(hours=2)
    serving.check_out(held.id, actor=helper, note=WORDS)
    rating.rate(order.id, actor=resident, stars=3, words="很好")
    rating.speak(held.id, actor=helper, stars=3)
    db.session.rollback()
    if db.session.get_one(Order, order.id).status != "closed":
        rating.close_if_settled(order.id)
    db.session.rollback()
    return order.id


def fresh(table, key):
    db.session.rollback()
    return db.session.get_one(table, key)


@command
def set_days(office_id, name, days):
    db.session.add(OfficeSetting(office_id=office_id, name=name, value=days))


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
    folder = photos.folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.jpg").write_bytes(b"picture")

    @command
    def keep():
        db.session.add(OrderPhoto(order_id=order_id, filename="a.jpg", width=1, height=1, created_at=now()))

    keep()
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
    assert (folder / "a.jpg").exists() and fresh(Order, order_id).words == WORDS
    retention.run()
    assert not (folder / "a.jpg").exists()


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


@command
def _spread_all():
    for row in db.session.scalars(select(Outbox)):
        row.spread_at = now()


def test_a_dry_run_counts_and_changes_nothing(world):
    order_id = closed_order(world)
    resident = world.resident("另一位")
    erasure.ask(actor=resident)
    advance(days=91)
    counts = retention.run(dry_run=True)
    assert (counts["orders"], counts["erasures"]) == (1, 1)
    assert fresh(Order, order_id).words == WORDS
    assert db.session.scalar(select(func.count()).where(Event.kind == EventKind.RETENTION_RUN)) == 0
    db.session.rollback()
    assert retention.run() == counts


def test_the_counts_are_journalled(world):
    closed_order(world)
    advance(days=91)
    counts = retention.run()
    row = db.session.scalars(select(Event).where(Event.kind == EventKind.RETENTION_RUN)).one()
    assert row.particulars == counts
    assert row.subject_id == world.ids["city"]


def test_photos_of_no_order_are_swept(town):
    folder = photos.folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name, age in (("old.jpg", 2), ("new.jpg", 0)):
        (folder / name).write_bytes(b"picture")
        moment = (now() - timedelta(days=age)).timestamp()
        os.utime(folder / name, (moment, moment))
    assert retention.run()["photos"] == 1
    assert [file.name for file in folder.glob("*.jpg")] == ["new.jpg"]


@pytest.mark.parametrize("kind", [kind for kind in retention.KINDS if kind.setting])
def test_every_period_has_a_floor_a_ceiling_and_a_default_between(kind):
    policy = BY_NAME[kind.setting]
    assert 0 < policy.least <= DEFAULTS[kind.setting] <= policy.most


def test_who_looked_is_kept_at_least_three_years():
    assert BY_NAME["keep_look_days"].least >= 3 * 365


# ---------- the night ----------


def test_once_a_night(world):
    assert nightly.watch()
    assert not nightly.watch()
    advance(hours=10)
    assert not nightly.is_due(), "it is Monday evening"
    advance(hours=6)
    assert nightly.watch()
    assert db.session.scalar(select(func.count()).where(Event.kind == EventKind.RETENTION_RUN)) == 2


def test_a_night_that_fails_is_an_alarm_and_the_next_puts_it_away(town):
    order_id = closed_order(town)
    set_days(town.ids["city"], "keep_order_days", "neunzig")
    advance(days=91)
    assert nightly.watch()
    assert db.session.scalars(select(Alarm.code).where(Alarm.settled_at.is_(None))).all() == ["retention"]
    assert fresh(Order, order_id).words == WORDS

    @command
    def mend():
        db.session.scalars(select(OfficeSetting)).one().value = 90

    mend()
    assert nightly.watch()
    assert db.session.scalars(select(Alarm.code).where(Alarm.settled_at.is_(None))).all() == []
    assert fresh(Order, order_id).words == ""


def test_the_command_counts(site, town):
    closed_order(town)
    advance(days=91)
    said = site.test_cli_runner().invoke(privacy_commands, ["retention", "--dry-run"])
    assert (said.exit_code, "orders      1" in said.output) == (0, True)
    assert db.session.scalar(select(func.count(Office.id)))


# ---------- accounts that nobody uses ----------


def requests():
    db.session.rollback()
    found = db.session.execute(select(Erasure.subject_id, Erasure.due_at).where(Erasure.withdrawn_at.is_(None)))
    return dict(tuple(row) for row in found)


def test_an_account_nobody_uses_is_announced_a_month_before_and_then_erased(world):
    resident, boss = world.resident("张爷爷"), world.administrator()
    advance(days=699)
    assert retention.run()["accounts"] == 0
    advance(days=2)
    assert retention.run(dry_run=True)["accounts"] == retention.run()["accounts"] == 1
    assert requests() == {resident.account_id: now() + timedelta(days=30)}, "nobody is erased out of a post"
    told = db.session.scalars(select(Notification).where(Notification.account_id == resident.account_id)).one()
    assert told.particulars == {"code": "idle"}
    db.session.rollback()
    assert retention.run()["accounts"] == 0, "told once"
    advance(days=29)
    assert retention.run()["erasures"] == 0
    advance(days=1)
    assert retention.run()["erasures"] == 1
    assert persons.person(resident.account_id).is_erased and not persons.person(boss.account_id).is_erased
    db.session.rollback()
    assert retention.run()["accounts"] == 0
    assert check().ok


def test_signing_in_keeps_the_account(world):
    resident = world.resident()
    advance(days=701)
    retention.run()
    assert list(requests()) == [resident.account_id]
    advance(days=29)
    sessions.issue(resident.account_id)
    advance(days=2)
    assert retention.run()["erasures"] == 0
    assert requests() == {} and not persons.person(resident.account_id).is_erased
    db.session.rollback()
    advance(days=600)
    assert retention.run()["accounts"] == 0, "two years are counted from there"


def test_a_request_of_ones_own_is_not_taken_back_by_signing_in(world):
    resident = world.resident()
    erasure.ask(actor=resident)
    sessions.issue(resident.account_id)
    advance(days=8)
    assert retention.run()["erasures"] == 1


def test_whoever_is_served_or_serves_without_signing_in_is_not_idle(world):
    closed_order(world)
    advance(days=690)
    other = world.resident("近来来电的")
    world.open_order(other)
    advance(days=5)
    assert retention.run()["accounts"] == 0


def test_a_legal_hold_stops_that_too(world):
    resident = world.resident()
    erasure.hold(resident.account_id, "民诉案", actor=world.administrator())
    advance(days=800)
    assert retention.run()["accounts"] == 0 and requests() == {}
    erasure.lift(resident.account_id, actor=world.administrator())
    assert retention.run()["accounts"] == 1
    erasure.hold(resident.account_id, "民诉案", actor=world.administrator())
    advance(days=31)
    assert retention.run()["erasures"] == 0
