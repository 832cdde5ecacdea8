"""The database itself refuses what must never be, whatever the code above it does."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.kernel.clock import now
from models import Assignment, HoursEntry, Offer, Order, Position, db
from models.kinds import Evidence, HoursKind, HoursStatus
from models.states import AssignmentStatus, OfferStatus


@pytest.fixture
def session(world):
    """A bare session: these tests go past the services on purpose."""
    db.session.rollback()
    yield db.session
    db.session.rollback()


def assignment(order, position, volunteer, *, start=0.0, hours=2.0, status=AssignmentStatus.ACCEPTED):
    starts = order.window_from + timedelta(hours=start)
    return Assignment(
        order_id=order.id, position_id=position.id, volunteer_id=volunteer.volunteer_id, status=status,
        starts_at=starts, ends_at=starts + timedelta(hours=hours), accepted_at=now(),
    )  # fmt: skip


def refused(session, *rows):
    session.add_all(rows)
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_position_is_held_once(world, session):
    order, (ana, ben) = world.open_order(), (world.volunteer(), world.volunteer("本"))
    [place] = order.positions
    refused(session, assignment(order, place, ana), assignment(order, place, ben))


def test_a_position_is_free_again_once_its_holder_has_gone(world, session):
    order, (ana, ben) = world.open_order(), (world.volunteer(), world.volunteer("本"))
    [place] = order.positions
    session.add(assignment(order, place, ana, status=AssignmentStatus.HANDED_BACK))
    session.add(assignment(order, place, ben))
    session.flush()


def test_a_volunteer_holds_one_place_of_an_order(world, session):
    order, ana = world.open_order(positions=2), world.volunteer()
    first, second = order.positions
    refused(session, assignment(order, first, ana), assignment(order, second, ana, start=5))


@pytest.mark.parametrize(("start", "hours"), [(0, 2), (1, 2), (-1, 2), (0.5, 1), (-1, 5)])
def test_a_volunteer_is_never_in_two_places_at_once(world, session, start, hours):
    one, two, ana = world.open_order(), world.open_order(), world.volunteer()
    session.add(assignment(one, one.positions[0], ana))
    session.flush()
    refused(session, assignment(two, two.positions[0], ana, start=start, hours=hours))


@pytest.mark.parametrize("start", [2, -2])
def test_back_to_back_work_is_no_conflict(world, session, start):
    one, two, ana = world.open_order(), world.open_order(), world.volunteer()
    session.add(assignment(one, one.positions[0], ana))
    session.add(assignment(two, two.positions[0], ana, start=start))
    session.flush()


def test_work_over_midnight_is_seen(world, session):
    late = now().replace(hour=15, minute=30)  # 23:30 in Hangzhou
    one, two, ana = world.open_order(starts=late), world.open_order(starts=late), world.volunteer()
    session.add(assignment(one, one.positions[0], ana))
    session.flush()
    refused(session, assignment(two, two.positions[0], ana, start=1))


def test_moving_an_assignment_onto_another_is_refused(world, session):
    one, two, ana = world.open_order(), world.open_order(), world.volunteer()
    later = assignment(two, two.positions[0], ana, start=4)
    session.add_all([assignment(one, one.positions[0], ana), later])
    session.flush()
    later.starts_at -= timedelta(hours=3)
    with pytest.raises(IntegrityError):
        session.flush()


def test_one_live_offer_of_an_order_to_a_volunteer(world, session):
    order, ana = world.open_order(), world.volunteer()

    def offer(status):
        return Offer(
            order_id=order.id, volunteer_id=ana.volunteer_id, status=status, starts_at=order.window_from,
            ends_at=order.window_until, distance_m=500, travel_minutes=8, sent_at=now(), expires_at=now(),
        )  # fmt: skip

    session.add_all([offer(OfferStatus.EXPIRED), offer(OfferStatus.SENT)])
    session.flush()
    refused(session, offer(OfferStatus.SEEN))


def hours_entry(held, ana, **more):
    fields = {"kind": HoursKind.CREDIT, "status": HoursStatus.APPROVED, "minutes": 60, "evidence": Evidence.PLACE}
    return HoursEntry(
        volunteer_id=ana.volunteer_id, assignment_id=held.id, created_at=now(), **(fields | more)
    )  # fmt: skip


@pytest.fixture
def served(world, session):
    order, ana = world.open_order(), world.volunteer()
    held = assignment(order, order.positions[0], ana)
    session.add(held)
    session.flush()
    return held, ana


def test_hours_are_credited_once(session, served):
    session.add(hours_entry(*served))
    session.flush()
    refused(session, hours_entry(*served))


def test_nobody_approves_the_hours_they_entered(world, session, served):
    held, ana = served
    boss = str(held.order.requester_id)
    refused(session, hours_entry(held, ana, kind=HoursKind.CORRECTION, entered_by_id=boss, approved_by_id=boss))


def test_a_live_order_without_a_timer_is_refused(world, session):
    order = session.get(Order, world.open_order().id)
    order.next_action_at = None
    with pytest.raises(IntegrityError):
        session.flush()


def test_positions_of_an_order_are_numbered_once(world, session):
    refused(session, Position(order_id=world.open_order().id, number=1))


def test_a_moment_without_a_zone_is_refused(world, session):
    order = session.get(Order, world.open_order().id)
    order.window_from = order.window_from.replace(tzinfo=None)
    with pytest.raises(Exception, match="naive"):
        session.flush()
