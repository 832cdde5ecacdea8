"""What is kept, is kept so long and no longer."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.audit.service import check
from app.integrity.invariants import broken
from app.kernel.clock import now
from app.kernel.settings import DEFAULTS
from app.kernel.transaction import command
from app.offices.policy import BY_NAME
from app.ordering import photos
from app.ordering import service as ordering
from app.privacy import erasure, nightly, retention
from app.privacy.commands import privacy_commands
from app.rating import service as rating
from app.serving import service as serving
from models import Alarm, Event, FollowUp, Notification, Office, OfficeSetting, Order, Outbox, Rating, Visit, db
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


def test_stars_and_words_of_ratings_stay_with_the_volunteers_record(world):
    closed_order(world)
    advance(days=100)
    retention.run()
    assert "很好" in db.session.scalars(select(Rating.words)).all()
    assert db.session.scalar(select(func.count()).where(FollowUp.words == WORDS)) == 0


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
