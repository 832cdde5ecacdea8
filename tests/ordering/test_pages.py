"""A resident's own pages: home, the list, the order and what may be done with it."""

import pytest

from app.dispatching import service as dispatching
from app.kernel.clock import now
from app.ordering import service
from app.serving import service as serving
from models import Event, Order, db
from models.kinds import EventKind
from models.states import OrderStatus
from tests.factories import advance, csrf_of
from tests.ordering.wishes import errand, post, wish


@pytest.fixture
def resident(town):
    return town.resident()


@pytest.fixture
def browser(site, town, resident):
    return town.browser(site, resident)


@pytest.fixture
def order(town, resident):
    return service.place(actor=resident, **wish(town))


@pytest.fixture
def staffed(town, order):
    desk, volunteer = town.coordinator(), town.volunteer("欧阳晓梅")
    service.approve(order.id, actor=desk)
    serving.accept(dispatching.offer_by_hand(order.id, volunteer.volunteer_id, actor=desk).id, actor=volunteer)
    return order


def test_home_has_two_large_actions_and_the_current_orders(browser, order):
    page = browser.get("/home").text
    assert "我要帮忙" in page and "我的求助" in page and f'href="/orders/{order.id}"' in page
    assert f"order:{order.id}" in page and 'data-src="/home/orders"' in page
    fragment = browser.get("/home/orders").text
    assert fragment.lstrip().startswith("<section") and 'id="current-orders"' in fragment


def test_home_needs_a_sign_in(site, town):
    assert site.test_client().get("/home").location.startswith("/sign-in")


def test_the_list_tells_unfinished_from_past_orders(town, browser, resident, order):
    gone = service.place(actor=resident, **errand(town))
    service.cancel(gone.id, "不需要了", actor=resident)
    unfinished, past = browser.get("/orders").text, browser.get("/orders?show=past").text
    assert order.number in unfinished and gone.number not in unfinished
    assert gone.number in past and order.number not in past
    assert browser.get("/orders?page=999999999999").status_code == 200
    assert browser.get("/orders?page=x").status_code == 200


def test_before_acceptance_no_name_and_no_code_is_shown(browser, order):
    page = browser.get(f"/orders/{order.id}").text
    assert order.start_code not in page.replace(order.number, "") and "师傅" not in page


def test_after_acceptance_the_surname_the_telephone_and_the_code_are_shown(browser, staffed):
    page = browser.get(f"/orders/{staffed.id}").text
    assert "欧阳师傅" in page and "晓梅" not in page
    assert "tel:" in page and staffed.start_code in page
    card = browser.get(f"/orders/{staffed.id}/card").text
    assert card.count('id="order-card"') == 1 and "<html" not in card


def test_somebody_elses_order_does_not_exist(town, site, order):
    stranger = town.browser(site, town.resident("乙"))
    for path in ("", "/card", "/confirmation", "/amendment"):
        assert stranger.get(f"/orders/{order.id}{path}").status_code == 404
    assert stranger.get("/orders/nothing").status_code == 404


def test_the_desk_is_sent_to_its_own_page(town, site, order):
    reply = town.browser(site, town.coordinator()).get(f"/orders/{order.id}")
    assert reply.location == f"/desk/orders/{order.id}"


def test_cancelling_asks_for_a_reason_and_keeps_what_was_typed(browser, order):
    page = f"/orders/{order.id}"
    reply = post(browser, page, f"{page}/cancellation", words="孩子回来了")
    assert reply.status_code == 422 and 'href="#f-reason"' in reply.text and "孩子回来了" in reply.text
    reply = post(browser, page, f"{page}/cancellation", reason="不需要了", words="孩子回来了")
    assert reply.location == page
    assert (order.status, order.reason) == (OrderStatus.CANCELLED, "不需要了：孩子回来了")
    assert "取消这张单" not in browser.get(page).text


@pytest.mark.parametrize("reason", ["a\0b", "长" * 101, ""])
def test_a_bad_reason_cancels_nothing(browser, order, reason):
    page = f"/orders/{order.id}"
    assert post(browser, page, f"{page}/cancellation", reason=reason).status_code == 422
    assert order.status == OrderStatus.SUBMITTED


def test_cancelling_twice_says_that_things_have_changed(browser, order):
    page = f"/orders/{order.id}"
    token = csrf_of(browser.get(page).text)
    replies = [browser.post(f"{page}/cancellation", data={"csrf_token": token, "reason": "填错了"}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [303, 409]


def test_a_returned_order_is_mended_on_its_own_page(town, browser, order):
    service.send_back(order.id, "请写明医院", actor=town.coordinator())
    page = f"/orders/{order.id}/amendment"
    assert "请写明医院" in browser.get(page).text
    reply = post(browser, page, page, words="市一医院", contact_phone="1", day="")
    assert reply.status_code == 422 and "市一医院" in reply.text and 'href="#f-contact_phone"' in reply.text
    reply = post(browser, page, page, words="市一医院", contact_phone="13800000008", day="tomorrow", part="morning")
    assert reply.location == f"/orders/{order.id}"
    assert (order.status, order.words, order.contact_phone) == (OrderStatus.SUBMITTED, "市一医院", "+8613800000008")
    assert order.window_from > now()


def test_a_resident_can_say_that_nobody_came(browser, staffed):
    page = f"/orders/{staffed.id}"
    assert "还没人来" not in browser.get(page).text
    advance(days=1, minutes=10)
    assert "还没人来" in browser.get(page).text
    assert post(browser, page, f"{page}/question").location == page


def test_addresses_are_added_and_removed(town, browser):
    page = "/me/addresses"
    fields = {"office_id": town.ids["station"], "house": "6 幢 302", "label": "家"}
    reply = post(browser, page, page, **{**fields, "house": ""})
    assert reply.status_code == 422 and 'href="#f-house"' in reply.text
    assert post(browser, page, page, **{**fields, "office_id": town.ids["street"]}).status_code == 422
    assert post(browser, page, page, **fields).location == page
    shown = browser.get(page).text
    assert "湖滨街道青年社区6 幢 302" in shown
    removal = shown.split('action="/me/addresses/')[1].split('"')[0]
    assert post(browser, page, f"/me/addresses/{removal}").location == page
    assert "6 幢 302" not in browser.get(page).text
    assert post(browser, page, f"/me/addresses/{removal}").location == page  # pressed again on an old page
    assert db.session.query(Event).filter_by(kind=EventKind.RESIDENT_AMEND).count() == 2  # added, removed once


def test_somebody_elses_address_cannot_be_removed(town, site, resident):
    saved = service.save_address(actor=resident, office_id=town.ids["station"], address="6 幢 302")
    stranger = town.browser(site, town.resident("乙"))
    assert post(stranger, "/me/addresses", f"/me/addresses/{saved.id}/removal").status_code == 404


def test_every_form_is_closed_without_its_token(browser, order):
    assert browser.post(f"/orders/{order.id}/cancellation", data={"reason": "填错了"}).status_code == 403
    assert db.session.get(Order, order.id).status == OrderStatus.SUBMITTED
