"""The desk's forms: review steps posted from the order's page, and the intake of telephone calls."""

import pytest
from sqlalchemy import func, select

from app.kernel.errors import Invalid
from app.ordering import service
from app.rights.wording import digest
from models import Consent, Order, Resident, db
from models.kinds import Channel, ConsentChannel, Purpose
from models.states import OrderStatus
from tests.factories import csrf_of
from tests.ordering import wishes
from tests.ordering.wishes import free_form, wish


@pytest.fixture
def resident(town):
    return town.resident()


@pytest.fixture
def order(town, resident):
    return service.place(actor=resident, **wish(town))


@pytest.fixture
def desk(site, town):
    return town.browser(site, town.coordinator())


def post(browser, path, **fields):
    return wishes.post(browser, "/desk/intake", path, **fields)


@pytest.mark.parametrize(
    ("noun", "fields", "status"),
    [
        ("approval", {}, OrderStatus.OPEN),
        ("return", {"reason": "请写明医院"}, OrderStatus.RETURNED),
        ("rejection", {"reason": "不属于志愿服务"}, OrderStatus.REJECTED),
        ("cancellation", {"reason": "台风"}, OrderStatus.CANCELLED),
        ("classification", {"item": "bathing"}, OrderStatus.SUBMITTED),
        ("note", {"words": "已核实"}, OrderStatus.SUBMITTED),
    ],
)
def test_each_step_is_taken_and_leads_back_to_the_order(desk, order, noun, fields, status):
    reply = post(desk, f"/desk/orders/{order.id}/{noun}", **fields)
    assert (reply.status_code, reply.location) == (303, f"/desk/orders/{order.id}")
    assert order.status == status


def test_a_merge_names_the_other_order_by_its_number(desk, town, resident, order):
    other = service.place(actor=resident, **wish(town))
    assert post(desk, f"/desk/orders/{order.id}/merge", into=other.number).status_code == 303
    assert order.merged_into_id == other.id


def test_after_a_transfer_the_coordinator_is_sent_to_the_board(desk, town, order):
    reply = post(desk, f"/desk/orders/{order.id}/transfer", office_id=town.ids["far"], reason="住在远山社区")
    assert reply.location == "/board" and order.status == OrderStatus.TRANSFERRED
    there = town.browser(desk.application, town.coordinator(town.ids["far"]))
    assert post(there, f"/desk/orders/{order.id}/reception").status_code == 303
    assert order.status == OrderStatus.SUBMITTED


def test_the_page_named_in_the_form_comes_next_if_it_is_ours(desk, order):
    assert post(desk, f"/desk/orders/{order.id}/note", words="一", _next="/board").location == "/board"
    elsewhere = post(desk, f"/desk/orders/{order.id}/note", words="二", _next="//evil.example")
    assert elsewhere.location == f"/desk/orders/{order.id}"


@pytest.mark.parametrize(
    ("noun", "fields", "field"),
    [
        ("return", {}, "reason"),
        ("return", {"reason": "a\0b"}, "reason"),
        ("rejection", {"reason": "长" * 401}, "reason"),
        ("merge", {"into": "000000000000"}, "into"),
        ("merge", {}, "into"),
        ("transfer", {"office_id": "nothing", "reason": "不归我们"}, "office_id"),
        ("transfer", {"reason": "不归我们"}, "office_id"),
        ("classification", {"item": "nothing"}, "item"),
        ("note", {"words": ""}, "words"),
        ("cancellation", {}, "reason"),
    ],
)
def test_a_wrong_form_comes_back_with_the_field_and_what_was_typed(desk, order, noun, fields, field):
    reply = post(desk, f"/desk/orders/{order.id}/{noun}", **fields)
    assert reply.status_code == 422 and f'href="#f-{field}"' in reply.text and f'id="form-{noun}"' in reply.text
    assert fields.get("reason", "")[:20] in reply.text
    assert order.status == OrderStatus.SUBMITTED


