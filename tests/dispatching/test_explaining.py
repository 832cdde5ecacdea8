"""Why me, why not me, why nobody, what would help: on the pages, and never about anybody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatching import queries, service
from app.kernel.clock import now
from app.serving import service as serving
from models import Order, Volunteer, db
from tests.dispatching.helpers import dispatched, fresh, live, offers, one_at_a_time
from tests.factories import csrf_of


def of(model, key):
    return db.session.get(model, key)


@pytest.fixture
def pair(town):
    """Two volunteers, one nearer; the order is offered to her."""
    near, far = town.volunteer("近处人", north_km=0.3), town.volunteer("远处人", north_km=3)
    one_at_a_time(town)
    order = town.open_order()
    dispatched()
    return near, far, order


def test_whoever_is_asked_reads_on_what_that_rests(site, town, pair):
    near, _far, order = pair
    (offer,) = live(order)
    said = queries.why_offered(offer)
    assert said and "分钟" in said[0]
    page = town.browser(site, near).get(f"/offers/{offer.id}").text
    assert said[0] in page
    assert "远处人" not in page


def test_offers_of_a_day_plan_or_of_forgotten_runs_say_what_they_can(site, town, pair):
    near, _far, order = pair
    (offer,) = live(order)
    offer.run_id = None
    assert queries.why_offered(offer) == []
    db.session.rollback()
    assert town.browser(site, near).get(f"/offers/{offer.id}").status_code == 200


def test_who_was_not_asked_reads_why_and_nothing_about_anybody(site, town, pair):
    near, far, order = pair
    said = queries.why_not_me(fresh(order), of(Volunteer, far.volunteer_id))
    assert said and "有人离得更近" in said[0]
    page = town.browser(site, far).get(f"/volunteer/open/{order.id}/why").text
    assert said[0] in page
    for secret in ("近处人", near.volunteer_id, "青年路", "王奶奶"):
        assert secret not in page
    listed = town.browser(site, far).get("/volunteer/open").text
    assert f"/volunteer/open/{order.id}/why" in listed


def test_rules_that_keep_somebody_away_are_said_in_their_own_words(town, pair):
    _near, _far, order = pair
    stranger = town.volunteer("不会", skills=[])
    assert any("技能" in words for words in queries.why_not_me(fresh(order), of(Volunteer, stranger.volunteer_id)))


def test_who_blocked_whom_is_never_told(site, town):
    from app.kernel.transaction import command
    from models import Block

    resident, volunteer = town.resident(), town.volunteer()

    @command
    def block():
        who = {"resident_id": resident.resident_id, "volunteer_id": volunteer.volunteer_id}
        db.session.add(Block(kind="by_resident", created_at=now(), **who))

    block()
    order = town.open_order(resident)
    dispatched()
    assert queries.why_not_me(fresh(order), of(Volunteer, volunteer.volunteer_id)) == []


def test_orders_that_are_no_business_of_the_reader_are_not_found(site, town):
    order = town.open_order(approve=False)
    assert town.browser(site, town.volunteer()).get(f"/volunteer/open/{order.id}/why").status_code == 404
    assert town.browser(site, town.resident()).get(f"/volunteer/open/{order.id}/why").status_code == 403
    assert town.browser(site, town.resident("别人")).get(f"/orders/{order.id}/help").status_code == 404


def test_once_somebody_comes_there_is_nothing_left_to_look_for(site, town):
    resident = town.resident()
    order = town.open_order(resident)
    serving.claim(order.id, actor=town.volunteer())
    assert town.browser(site, resident).get(f"/orders/{order.id}/help").location == f"/orders/{order.id}"


@pytest.fixture
def stuck(town):
    """An order nobody can come to in its window; half an hour more and somebody could."""
    resident = town.resident()
    starts = now() + timedelta(days=1)
    town.volunteer("忙人", north_km=0.3)
    order = town.open_order(resident, starts=starts, hours=1, sex_wish="female")
    dispatched()
    return resident, order


def test_a_resident_who_waits_reads_one_sentence_and_what_would_help(site, town, stuck):
    resident, order = stuck
    assert fresh(order).unplaced is not None
    browser = town.browser(site, resident)
    page = browser.get(f"/orders/{order.id}").text
    assert "暂时还没有找到合适的志愿者" in page and f"/orders/{order.id}/help" in page
    help_page = browser.get(f"/orders/{order.id}/help").text
    assert "如果不限服务者的性别" in help_page
    assert "0571-55550000" in help_page, "what may not be changed by oneself any more is for the telephone"
    for secret in ("忙人", "名志愿者中"):
        assert secret not in page and secret not in help_page


def test_an_order_that_is_asked_for_needs_no_help(site, town, pair):
    _near, _far, order = pair
    assert queries.helps_for_resident(fresh(order)) == []


def test_the_desk_reads_terms_runner_up_and_margin(site, town, pair):
    _near, _far, order = pair
    actor = town.coordinator()
    found = queries.reasons(fresh(order), actor)
    (asked,) = found.asked
    assert any("代价" in words for words in asked.words) and any("远处人" in words for words in asked.words)
    page = town.browser(site, actor).get(f"/desk/orders/{order.id}/reasons").text
    assert "近处人" in page and "远处人" in page


def test_the_desk_reads_the_counts_and_proven_remedies(site, town, stuck):
    _resident, order = stuck
    actor = town.coordinator()
    found = queries.reasons(fresh(order), actor)
    assert any("性别" in words for words in found.open_words)
    assert any(one.remedy.kind == "drop" for one in found.helps)
    page = town.browser(site, actor).get(f"/desk/orders/{order.id}/reasons").text
    assert "不限定服务者的性别" in page and "怎样能找到人" in page


def test_people_and_orders_elsewhere_have_no_name_for_the_desk(site, town):
    town.volunteer("远方人", office=town.ids["far"], north_km=0.4)
    second = town.volunteer("远方二", office=town.ids["far"], north_km=0.6)
    order = town.open_order()
    dispatched()
    page = town.browser(site, town.coordinator()).get(f"/desk/orders/{order.id}/reasons").text
    assert "别的站点的志愿者" in page
    for secret in ("远方人", "远方二", second.volunteer_id):
        assert secret not in page


def test_only_who_steers_the_order_reads_its_reasons(site, town, pair):
    _near, _far, order = pair
    for actor, status in ((town.coordinator(town.ids["east"]), 404), (town.supervisor(), 403), (town.resident(), 403)):
        assert town.browser(site, actor).get(f"/desk/orders/{order.id}/reasons").status_code == status


def test_a_remedy_of_time_is_applied_with_one_button_and_the_order_finds_somebody(site, town):
    volunteer = town.volunteer(always=False, on_duty=False)
    begins = now() + timedelta(days=1)
    _free_from(volunteer.volunteer_id, begins + timedelta(minutes=30))
    order = town.open_order(starts=begins, hours=1)
    dispatched()
    actor = town.coordinator()
    desk = town.browser(site, actor)
    page = desk.get(f"/desk/orders/{order.id}/reasons").text
    assert f"/desk/orders/{order.id}/extension" in page and 'name="minutes" value="30"' in page
    token = {"csrf_token": csrf_of(page)}
    assert desk.post(f"/desk/orders/{order.id}/extension", data=token | {"minutes": "30"}).status_code == 303
    dispatched()
    assert [offer.volunteer_id for offer in live(order)] == [volunteer.volunteer_id]
    assert desk.post(f"/desk/orders/{order.id}/extension", data=token | {"minutes": "9999"}).status_code == 422


def _free_from(volunteer_id, moment):
    from app.kernel.transaction import command
    from models import AvailabilityException

    @command
    def write():
        db.session.add(
            AvailabilityException(
                volunteer_id=volunteer_id, starts_at=moment, ends_at=moment + timedelta(hours=3), is_available=True
            )
        )

    write()


def test_declining_never_shows_as_a_reason_against_anybody_elsewhere(town, pair):
    near, _far, order = pair
    serving.decline(live(order)[0].id, actor=near)
    assert of(Order, order.id) is not None and offers(order)[0].status == "declined"
    said = queries.why_not_me(fresh(order), of(Volunteer, near.volunteer_id))
    assert all("远处人" not in words for words in said)
    assert service.run_once(cause="test") is not None
