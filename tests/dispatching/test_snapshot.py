"""What a run knows: hours, limits, quiet hours, wishes, papers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from app.dispatching import needs, snapshot
from app.dispatching.frozen import fold, unfold
from app.kernel import clock
from app.kernel.clock import LOCAL, now
from app.kernel.transaction import command
from app.serving import service as serving
from models import Availability, AvailabilityException, HoursEntry, Offer, Office, Volunteer, db
from models.kinds import Evidence, HoursKind, HoursStatus, Urgency
from tests.dispatching.helpers import dispatched, live, one_at_a_time

TUESDAY = datetime(2026, 11, 24, tzinfo=LOCAL)


def taken(world):
    db.session.rollback()
    return snapshot.take(db.session.get(Office, world.ids["city"])).problem


def hours_of(problem, actor):
    (found,) = (one.availability for one in problem.volunteers if one.id == actor.volunteer_id)
    return [tuple(datetime.fromtimestamp(edge, LOCAL).strftime("%a %H:%M") for edge in slot) for slot in found]


@command
def free(actor, *slots):
    for weekday, start, end in slots:
        db.session.add(
            Availability(volunteer_id=actor.volunteer_id, weekday=weekday, from_minute=start, until_minute=end)
        )


@command
def depart(actor, starts, ends, is_available):
    db.session.add(
        AvailabilityException(
            volunteer_id=actor.volunteer_id, starts_at=starts, ends_at=ends, is_available=is_available
        )
    )


def test_the_weekly_grid_is_read_in_local_time_on_the_days_asked_about(world):
    person = world.volunteer(always=False, on_duty=False)
    free(person, (1, 540, 720), (2, 540, 720), (1, 840, 1440))
    world.open_order(starts=TUESDAY + timedelta(hours=9))
    assert hours_of(taken(world), person) == [("Tue 09:00", "Tue 12:00"), ("Tue 14:00", "Wed 00:00")]


def test_a_window_over_midnight_is_served_by_hours_on_both_days(world):
    person = world.volunteer(always=False, on_duty=False)
    free(person, (1, 1320, 1440), (2, 0, 120))
    order = world.open_order(starts=TUESDAY + timedelta(hours=23), hours=2)
    dispatched()
    assert [offer.volunteer_id for offer in live(order)] == [person.volunteer_id]


def test_exceptions_add_and_take_away_and_being_away_wins(world):
    person = world.volunteer(always=False, on_duty=False)
    free(person, (1, 540, 720))
    depart(person, TUESDAY + timedelta(hours=14), TUESDAY + timedelta(hours=16), True)
    depart(person, TUESDAY + timedelta(hours=10), TUESDAY + timedelta(hours=15), False)
    world.open_order(starts=TUESDAY + timedelta(hours=9))
    assert hours_of(taken(world), person) == [("Tue 09:00", "Tue 10:00"), ("Tue 15:00", "Tue 16:00")]


def test_being_on_duty_is_being_free(world):
    person = world.volunteer(always=False, on_duty=True)
    order = world.open_order(starts=now(), hours=4, duration_minutes=60, is_now=True)
    dispatched()
    assert [offer.volunteer_id for offer in live(order)] == [person.volunteer_id]


def test_an_order_for_now_goes_to_people_on_duty_only(world):
    world.volunteer(on_duty=False)
    order = world.open_order(starts=now(), hours=4, duration_minutes=60, is_now=True)
    dispatched()
    assert live(order) == []


@pytest.mark.parametrize("urgency", [Urgency.NORMAL, Urgency.URGENT])
def test_quiet_hours_keep_offers_away_urgent_ones_too_until_somebody_goes_on_duty(world, urgency):
    world.volunteer(quiet_from=21 * 60, quiet_until=7 * 60, on_duty=False)
    order = world.open_order(urgency=urgency, starts=now() + timedelta(days=1))
    with clock.fixed(datetime(2026, 11, 23, 15, 30, tzinfo=UTC)):  # 23:30 in Hangzhou
        dispatched()
        assert live(order) == []
    with clock.fixed(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)):  # 07:30
        dispatched()
        assert len(live(order)) == 1


def test_quiet_hours_end_where_duty_begins(world):
    world.volunteer(quiet_from=0, quiet_until=1439, on_duty=True)
    order = world.open_order(starts=now() + timedelta(hours=2))
    dispatched()
    assert len(live(order)) == 1


def test_unverified_people_are_not_in_it_and_paused_ones_are_counted(world):
    world.volunteer("未核实", is_verified=False)
    world.volunteer("暂停", is_paused=True)
    world.open_order()
    (paused,) = taken(world).volunteers
    assert paused.active is False


def test_limits_count_what_was_promised_this_week(world):
    world.volunteer("一天一单", daily_limit=1)
    first, second = world.open_order(item="errand", hours=1), world.open_order(item="escort", hours=2)
    dispatched()
    assert len(live(first)) + len(live(second)) == 1
    later = world.open_order(starts=first.window_from + timedelta(hours=6))
    dispatched()
    assert live(later) == []
    next_day = world.open_order(starts=first.window_from + timedelta(days=1))
    dispatched()
    assert len(live(next_day)) == 1


def test_papers_count_until_the_end_of_their_last_day_and_only_when_somebody_has_looked(world):
    tomorrow = (TUESDAY + timedelta(hours=12)).date()
    good = world.volunteer("有效", credentials={"first_aid": tomorrow}, north_km=1)
    world.volunteer("昨天到期", credentials={"first_aid": tomorrow - timedelta(days=1)})
    unseen = world.volunteer("没看过", credentials={"first_aid": date(2030, 1, 1)})
    _unverify(unseen)
    order = world.open_order(item="bathing", starts=TUESDAY + timedelta(hours=12))
    dispatched()
    assert [offer.volunteer_id for offer in live(order)] == [good.volunteer_id]


@command
def _unverify(actor):
    db.session.get(Volunteer, actor.volunteer_id).credentials[0].verified_at = None


def test_an_age_is_asked_only_where_an_order_asks_and_only_certain_years_count(world):
    certain = world.volunteer("成年", birth_year=2007, north_km=2)
    world.volunteer("今年满十八", birth_year=2008)
    world.volunteer("没说", birth_year=None)
    order = world.open_order(minimum_age=18)
    assert {one.age for one in taken(world).volunteers} == {18, 17, None}
    dispatched()
    assert [offer.volunteer_id for offer in live(order)] == [certain.volunteer_id]


def test_whoever_served_before_is_preferred_where_the_resident_wishes(world):
    one_at_a_time(world)
    resident = world.resident()
    known, near = world.volunteer("老朋友", north_km=1), world.volunteer("更近", north_km=0.8)
    _serve_once(world, resident, known)
    order = world.open_order(resident, wants_same_volunteer=True)
    other = world.open_order(resident, starts=now() + timedelta(days=4))
    (wish,) = (one for one in taken(world).orders if one.id == order.id)
    assert wish.preferred == {known.volunteer_id}
    (no_wish,) = (one for one in taken(world).orders if one.id == other.id)
    assert no_wish.preferred == frozenset() and near
    dispatched()
    assert [offer.volunteer_id for offer in live(order)] == [known.volunteer_id]


def _serve_once(world, resident, volunteer):
    done = world.open_order(resident, starts=now() + timedelta(minutes=30))
    assignment = serving.claim(done.id, actor=volunteer)
    clock.advance(timedelta(minutes=40))
    desk = world.coordinator()
    serving.vouch_check_in(assignment.id, actor=desk)
    clock.advance(timedelta(hours=2))
    serving.vouch_check_out(assignment.id, actor=desk)


def test_who_served_less_this_month_is_asked_first(world):
    one_at_a_time(world)
    busy, idle = world.volunteer("忙", north_km=0.5), world.volunteer("闲", north_km=0.6)
    done = world.open_order(starts=now() + timedelta(minutes=30))
    assignment = serving.claim(done.id, actor=busy)
    _credit(busy.volunteer_id, assignment.id)
    order = world.open_order()
    load = {one.id: one.load for one in taken(world).volunteers}
    assert load == {busy.volunteer_id: 1200.0, idle.volunteer_id: 0.0}
    dispatched()
    assert [offer.volunteer_id for offer in live(order)] == [idle.volunteer_id]


@command
def _credit(volunteer_id, assignment_id):
    db.session.add(
        HoursEntry(
            volunteer_id=volunteer_id, assignment_id=assignment_id, kind=HoursKind.CREDIT, status=HoursStatus.APPROVED,
            minutes=1200, evidence=Evidence.PLACE, created_at=now(),
        )
    )  # fmt: skip


def test_urgent_orders_come_first_when_there_is_one_volunteer(world):
    world.volunteer()
    calm = world.open_order(priority=3)
    urgent = world.open_order(priority=3, urgency=Urgency.URGENT)
    dispatched()
    assert len(live(urgent)) == 1 and live(calm) == []


def test_a_snapshot_survives_folding(world):
    world.volunteer(credentials={"first_aid": None})
    world.open_order(item="bathing", positions=2)
    problem = taken(world)
    assert unfold(fold(problem)) == problem


def test_its_queries_do_not_grow_with_the_people(app, world):
    seen = []

    def note(*found):
        seen.append(found[2])

    def count():
        seen.clear()
        taken(world)
        return len(seen)

    event.listen(db.engine, "before_cursor_execute", note)
    world.volunteer()
    world.open_order()
    few = count()
    for number in range(10):
        world.volunteer(f"第{number}位")
        world.open_order(world.resident(f"居民{number}"))
    assert count() <= few + 2


def test_seats_respect_free_places_and_offers_out(world):
    one_at_a_time(world)
    people = [world.volunteer(f"第{number}位") for number in range(4)]
    order = world.open_order(positions=3)
    serving.claim(order.id, actor=people[0])
    db.session.rollback()
    assert needs.seats([db.session.merge(order)]) == {order.id: 2}
    dispatched()
    assert len(live(order)) == 2
    assert db.session.query(Offer).count() == 2


def test_nobody_is_asked_to_serve_an_order_they_placed_themselves(world):
    neighbour = world.volunteer()
    order = world.open_order(requester_id=neighbour.account_id)
    assert dispatched() is not None
    assert live(order) == []
    [spec] = taken(world).orders
    assert dict(spec.excluded)[neighbour.volunteer_id] == "own"