def test_the_steps_are_closed_to_everybody_else(site, town, order, resident):
    stranger = town.browser(site, town.coordinator(town.ids["east"]))
    assert post(stranger, f"/desk/orders/{order.id}/approval").status_code == 404
    own = town.browser(site, resident)
    token = csrf_of(own.get(f"/orders/{order.id}").text)
    assert own.post(f"/desk/orders/{order.id}/approval", data={"csrf_token": token}).status_code == 403


def test_a_step_that_is_no_longer_possible_says_so(desk, order):
    post(desk, f"/desk/orders/{order.id}/approval")
    assert post(desk, f"/desk/orders/{order.id}/approval").status_code == 409


# ---------- intake ----------

CALL = {
    "phone": "13800000007", "name": "李奶奶", "item": "escort", "place": "new", "community": "青年社区",
    "house": "1 幢 101", "day": "tomorrow", "part": "afternoon", "words": "去市一医院", "consent": "on",
}  # fmt: skip


def only_order():
    return db.session.scalars(select(Order)).one()


def test_a_first_call_makes_the_resident_and_opens_the_order(desk, town):
    assert "姓名" in post(desk, "/desk/intake/caller", phone="13800000007").text
    reply = post(desk, "/desk/intake", **CALL)
    order = only_order()
    assert reply.location == f"/desk/intake?done={order.id}" and order.number in desk.get(reply.location).text
    assert (order.status, order.channel, order.contact_name) == (OrderStatus.OPEN, Channel.PHONE, "李奶奶")
    assert order.address == "湖滨街道青年社区1 幢 101" and order.resident.phone == "+8613800000007"


def test_the_second_call_finds_the_caller_and_tells_enough_to_ask_whether_it_is_there(desk, town):
    post(desk, "/desk/intake", **CALL)
    first = only_order()
    page = post(desk, "/desk/intake/caller", phone="138 0000 0007").text
    assert "李**" in page and "湖滨街道青年社区 ***" in page
    assert "李奶奶" not in page and "1 幢 101" not in page
    saved = first.resident.addresses[0]
    call = {"phone": "13800000007", "resident_id": first.resident_id, "place": saved.id, "item": "errand", "day": "now"}
    assert post(desk, "/desk/intake", **call).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Resident)) == 1


def test_a_caller_of_another_district_is_not_shown(desk, town):
    far = town.resident("远山人", office=town.ids["far"])
    phone = db.session.get(Resident, far.resident_id).phone
    assert "远山人" not in post(desk, "/desk/intake/caller", phone=phone.removeprefix("+86")).text
    call = {**CALL, "resident_id": far.resident_id}
    assert post(desk, "/desk/intake", **call).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0


def test_a_new_caller_is_told_what_is_kept_and_agrees_before_anything_is_written_down(desk, town):
    page = post(desk, "/desk/intake/caller", phone="13800000007").text
    assert "已向来电人说明，对方同意" in page and "我同意社区为安排服务使用我的姓名、电话和地址" in page
    silent = {name: value for name, value in CALL.items() if name != "consent"}
    reply = post(desk, "/desk/intake", **silent)
    assert reply.status_code == 422 and 'href="#f-consent"' in reply.text and "去市一医院" in reply.text
    for table in (Order, Resident, Consent):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    db.session.rollback()
    post(desk, "/desk/intake", **CALL)
    given = db.session.scalars(select(Consent)).one()
    assert (given.resident_id, given.account_id) == (only_order().resident_id, None)
    assert (given.purpose, given.channel) == (Purpose.SERVICE, ConsentChannel.PHONE)
    assert given.given_by_id == only_order().requester_id and given.wording_sha256 == digest(Purpose.SERVICE)


def test_whoever_agreed_before_is_not_asked_again(desk, town):
    post(desk, "/desk/intake", **CALL)
    first = only_order()
    page = post(desk, "/desk/intake/caller", phone="13800000007").text
    assert page.count('data-reveal="resident_id="') == 2, "only a relative who never called is asked"
    call = {
        "phone": "13800000007", "resident_id": first.resident_id, "place": first.resident.addresses[0].id,
        "item": "errand", "day": "now",
    }  # fmt: skip
    assert post(desk, "/desk/intake", **call).status_code == 303
    relative = {**CALL, "name": "李爷爷", "resident_id": ""}
    assert post(desk, "/desk/intake", **{**relative, "consent": ""}).status_code == 422
    assert post(desk, "/desk/intake", **relative).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 2


