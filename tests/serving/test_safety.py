"""不安全: one press reaches everybody at the desks above, in any state of the visit, and stays open until settled."""

from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.errors import NotFound
from app.oversight.board import alerts
from app.oversight.scope import scope_of
from app.rating import queries as rating
from app.rating import service as following
from app.serving import safety
from app.serving import service as serving
from models import Event, FollowUp, Notification, db
from models.kinds import NoticeKind
from tests.factories import advance
from tests.serving.steps import arrived, post, taken


@pytest.fixture
def li(world):
    return world.volunteer("李晓梅")


@pytest.fixture
def desk(world):
    return world.coordinator()


def _told(kind=NoticeKind.SAFETY):
    return {row.account_id for row in db.session.query(Notification).filter_by(kind=kind)}


def test_every_coordinator_from_the_office_up_hears_of_it_and_nobody_else(world, li, desk):
    above, beside = world.coordinator(world.ids["west"]), world.coordinator(world.ids["neighbour"])
    row = serving.call_for_help(taken(world.open_order(), li).id, actor=li, words="有人喝醉了")
    assert _told() == {desk.account_id, above.account_id} and beside.account_id not in _told()
    assert (row.cause, row.words, row.resolved_at) == ("safety", "有人喝醉了", None)
    event = db.session.query(Event).filter_by(kind="assignment.unsafe").one()
    assert event.actor_id == li.account_id and event.particulars == {"told": 2}


def test_where_no_desk_is_staffed_the_call_stands_all_the_same_and_says_so(world, li):
    assignment = taken(world.open_order(), li)
    serving.call_for_help(assignment.id, actor=li)
    assert safety.call_of(assignment).particulars["told"] == 0


def test_pressed_again_everybody_is_told_again_and_one_follow_up_stays(world, li, desk):
    assignment = arrived(world.open_order(), li)
    serving.call_for_help(assignment.id, actor=li, words="门锁上了")
    serving.call_for_help(assignment.id, actor=li, words="还在")
    assert db.session.query(FollowUp).one().words == "门锁上了；还在"
    assert db.session.query(Notification).filter_by(kind=NoticeKind.SAFETY).count() == 2
    serving.call_for_help(assignment.id, actor=li, words="再", key="k")
    serving.call_for_help(assignment.id, actor=li, words="再", key="k")
    assert db.session.query(Notification).filter_by(kind=NoticeKind.SAFETY).count() == 3


@pytest.mark.parametrize("state", ["handed back", "done", "cancelled"])
def test_it_is_taken_whatever_has_become_of_the_visit(world, li, desk, state):
    order = world.open_order()
    assignment = taken(order, li) if state != "done" else arrived(order, li)
    if state == "handed back":
        serving.hand_back(assignment.id, "不舒服", actor=li)
    elif state == "done":
        serving.check_out(assignment.id, actor=li)
    else:
        serving.cancel_by_desk(assignment.id, "换人", actor=desk)
    assert serving.call_for_help(assignment.id, actor=li).resolved_at is None


def test_nobody_calls_in_anothers_name(world, li, desk):
    assignment = taken(world.open_order(), li)
    for other in (world.volunteer("赵云"), world.resident()):
        with pytest.raises(Exception) as refused:
            serving.call_for_help(assignment.id, actor=other)
        assert isinstance(refused.value, NotFound) or refused.value.code == "not_allowed"
    assert _told() == set()


def test_a_call_from_a_dead_spot_says_when_it_was_made_and_no_time_can_get_it_refused(world, li, desk):
    assignment = taken(world.open_order(), li)
    advance(hours=2)
    pressed = clock.now() - timedelta(hours=1)
    serving.call_for_help(assignment.id, actor=li, at=pressed)
    assert safety.call_of(assignment).particulars["happened_at"] == pressed.isoformat(timespec="seconds")
    for strange in (timedelta(days=-900), timedelta(days=900)):
        serving.call_for_help(assignment.id, actor=li, at=clock.now() + strange)
    assert db.session.query(Event).filter_by(kind="assignment.unsafe").count() == 3


def test_the_board_counts_it_first_until_somebody_writes_what_was_done(site, town):
    li, desk = town.volunteer("李晓梅"), town.coordinator()
    row = serving.call_for_help(taken(town.open_order(), li).id, actor=li)
    with site.test_request_context():
        first = alerts.alerts(scope_of(desk), [])[0]
    assert (first.code, first.count, first.tone) == ("safety", 1, "bad")
    page = town.browser(site, desk).get("/desk/follow-ups").text
    assert "志愿者求助：不安全" in page
    following.resolve_follow_up(row.id, "打过电话，人已离开", actor=desk)
    assert rating.open_safety(row.order_id) is None


def test_the_resident_learns_nothing_of_it(site, town):
    resident, li = town.resident(), town.volunteer("李晓梅")
    town.coordinator()
    order = town.open_order(resident)
    serving.call_for_help(taken(order, li).id, actor=li, words="害怕")
    assert rating.follow_ups_of(order.id, resident) == []
    page = town.browser(site, resident).get(f"/orders/{order.id}").text
    assert "害怕" not in page and "不安全" not in page
    assert resident.account_id not in _told()


def test_the_page_takes_the_call_and_tells_what_happens_next(site, town):
    li = town.volunteer("李晓梅")
    town.coordinator()
    assignment = taken(town.open_order(), li)
    browser = town.browser(site, li)
    assert "求助 / 不安全" in browser.get(f"/tasks/{assignment.id}").text
    answer = post(browser, f"/tasks/{assignment.id}/help", words="长" * 999, at="什么时候")
    assert answer.status_code == 303 and answer.headers["Location"].endswith("#called")
    page = browser.get(f"/tasks/{assignment.id}").text
    assert "您的求助已收到" in page and "0571-55550000" in page and 'href="tel:110"' in page


def test_programs_have_the_same_button(site, town):
    li = town.volunteer("李晓梅")
    assignment = taken(town.open_order(), li)
    assert town.program(site, li).post(f"/api/v1/assignments/{assignment.id}/help", json={}).status_code == 200
    assert db.session.query(FollowUp).one().cause == "safety"
