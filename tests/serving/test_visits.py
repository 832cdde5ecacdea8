"""On the way, arrived, done: by the resident's code, by the place, by one's own word, by the coordinator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel import clock, errors
from app.rights import consents
from app.serving import service as serving
from models import Event, HoursEntry, Notification, Visit, db
from models.kinds import EventKind, Evidence, HoursStatus, NoticeKind, Purpose
from models.states import AssignmentStatus, OrderStatus
from tests.factories import World, advance
from tests.serving.steps import arrived, fresh, served, taken


def visit_of(assignment) -> Visit:
    return db.session.scalars(select(Visit).filter_by(assignment_id=assignment.id)).one()


def test_setting_out_tells_the_resident_once(town: World) -> None:
    resident, volunteer = town.resident(), town.volunteer()
    assignment = taken(town.open_order(resident), volunteer)
    serving.depart(assignment.id, actor=volunteer)
    serving.depart(assignment.id, actor=volunteer)
    assert fresh(assignment).status == AssignmentStatus.ON_THE_WAY
    told = select(Notification).filter_by(account_id=resident.account_id, kind=NoticeKind.VOLUNTEER_ON_THE_WAY)
    assert len(db.session.scalars(told).all()) == 1


def test_the_residents_code_proves_the_arrival_and_starts_the_order(world: World) -> None:
    volunteer = world.volunteer()
    order = world.open_order()
    assignment = arrived(order, volunteer)
    assert fresh(order).status == OrderStatus.SERVING
    visit = visit_of(assignment)
    assert (visit.checked_in_at, visit.check_in_evidence) == (clock.now(), Evidence.RESIDENT_CODE)


def test_checking_in_too_early_is_refused_with_the_time_to_come_back(town: World) -> None:
    volunteer = town.volunteer()
    order = town.open_order()
    assignment = taken(order, volunteer)
    clock.advance(order.window_from - clock.now() - timedelta(minutes=61))
    with pytest.raises(errors.TooEarly) as refusal:
        serving.check_in(assignment.id, actor=volunteer, code=order.start_code)
    assert "11-24 11:00" in str(refusal.value.detail)
    advance(minutes=1)
    assert serving.check_in(assignment.id, actor=volunteer, code=order.start_code).status == "checked_in"


def test_wrong_codes_are_counted_and_end_after_five_for_a_while(world: World) -> None:
    volunteer = world.volunteer()
    order = world.open_order()
    assignment = taken(order, volunteer)
    clock.advance(order.window_from - clock.now())
    for _ in range(5):
        with pytest.raises(errors.WrongCode):
            serving.check_in(assignment.id, actor=volunteer, code="0000")
    with pytest.raises(errors.WrongCode) as refusal:
        serving.check_in(assignment.id, actor=volunteer, code=order.start_code)
    assert "10" in str(refusal.value.detail)
    assert fresh(assignment).status == AssignmentStatus.ACCEPTED
    tries = db.session.scalars(select(Event).filter_by(subject_id=assignment.id, kind=EventKind.ASSIGNMENT_WRONG_CODE))
    assert [event.particulars for event in tries] == [{}] * 5  # what was typed is not kept

    advance(minutes=10, seconds=1)
    assert serving.check_in(assignment.id, actor=volunteer, code=order.start_code).status == "checked_in"


def test_a_wrong_code_does_not_use_up_the_key(town: World) -> None:
    volunteer = town.volunteer()
    order = town.open_order()
    assignment = taken(order, volunteer)
    clock.advance(order.window_from - clock.now())
    with pytest.raises(errors.WrongCode):
        serving.check_in(assignment.id, actor=volunteer, code="0000", key="k")
    serving.check_in(assignment.id, actor=volunteer, code=order.start_code, key="k")
    serving.check_in(assignment.id, actor=volunteer, code=order.start_code, key="k")
    assert visit_of(assignment).check_in_evidence == Evidence.RESIDENT_CODE


@pytest.mark.parametrize(
    ("north_m", "accuracy", "evidence"),
    [(50, 20, Evidence.PLACE), (350, 100, Evidence.PLACE), (350, 20, Evidence.SELF), (10, 900, Evidence.SELF)],
)
def test_the_place_counts_when_near_and_sharp_and_never_blocks(
    town: World, north_m: int, accuracy: int, evidence: str
) -> None:
    volunteer = town.volunteer()
    order = town.open_order()
    lat = order.lat + north_m / 111_195
    assignment = arrived(order, volunteer, lat=lat, lon=order.lon, accuracy=accuracy)
    visit = visit_of(assignment)
    assert (visit.check_in_evidence, visit.check_in_distance_m) == (evidence, north_m)
    assert visit.check_in_accuracy_m == accuracy


def test_who_took_back_that_we_may_look_checks_in_without_a_place(world: World) -> None:
    volunteer = world.volunteer()
    consents.withdraw(Purpose.LOCATION, actor=volunteer)
    order = world.open_order()
    assignment = arrived(order, volunteer, lat=order.lat, lon=order.lon, accuracy=5)
    visit = visit_of(assignment)
    assert visit.check_in_evidence == Evidence.SELF
    assert (visit.check_in_distance_m, visit.check_in_accuracy_m) == (None, None)
    assert consents.withdrawn(volunteer.account_id, Purpose.LOCATION)  # arriving is no new consent


def test_arriving_twice_is_one_arrival(world: World) -> None:
    volunteer = world.volunteer()
    order = world.open_order()
    assignment = arrived(order, volunteer)
    advance(minutes=5)
    assert serving.check_in(assignment.id, actor=volunteer, lat=order.lat, lon=order.lon).id == assignment.id
    visit = visit_of(assignment)
    assert (visit.checked_in_at, visit.check_in_evidence) == (order.window_from, Evidence.RESIDENT_CODE)
    assert db.session.query(Event).filter_by(kind=EventKind.ASSIGNMENT_CHECK_IN).count() == 1


def test_the_last_one_out_finishes_the_order(world: World) -> None:
    order = world.open_order(positions=2)
    one, two = world.volunteer("一"), world.volunteer("二")
    first, second = taken(order, one), taken(order, two)
    clock.advance(order.window_from - clock.now())
    serving.check_in(first.id, actor=one, code="4821")
    serving.check_in(second.id, actor=two, code="4821")
    advance(hours=1)

    serving.check_out(first.id, actor=one, note="药已送到")
    assert fresh(order).status == OrderStatus.SERVING
    serving.check_out(second.id, actor=two, key="out")
    serving.check_out(second.id, actor=two, key="out")

    assert fresh(order).status == OrderStatus.SERVED
    assert order.served_at == clock.now()
    assert visit_of(first).note == "药已送到"
    assert len(db.session.scalars(select(HoursEntry)).all()) == 2


def test_one_cannot_leave_before_one_came(town: World) -> None:
    volunteer = town.volunteer()
    assignment = taken(town.open_order(), volunteer)
    with pytest.raises(errors.WrongState) as refusal:
        serving.check_out(assignment.id, actor=volunteer)
    assert "还没有签到" in str(refusal.value.detail)
    assert (fresh(assignment).status, refusal.value.more) == ("accepted", {"state": "accepted"})


def test_a_day_after_the_end_only_the_desk_can_check_in(town: World) -> None:
    volunteer, desk = town.volunteer(), town.coordinator()
    assignment = taken(town.open_order(), volunteer)
    clock.advance(assignment.ends_at - clock.now() + timedelta(hours=24))
    with pytest.raises(errors.WrongState):
        serving.check_in(assignment.id, actor=volunteer)
    serving.vouch_check_in(assignment.id, assignment.starts_at, actor=desk)
    serving.vouch_check_out(assignment.id, assignment.ends_at, actor=desk)
    entry = db.session.scalars(select(HoursEntry)).one()
    assert (entry.status, entry.evidence, entry.minutes) == (HoursStatus.PENDING, Evidence.COORDINATOR, 120)
    assert entry.entered_by_id == desk.account_id


def test_the_desk_cannot_vouch_for_what_has_not_happened_yet(town: World) -> None:
    volunteer, desk = town.volunteer(), town.coordinator()
    assignment = taken(town.open_order(), volunteer)
    with pytest.raises(errors.Invalid):
        serving.vouch_check_in(assignment.id, clock.now() + timedelta(minutes=1), actor=desk)
    serving.vouch_check_in(assignment.id, actor=desk)
    with pytest.raises(errors.Invalid):
        serving.vouch_check_out(assignment.id, clock.now() - timedelta(minutes=1), actor=desk)


def test_strangers_and_other_desks_find_nothing(town: World) -> None:
    assignment = taken(town.open_order(), town.volunteer())
    stranger, elsewhere = town.volunteer("张三"), town.coordinator(town.ids["far"])
    for verb in (serving.depart, serving.check_in, serving.check_out, serving.hand_back):
        with pytest.raises(errors.NotFound):
            verb(assignment.id, actor=stranger)
    for verb in (serving.vouch_check_in, serving.vouch_check_out, serving.mark_no_show):
        with pytest.raises(errors.NotFound):
            verb(assignment.id, actor=elsewhere)
        with pytest.raises(errors.NotAllowed):
            verb(assignment.id, actor=stranger)


def test_a_whole_visit_credits_its_minutes(world: World) -> None:
    volunteer = world.volunteer()
    served(world.open_order(), volunteer, minutes=95)
    entry = db.session.scalars(select(HoursEntry)).one()
    assert (entry.minutes, entry.status, entry.volunteer_id) == (95, HoursStatus.APPROVED, volunteer.volunteer_id)
