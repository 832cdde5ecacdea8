"""A phone in a dead spot tells afterwards when somebody came and left: within bounds, marked, never doubled."""

import json
from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.errors import Invalid, TooEarly, WrongState
from app.serving import service as serving
from models import Event, HoursEntry, Notification, Office, OfficeSetting, Visit, db
from models.kinds import Evidence, HoursStatus, NoticeKind
from tests.factories import advance
from tests.serving.steps import arrived, fresh, taken


@pytest.fixture
def li(world):
    return world.volunteer("李晓梅")


@pytest.fixture
def task(world, li):
    """It is half past: the visit should have begun thirty minutes ago, and the phone had no signal."""
    assignment = taken(world.open_order(), li)
    clock.advance(assignment.starts_at - clock.now())
    advance(minutes=30)
    return assignment


def _visit():
    return db.session.query(Visit).one()


def test_the_phones_time_counts_and_is_marked_as_told_late(task, li):
    came = task.starts_at + timedelta(minutes=2)
    serving.check_in(task.id, actor=li, code=task.order.start_code, at=came)
    visit = _visit()
    assert (visit.checked_in_at, visit.check_in_reported_at) == (came, clock.now())
    assert visit.check_in_evidence == Evidence.RESIDENT_CODE
    event = db.session.query(Event).filter_by(kind="assignment.check_in").one()
    assert event.particulars["reported_late"] is True and event.at == clock.now()
    assert event.particulars["happened_at"] == came.isoformat(timespec="seconds")


def test_hours_of_an_arrival_told_late_wait_for_somebodys_look_even_with_the_code(task, li):
    serving.check_in(task.id, actor=li, code=task.order.start_code, at=task.starts_at)
    advance(minutes=30)
    serving.check_out(task.id, actor=li)
    entry = db.session.query(HoursEntry).one()
    assert (entry.status, entry.minutes, entry.evidence) == (HoursStatus.PENDING, 60, Evidence.RESIDENT_CODE)


def test_leaving_told_late_credits_no_minute_more(world, li):
    assignment = arrived(world.open_order(), li)
    advance(minutes=180)
    left = assignment.starts_at + timedelta(minutes=50)
    serving.check_out(assignment.id, actor=li, at=left)
    entry = db.session.query(HoursEntry).one()
    assert (entry.status, entry.minutes) == (HoursStatus.APPROVED, 50)
    assert (_visit().checked_out_at, _visit().check_out_reported_at) == (left, clock.now())


def test_what_is_told_within_minutes_counts_as_told_at_once(task, li):
    came = clock.now() - timedelta(minutes=3)
    serving.check_in(task.id, actor=li, at=came)
    assert (_visit().checked_in_at, _visit().check_in_reported_at) == (came, None)


@pytest.mark.parametrize("minutes", [2, 60 * 24 * 365])
def test_a_time_in_the_future_is_refused(task, li, minutes):
    with pytest.raises(Invalid):
        serving.check_in(task.id, actor=li, at=clock.now() + timedelta(minutes=minutes))
    assert db.session.query(Visit).count() == 0


def test_a_clock_that_runs_a_minute_ahead_is_taken_for_now(task, li):
    serving.check_in(task.id, actor=li, at=clock.now() + timedelta(seconds=50))
    assert _visit().checked_in_at == clock.now()


def test_a_time_before_the_yes_or_before_the_door_opens_is_refused(task, li):
    with pytest.raises(Invalid):
        serving.check_in(task.id, actor=li, at=task.accepted_at - timedelta(minutes=1))
    with pytest.raises((Invalid, WrongState)):
        serving.check_out(task.id, actor=li, at=clock.now() - timedelta(minutes=10))


def test_an_arrival_cannot_be_told_as_earlier_than_one_may_check_in(task, li):
    early = task.starts_at - timedelta(minutes=61)
    with pytest.raises(TooEarly):
        serving.check_in(task.id, actor=li, at=early)


def test_leaving_before_having_come_is_refused(world, li):
    assignment = arrived(world.open_order(), li)
    advance(minutes=60)
    with pytest.raises(Invalid):
        serving.check_out(assignment.id, actor=li, at=assignment.starts_at - timedelta(minutes=2))


def test_after_the_hours_an_office_allows_the_desk_is_asked_instead(task, li):
    came = clock.now()
    advance(hours=12, minutes=1)
    with pytest.raises(Invalid) as refused:
        serving.check_in(task.id, actor=li, at=came)
    assert "12" in str(refused.value.fields["at"][0])
    advance(minutes=-2)
    serving.check_in(task.id, actor=li, at=came)
    assert _visit().checked_in_at == came


def test_an_office_may_allow_none(task, li):
    db.session.add(OfficeSetting(office_id=task.order.office_id, name="late_report_hours", value=0))
    db.session.commit()
    assert db.session.get(Office, task.order.office_id)
    with pytest.raises(Invalid):
        serving.check_in(task.id, actor=li, at=clock.now() - timedelta(minutes=6))


def test_told_again_with_the_same_key_nothing_is_doubled_whether_the_time_is_told_or_not(task, li):
    came = task.starts_at + timedelta(minutes=5)
    code = task.order.start_code
    serving.check_in(task.id, actor=li, code=code, key="one")  # it arrived, and the answer was lost
    serving.check_in(task.id, actor=li, code=code, key="one", at=came)
    assert db.session.query(Visit).count() == 1 and _visit().check_in_reported_at is None
    advance(minutes=30)
    for _again in range(2):
        serving.check_out(task.id, actor=li, key="two", at=clock.now() - timedelta(minutes=10))
    assert db.session.query(HoursEntry).count() == 1


def test_setting_out_told_late_is_no_news_for_the_resident(task, li):
    def told():
        return db.session.query(Notification).filter_by(kind=NoticeKind.VOLUNTEER_ON_THE_WAY).count()

    serving.depart(task.id, actor=li, at=clock.now() - timedelta(minutes=20))
    assert told() == 0 and fresh(task).status == "on_the_way"


def test_a_page_may_be_kept_for_a_day_and_never_longer_than_where_and_who_are_shown(site, town):
    li = town.volunteer("李晓梅")
    assignment = taken(town.open_order(), li)
    browser = town.browser(site, li)

    def kept(path):
        return browser.get(path).headers.get("Linli-Keep")

    assert kept(f"/tasks/{assignment.id}") == kept("/volunteer") == f"{li.volunteer_id} 86400"
    clock.advance(assignment.ends_at + timedelta(hours=23) - clock.now())
    assert kept(f"/tasks/{assignment.id}") == f"{li.volunteer_id} 3600"
    advance(hours=2)
    assert kept(f"/tasks/{assignment.id}") == f"{li.volunteer_id} 0"
    assert kept("/volunteer/availability") is None and kept("/me") is None


def test_the_worker_is_served_from_the_root_and_never_out_of_date(client, town):
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript" and answer.headers["Cache-Control"] == "no-cache"
    shell = answer.text.split("const SHELL = ")[1].split(";\n")[0]
    for path in json.loads(shell):
        with client.get(path) as file:
            assert file.status_code == 200, path


def test_the_page_without_a_network_is_nobodys(site, town):
    page = town.browser(site, town.volunteer("李晓梅")).get("/offline").text
    assert "李晓梅" not in page and "csrf" not in page
