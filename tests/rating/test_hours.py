"""The hours ledger: credited once, backed by evidence, capped, and never approved by who entered them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel import clock, errors
from app.kernel.access import Actor
from app.rating import queries
from app.rating import service as rating
from app.rating.ledger import in_steps
from app.serving import service as serving
from models import HoursEntry, Notification, db
from models.kinds import Evidence, HoursKind, HoursStatus, NoticeKind
from tests.dispatching.helpers import set_for
from tests.factories import World
from tests.serving.steps import arrived, fresh, served, taken


def entry_of(assignment) -> HoursEntry:
    return db.session.scalars(select(HoursEntry).filter_by(assignment_id=assignment.id, kind=HoursKind.CREDIT)).one()


def test_a_proven_visit_is_credited_and_approved_at_once(world: World) -> None:
    volunteer = world.volunteer()
    assignment = served(world.open_order(), volunteer, minutes=90)
    entry = entry_of(assignment)
    assert (entry.minutes, entry.status, entry.evidence) == (90, HoursStatus.APPROVED, Evidence.RESIDENT_CODE)
    assert (entry.entered_by_id, entry.approved_by_id, entry.decided_at) == (None, None, clock.now())
    told = db.session.scalars(select(Notification.kind).filter_by(account_id=volunteer.account_id)).all()
    assert NoticeKind.HOURS_CREDITED in told
    record = queries.record_of(volunteer.volunteer_id)
    assert (record.minutes, record.pending, record.visits, record.points) == (90, 0, 1, 15)


def test_an_unproven_visit_waits_for_somebody_elses_eyes(world: World) -> None:
    volunteer, desk = world.volunteer(), world.coordinator()
    entry = entry_of(served(world.open_order(), volunteer, minutes=60, lat=31.0, lon=121.0))
    assert (entry.status, entry.evidence) == (HoursStatus.PENDING, Evidence.SELF)
    assert queries.record_of(volunteer.volunteer_id).pending == 60
    rating.approve_hours(entry.id, actor=desk)
    assert fresh(entry).status == HoursStatus.APPROVED
    assert entry.approved_by_id == desk.account_id
    with pytest.raises(errors.WrongState):
        rating.approve_hours(entry.id, actor=world.coordinator())


def test_who_vouched_or_entered_never_approves(world: World) -> None:
    volunteer, desk, colleague = world.volunteer(), world.coordinator(), world.coordinator(name="张强")
    assignment = taken(world.open_order(), volunteer)
    clock.advance(assignment.ends_at - clock.now())
    serving.vouch_check_in(assignment.id, assignment.starts_at, actor=desk)
    serving.vouch_check_out(assignment.id, actor=desk)
    credit = entry_of(assignment)
    _only_a_colleague_approves(credit, desk, colleague)
    correction = rating.correct_hours(credit.id, 100, "提前走了", actor=desk)
    _only_a_colleague_approves(correction, desk, colleague)
    assert (correction.kind, correction.minutes) == (HoursKind.CORRECTION, -20)
    assert queries.record_of(volunteer.volunteer_id).minutes == 100


def _only_a_colleague_approves(entry: HoursEntry, desk: Actor, colleague: Actor) -> None:
    with pytest.raises(errors.OwnEntry):
        rating.approve_hours(entry.id, actor=desk)
    rating.approve_hours(entry.id, actor=colleague)


def test_a_correction_takes_the_place_of_one_that_waits_so_that_hours_never_fall_below_nothing(world: World) -> None:
    volunteer, desk, colleague = world.volunteer(), world.coordinator(), world.coordinator(name="张强")
    credit = entry_of(served(world.open_order(), volunteer))
    more = rating.correct_hours(credit.id, 240, "陪到晚上", actor=desk)
    none = rating.correct_hours(credit.id, 0, "没有来", actor=desk)
    assert fresh(more).status == HoursStatus.REFUSED and fresh(more).approved_by_id is None
    with pytest.raises(errors.WrongState):
        rating.approve_hours(more.id, actor=colleague)
    rating.approve_hours(none.id, actor=colleague)
    assert queries.record_of(volunteer.volunteer_id).minutes == 0


def test_nobody_approves_their_own_hours(town: World) -> None:
    volunteer = town.volunteer()
    entry = entry_of(served(town.open_order(), volunteer, lat=31.0, lon=121.0))
    with pytest.raises(errors.NotAllowed):
        rating.approve_hours(entry.id, actor=volunteer)
    with pytest.raises(errors.NotFound):
        rating.approve_hours(entry.id, actor=town.coordinator(town.ids["far"]))


def test_refused_hours_count_nothing_and_can_be_entered_anew(town: World) -> None:
    volunteer, desk, colleague = town.volunteer(), town.coordinator(), town.coordinator(name="张强")
    assignment = served(town.open_order(), volunteer, lat=31.0, lon=121.0)
    rating.refuse_hours(entry_of(assignment).id, "没有到场记录", actor=desk)
    assert queries.record_of(volunteer.volunteer_id).minutes == 0
    again = rating.enter_hours(assignment.id, 45, "居民电话证实", actor=desk)
    rating.approve_hours(again.id, actor=colleague)
    assert queries.record_of(volunteer.volunteer_id).minutes == 45


def test_credit_is_capped_by_the_plan_and_by_the_day(town: World) -> None:
    volunteer = town.volunteer()
    long = entry_of(served(town.open_order(), volunteer, minutes=240))
    assert long.minutes == 150  # 125 % of two hours
    assert "240" in long.reason
    short = entry_of(served(town.open_order(starts=clock.now() + timedelta(hours=2)), volunteer, minutes=0))
    assert short.minutes == 0


@pytest.mark.parametrize(
    ("served_for", "credited"), [(0, 0), (1, 0), (15, 0), (16, 30), (30, 30), (45, 30), (46, 60), (60, 60)]
)
def test_an_office_may_credit_in_half_hours(town: World, served_for: int, credited: int) -> None:
    set_for(town.ids["west"], "credit_step_minutes", 30)
    entry = entry_of(served(town.open_order(), town.volunteer(), minutes=served_for))
    assert entry.minutes == credited
    assert (str(served_for) in entry.reason) is (served_for != credited)


def test_whole_steps_never_exceed_the_caps(town: World) -> None:
    set_for(town.ids["station"], "credit_step_minutes", 30)
    set_for(town.ids["station"], "credit_daily_minutes", 80)
    volunteer = town.volunteer()
    capped = entry_of(served(town.open_order(hours=1), volunteer, minutes=74))  # 75 min at most, by the plan
    assert (capped.minutes, "上限" in capped.reason) == (60, False)
    rest = entry_of(served(town.open_order(starts=clock.now() + timedelta(hours=1)), volunteer, minutes=30))
    assert (rest.minutes, "上限" in rest.reason) == (0, True)  # 20 min of the day are left: no whole step


@pytest.mark.parametrize("minutes", [0, 7, 59, 60])
def test_a_step_of_one_credits_exact_minutes(minutes: int) -> None:
    assert in_steps(minutes, 1) == minutes


def test_a_visit_is_credited_once_whatever_happens(world: World) -> None:
    volunteer = world.volunteer()
    assignment = arrived(world.open_order(), volunteer)
    clock.advance(timedelta(minutes=30))
    for _ in range(2):
        serving.check_out(assignment.id, actor=volunteer)
    db.session.expire_all()
    assert len(db.session.scalars(select(HoursEntry)).all()) == 1


def test_hours_cannot_be_entered_for_a_visit_that_did_not_end(town: World) -> None:
    assignment = taken(town.open_order(), town.volunteer())
    with pytest.raises(errors.WrongState):
        rating.enter_hours(assignment.id, 60, "补", actor=town.coordinator())