def test_a_caller_entered_before_anybody_asked_is_asked_at_the_next_call(desk, town):
    daughter = town.resident("女儿")
    order = service.place(
        actor=daughter, **wish(town, on_behalf=True, contact_name="李奶奶", contact_phone="+8613800000007")
    )
    page = post(desk, "/desk/intake/caller", phone="13800000007").text
    assert page.count('data-reveal="resident_id="') == 1 and 'name="consent"' in page
    call = {**CALL, "resident_id": order.resident_id, "item": "errand"}
    assert post(desk, "/desk/intake", **{**call, "consent": ""}).status_code == 422
    assert post(desk, "/desk/intake", **call).status_code == 303


def test_a_caller_with_an_account_agreed_when_they_made_it(desk, town, resident):
    phone = db.session.get(Resident, resident.resident_id).phone
    call = {**CALL, "phone": phone.removeprefix("+86"), "resident_id": resident.resident_id, "consent": ""}
    assert post(desk, "/desk/intake", **call).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 0


def test_at_the_counter_it_is_written_down_as_said_there(town):
    told = wish(town, channel=Channel.COUNTER, contact_name="李奶奶", contact_phone="+8613800000001")
    with pytest.raises(Invalid):
        service.place(actor=town.coordinator(), **told)
    service.place(actor=town.coordinator(), consent=True, **told)
    assert db.session.scalars(select(Consent.channel)).one() == ConsentChannel.COUNTER


def test_a_likely_double_is_asked_about_once(desk, town):
    post(desk, "/desk/intake", **CALL)
    again = {**CALL, "resident_id": only_order().resident_id}
    reply = post(desk, "/desk/intake", **again)
    assert reply.status_code == 422 and "相似的单" in reply.text and 'name="despite"' in reply.text
    assert post(desk, "/desk/intake", **again, despite="1").status_code == 303


def test_what_is_not_on_the_menu_becomes_a_free_form_order_that_waits(desk):
    post(desk, "/desk/intake", **{**CALL, "item": "把旧书搬下楼"})
    assert only_order().item_id is None and only_order().status == OrderStatus.SUBMITTED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"item": ""}, "item"),
        ({"phone": "12"}, "phone"),
        ({"name": ""}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"community": "火星社区"}, "community"),
        ({"community": "社区"}, "community"),
        ({"community": "远山社区"}, "community"),
        ({"house": ""}, "house"),
        ({"day": ""}, "day"),
        ({"part": ""}, "part"),
        ({"day": "other", "on": "2020-01-01"}, "on"),
        ({"day": "today", "part": "hour", "at": "08:00"}, "at"),
        ({"words": "说" * 501}, "words"),
        ({"positions": "9" * 5000}, "positions"),
        ({"place": "nothing"}, "place"),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_is_kept(site, town, change, field):
    street = town.browser(site, town.coordinator(town.ids["street"]))
    reply = post(street, "/desk/intake", **{**CALL, **change})
    assert reply.status_code == 422 and f'href="#f-{field}"' in reply.text
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0
    if field not in ("words", "phone"):
        assert "去市一医院" in reply.text


def test_a_wrong_number_is_said_at_the_first_step(desk):
    reply = post(desk, "/desk/intake/caller", phone="abc")
    assert reply.status_code == 422 and 'href="#f-phone"' in reply.text


def test_only_coordinators_take_calls(site, town, resident):
    assert town.browser(site, resident).get("/desk/intake").status_code == 403
    assert town.browser(site, town.supervisor()).get("/desk/intake").status_code == 403


def test_a_free_form_order_is_classified_and_then_approved(desk, town, resident):
    order = service.place(actor=resident, **free_form(town))
    post(desk, f"/desk/orders/{order.id}/classification", item="escort")
    post(desk, f"/desk/orders/{order.id}/approval")
    assert order.status == OrderStatus.OPEN and order.item.code == "escort"
